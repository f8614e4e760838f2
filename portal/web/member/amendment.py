"""Changing an objection: other changes are chosen, what would follow is read, and both halves happen or neither."""

from starlette.requests import Request
from starlette.responses import Response

from portal.actions.amendment import amend_objection, without
from portal.rules import objection as rules
from portal.rules.errors import RuleBroken
from portal.rules.objection import Refusal
from portal.store.answers import Objection
from portal.web.clock import at
from portal.web.forms import read
from portal.web.guards import actor
from portal.web.member.case import Case
from portal.web.member.changes import told
from portal.web.member.notice import options_of
from portal.web.member.reader import Reader
from portal.web.member.receipt import covered_keys, objection_of, receipt_address
from portal.web.member.review import Filing, Review, of_form, refused, reviewed
from portal.web.member.shown import notice_page, opened
from portal.web.render import redirect
from portal.web.text import gettext as _


async def show(request: Request, reader: Reader) -> Response:
    """The choice, with what is objected to now ticked; `?change=…` ticks others, for those who come back."""
    case = await opened(request, reader)
    objection = objection_of(case, request)
    chosen = request.query_params.getlist("change") or sorted(await covered_keys(objection))
    return await _asked(request, case, objection) or await _choice(request, case, objection, chosen)


async def review(request: Request, reader: Reader) -> Response:
    """`?change=…`: what would follow from changing to this."""
    case = await opened(request, reader)
    objection = objection_of(case, request)
    chosen = request.query_params.getlist("change")
    shown = await _asked(request, case, objection)
    if shown is not None:
        return shown
    errors = await _errors_of(objection, chosen)
    if errors:
        return await _choice(request, case, objection, chosen, errors)
    return await reviewed(request, case, Review(chosen, amends=objection))


async def amend(request: Request, reader: Reader) -> Response:
    """Does it. Doing it twice leads to the receipt of the first."""
    case = await opened(request, reader)
    objection = objection_of(case, request)
    form = await read(request, Filing, lists=("change",))
    given = Review(form.given["change"], str(form.given.get("reason", "")), amends=objection)
    if form.values is None:
        return await reviewed(request, case, given, of_form(form.errors))
    if not form.values.change:
        return await _choice(request, case, objection, [], await _errors_of(objection, []))
    try:
        amended = await amend_objection(
            objection.id,
            form.values.change,
            way=reader.way,
            by=actor(request),
            at=at(request),
            reason=form.values.reason,
        )
    except RuleBroken as broken:
        return await _not_amended(request, await opened(request, reader), objection, broken, given)
    request.app.state.jobs.wake()
    return redirect(request, receipt_address(reader, amended))


async def _asked(request: Request, case: Case, objection: Objection) -> Response | None:
    """Where it cannot be changed any more: why, or its receipt."""
    if objection.withdrawn_at is not None:
        return redirect(request, receipt_address(case.reader, objection))
    try:
        rules.may_object(case.ruled, without(case.ruled, case.standing), case.now)
    except RuleBroken as broken:
        return await refused(request, case, broken.code, Review([], amends=objection), asked=True)
    return None


async def _not_amended(
    request: Request, case: Case, objection: Objection, broken: RuleBroken, given: Review
) -> Response:
    if broken.code == Refusal.NO_OBJECTION:
        return redirect(request, receipt_address(case.reader, case.in_force or objection))
    if broken.code == "nothing_amended":
        return await _choice(request, case, objection, given.chosen, _nothing_amended())
    return await refused(request, case, broken.code, given)


async def _errors_of(objection: Objection, chosen: list[str]) -> dict[str, str]:
    if not chosen:
        return {"change": _("Tick at least one change. To object to none, take the objection back.")}
    return _nothing_amended() if frozenset(chosen) == await covered_keys(objection) else {}


def _nothing_amended() -> dict[str, str]:
    return {"change": _("These are the changes you object to already. Tick others, or leave it as it is.")}


async def _choice(
    request: Request, case: Case, objection: Objection, chosen: list[str], errors: dict[str, str] | None = None
) -> Response:
    changes = await told(case)
    return notice_page(
        request,
        "objection/amendment.html",
        case,
        422 if errors else 200,
        objection=objection,
        options=options_of(case, changes),
        chosen=chosen,
        errors=errors or {},
    )
