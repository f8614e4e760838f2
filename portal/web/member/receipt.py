"""The receipt of an objection: what was received, what follows, and the confirmation where it closes the account."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.code import send_another_code
from portal.actions.objection import confirm, confirm_by_code
from portal.rules.errors import RuleBroken
from portal.rules.objection import Refusal
from portal.store.answers import Confirmation, ConfirmationWay, ObjectedChange, Objection
from portal.store.events import Event
from portal.store.outcomes import Settlement
from portal.web.clock import at
from portal.web.forms import read
from portal.web.guards import actor
from portal.web.member.answer import answered
from portal.web.member.case import Case
from portal.web.member.changes import told
from portal.web.member.confirming import Code, Confirming, code_trouble, code_wanted, confirming
from portal.web.member.reader import Reader
from portal.web.member.shown import notice_page, opened
from portal.web.render import redirect
from portal.web.text import gettext as _


async def show(request: Request, reader: Reader) -> Response:
    case = await opened(request, reader)
    return await _receipt(request, case, objection_of(case, request))


async def confirmation(request: Request, reader: Reader) -> Response:
    """Confirms a closing objection: by the mailed code, or by being signed in."""
    case = await opened(request, reader)
    objection = objection_of(case, request)
    form = await read(request, Code)
    code = form.values.code if form.values else ""
    if not code and not reader.signed_in:
        return await _receipt(request, case, objection, 422, errors=code_wanted())
    try:
        await _confirm(request, reader, objection, code)
    except RuleBroken as broken:
        return await _not_confirmed(request, case, objection, broken, code)
    return redirect(request, receipt_address(reader, objection), _("Your objection is confirmed."))


async def code(request: Request, reader: Reader) -> Response:
    """Mails another code; the older ones stop working."""
    case = await opened(request, reader)
    objection = objection_of(case, request)
    try:
        await send_another_code(objection.id, by=actor(request), at=at(request))
    except RuleBroken as broken:
        return await _not_confirmed(request, case, objection, broken)
    request.app.state.jobs.wake()
    told_once = _("We have mailed a new code to %(address)s. Older codes no longer work.", address=case.address)
    return redirect(request, receipt_address(reader, objection), told_once)


async def _confirm(request: Request, reader: Reader, objection: Objection, code: str) -> None:
    """A second confirmation finds the first one, whatever code comes with it."""
    if objection.withdrawn_at is None and await Confirmation.exists(objection_id=objection.id):
        return
    by, now = actor(request), at(request)
    if reader.signed_in and not code:
        await confirm(objection.id, way=ConfirmationWay.SIGN_IN, by=by, at=now)
    else:
        await confirm_by_code(objection.id, code, keys=request.app.state.keys, by=by, at=now)


async def _not_confirmed(
    request: Request, case: Case, objection: Objection, broken: RuleBroken, given: str = ""
) -> Response:
    """The receipt again, with what was wrong beside the code. What is not about codes goes to its own page."""
    if broken.code == Refusal.NO_OBJECTION:
        return redirect(request, receipt_address(case.reader, objection))
    status, errors = code_trouble(broken)
    return await _receipt(request, case, objection, status, given=given, errors=errors)


async def _receipt(
    request: Request,
    case: Case,
    objection: Objection,
    status: int = 200,
    *,
    given: str = "",
    errors: dict[str, str] | None = None,
) -> Response:
    changes = await told(case)
    keys = await covered_keys(objection)
    return notice_page(
        request,
        "objection/receipt.html",
        case,
        status,
        answer=answered(case, objection),
        covered=changes.covered_by(keys),
        names=changes.names,
        confirmed_at=await _confirmed_at(objection),
        settled=await Settlement.exists(member_id=case.reader.member.id, objection_id=objection.id),
        confirming=await _confirming(case, objection),
        **_family(case, objection),
        by_staff=await _ended_by_staff(objection),
        given=given,
        errors=errors or {},
    )


def _family(case: Case, objection: Objection) -> dict[str, Objection | None]:
    """The objections whose place it took, or that took its own."""
    by_id = {one.id: one for one in case.objections}
    return {
        "amends": by_id.get(objection.amends_id or 0),
        "restores": by_id.get(objection.restores_id or 0),
        "amended_by": next((one for one in case.objections if one.amends_id == objection.id), None),
        "restored_as": next((one for one in case.objections if one.restores_id == objection.id), None),
    }


async def _ended_by_staff(objection: Objection) -> bool:
    """Whether it was our staff who took it back: for the member, or because it was not theirs."""
    ended = await Event.get_or_none(id=objection.withdrawn_sequence) if objection.withdrawn_sequence else None
    return ended is not None and ended.actor.startswith("staff:")


async def _confirming(case: Case, objection: Objection) -> Confirming:
    path = f"/objections/{objection.number}"
    return await confirming(case, objection.recorded_at, path, objection_id=objection.id)


def objection_of(case: Case, request: Request) -> Objection:
    """The objection that the address names, among those of this member to this version. Else 404."""
    number = request.path_params["number"]
    found = next((objection for objection in case.objections if objection.number == number), None)
    if found is None:
        raise HTTPException(404)
    return found


def receipt_address(reader: Reader, objection: Objection) -> str:
    return f"{reader.base}/objections/{objection.number}"


async def covered_keys(objection: Objection) -> frozenset[str]:
    """The changes that an objection names."""
    links = await ObjectedChange.filter(member_id=objection.member_id, objection_id=objection.id).select_related(
        "change"
    )
    return frozenset(link.change.key for link in links)


async def _confirmed_at(objection: Objection) -> object:
    confirmed = await Confirmation.get_or_none(member_id=objection.member_id, objection_id=objection.id)
    return confirmed.received_at if confirmed else None
