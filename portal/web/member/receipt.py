"""The receipt of an objection: what was received, what follows, the confirmation by a code, and taking it back."""

from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.code import MOST_CODES, send_another_code
from portal.actions.objection import confirm, confirm_by_code, withdraw
from portal.keys import CODE_DIGITS
from portal.rules.errors import RuleBroken
from portal.rules.objection import Refusal
from portal.store.answers import Confirmation, ConfirmationWay, ObjectedChange, Objection
from portal.store.outcomes import Settlement
from portal.web.clock import at
from portal.web.forms import read
from portal.web.guards import actor
from portal.web.member.answer import answered
from portal.web.member.case import Case
from portal.web.member.changes import told
from portal.web.member.reader import Reader
from portal.web.member.shown import notice_page, opened
from portal.web.render import redirect
from portal.web.text import gettext as _
from portal.web.text import ngettext


class Code(BaseModel):
    """The form that confirms; signed-in members send none."""

    code: str = Field("", max_length=40)


class Withdrawal(BaseModel):
    """`confirmed` is asked for only where the withdrawal cannot be undone."""

    confirmed: bool = False


async def show(request: Request, reader: Reader) -> Response:
    case = await opened(request, reader)
    return await _receipt(request, case, _objection(case, request))


async def confirmation(request: Request, reader: Reader) -> Response:
    """Confirms a closing objection: by the mailed code, or by being signed in."""
    case = await opened(request, reader)
    objection = _objection(case, request)
    form = await read(request, Code)
    code = form.values.code if form.values else ""
    if not code and not reader.signed_in:
        wanted = _("Enter the %(number)s digits of the code we mailed you.", number=CODE_DIGITS)
        return await _receipt(request, case, objection, 422, errors={"code": wanted})
    try:
        await _confirm(request, reader, objection, code)
    except RuleBroken as broken:
        return await _not_confirmed(request, case, objection, broken)
    return redirect(request, _address(reader, objection), _("Your objection is confirmed."))


async def code(request: Request, reader: Reader) -> Response:
    """Mails another code; the older ones stop working."""
    case = await opened(request, reader)
    objection = _objection(case, request)
    try:
        await send_another_code(objection.id, by=actor(request), at=at(request))
    except RuleBroken as broken:
        return await _not_confirmed(request, case, objection, broken)
    request.app.state.jobs.wake()
    told_once = _("We have mailed a new code to %(address)s. Older codes no longer work.", address=case.address)
    return redirect(request, _address(reader, objection), told_once)


async def withdrawal(request: Request, reader: Reader) -> Response:
    """What taking it back would mean."""
    case = await opened(request, reader)
    return await _withdrawal_page(request, case, _objection(case, request))


async def withdraw_it(request: Request, reader: Reader) -> Response:
    """Takes the objection back. Doing it twice leads to the same receipt."""
    case = await opened(request, reader)
    objection = _objection(case, request)
    form = await read(request, Withdrawal)
    agreed = form.values is not None and form.values.confirmed
    if objection.withdrawn_at is None and not case.window.open_or_ahead(case.now) and not agreed:
        errors = {"confirmed": _("Tick the box if you want to take it back for good.")}
        return await _withdrawal_page(request, case, objection, 422, errors=errors)
    try:
        await withdraw(objection.id, way=reader.way, by=actor(request), at=at(request))
    except RuleBroken as broken:
        if broken.code != Refusal.NO_OBJECTION:
            raise
    else:
        request.app.state.jobs.wake()
    return redirect(request, _address(reader, objection))


async def _confirm(request: Request, reader: Reader, objection: Objection, code: str) -> None:
    """A second confirmation finds the first one, whatever code comes with it."""
    if objection.withdrawn_at is None and await Confirmation.exists(objection_id=objection.id):
        return
    by, now = actor(request), at(request)
    if reader.signed_in and not code:
        await confirm(objection.id, way=ConfirmationWay.SIGN_IN, by=by, at=now)
    else:
        await confirm_by_code(objection.id, code, keys=request.app.state.keys, by=by, at=now)


async def _not_confirmed(request: Request, case: Case, objection: Objection, broken: RuleBroken) -> Response:
    """The receipt again, with what was wrong beside the code. What is not about codes goes to its own page."""
    if broken.code == "code_wrong":
        left = int(str(broken.facts.get("tries_left", 0)))
        message = ngettext(
            "That is not the code we mailed. You can try %(num)s more time.",
            "That is not the code we mailed. You can try %(num)s more times.",
            left,
        )
        message = message if left else _("That is not the code we mailed, and it no longer works. Ask for a new code.")
        return await _receipt(request, case, objection, 422, errors={"code": message})
    if broken.code == "code_expired":
        message = _("This code no longer works. Ask for a new one below.")
        return await _receipt(request, case, objection, 422, errors={"code": message})
    if broken.code == "too_often":
        message = _(
            "We have mailed %(number)s codes in one day and mail no more until tomorrow. Your objection keeps its "
            "time.",
            number=MOST_CODES,
        )
        return await _receipt(request, case, objection, 429, errors={"": message})
    if broken.code == Refusal.NO_OBJECTION:
        return redirect(request, _address(case.reader, objection))
    raise broken


async def _receipt(
    request: Request, case: Case, objection: Objection, status: int = 200, *, errors: dict[str, str] | None = None
) -> Response:
    changes = await told(case)
    keys = await _covered(objection)
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
        code_digits=CODE_DIGITS,
        errors=errors or {},
    )


async def _withdrawal_page(
    request: Request, case: Case, objection: Objection, status: int = 200, *, errors: dict[str, str] | None = None
) -> Response:
    if objection.withdrawn_at is not None:
        return redirect(request, _address(case.reader, objection))
    return notice_page(
        request,
        "objection/withdrawal.html",
        case,
        status,
        objection=objection,
        others=len(case.standing.objections) > 1,
        for_good=not case.window.open_or_ahead(case.now),
        errors=errors or {},
    )


def _objection(case: Case, request: Request) -> Objection:
    """The objection that the address names, among those of this member to this version. Else 404."""
    number = request.path_params["number"]
    found = next((objection for objection in case.objections if objection.number == number), None)
    if found is None:
        raise HTTPException(404)
    return found


def _address(reader: Reader, objection: Objection) -> str:
    return f"{reader.base}/objections/{objection.number}"


async def _covered(objection: Objection) -> frozenset[str]:
    links = await ObjectedChange.filter(member_id=objection.member_id, objection_id=objection.id).select_related(
        "change"
    )
    return frozenset(link.change.key for link in links)


async def _confirmed_at(objection: Objection) -> object:
    confirmed = await Confirmation.get_or_none(member_id=objection.member_id, objection_id=objection.id)
    return confirmed.received_at if confirmed else None
