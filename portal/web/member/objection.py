"""Objecting: the review page, which says what would follow from exactly this choice, and the filing."""

from urllib.parse import urlencode

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.objection import file_objection
from portal.rules import objection as rules
from portal.rules.errors import RuleBroken
from portal.rules.objection import Refusal
from portal.web.clock import at
from portal.web.forms import read
from portal.web.guards import actor
from portal.web.member.case import Case
from portal.web.member.changes import told
from portal.web.member.consequence import consequence_of
from portal.web.member.notice import nothing_to_do, notice_shown
from portal.web.member.reader import Reader, closed_account, unknown_link
from portal.web.member.shown import OPT_OUT_INSTEAD, notice_page, opened, opt_outs
from portal.web.render import redirect
from portal.web.text import gettext as _

LONGEST_REASON = 2000


class Filing(BaseModel):
    """The form of the review page; no `change` = all that can be objected to."""

    change: list[str] = Field(default_factory=list, max_length=2000)
    reason: str = Field("", max_length=LONGEST_REASON)


async def review(request: Request, reader: Reader) -> Response:
    """`?change=…&answer=object`: what would follow. `answer=keep`: that nothing needs to be done."""
    case = await opened(request, reader)
    if request.query_params.get("answer") == "keep":
        return await nothing_to_do(request, case)
    return await _reviewed(request, case, request.query_params.getlist("change"))


async def file(request: Request, reader: Reader) -> Response:
    """Files the objection. Doing it twice leads to the receipt of the first."""
    form = await read(request, Filing, lists=("change",))
    if form.values is None:
        case = await opened(request, reader)
        errors = _of_form(form.errors)
        return await _reviewed(
            request, case, form.given["change"], reason=str(form.given.get("reason", "")), errors=errors
        )
    try:
        objection = await file_objection(
            reader.member.id,
            reader.version_id,
            form.values.change,
            way=reader.way,
            by=actor(request),
            at=at(request),
            reason=form.values.reason,
        )
    except RuleBroken as broken:
        return await _refused(request, await opened(request, reader), broken.code, form.values.change)
    request.app.state.jobs.wake()
    return redirect(request, f"{reader.base}/objections/{objection.number}")


async def _reviewed(
    request: Request, case: Case, chosen: list[str], *, reason: str = "", errors: dict[str, str] | None = None
) -> Response:
    try:
        filed = rules.file(case.ruled, case.standing, case.now, chosen)
    except RuleBroken as broken:
        return await _refused(request, case, broken.code, chosen, asked=not errors)
    covered = [key for key in case.ruled.objectable if not chosen or key in chosen]
    milder = [key for key in covered if filed.closing and not case.ruled.closes(case.ruled.objectable[key])]
    changes = await told(case)
    return notice_page(
        request,
        "objection/review.html",
        case,
        422 if errors else 200,
        covered=changes.covered_by(frozenset(covered)),
        names=changes.names,
        left_out=len(case.ruled.objectable) - len(covered),
        chosen=chosen,
        back_query=urlencode([("change", key) for key in chosen]),
        consequence=consequence_of(case, filed),
        milder=milder,
        milder_query=urlencode([("change", key) for key in milder]),
        reason=reason,
        errors=errors or {},
    )


async def _refused(request: Request, case: Case, code: str, chosen: list[str], *, asked: bool = False) -> Response:
    """Why not, and what is possible instead. `asked`: nothing was sent yet."""
    if code == Refusal.ALREADY_OBJECTED and case.in_force:
        told_once = _("Your objection is in force already. To change it, take it back and object again.")
        return redirect(request, f"{case.reader.base}/objections/{case.in_force.number}", told_once)
    if code == Refusal.UNKNOWN_CHANGE:
        errors = {"change": _("Choose from the changes of this version.")}
        return await notice_shown(request, case, 422, chosen=chosen, errors=errors)
    if code == Refusal.ACCOUNT_CLOSED:
        return await closed_account(request) if case.reader.signed_in else unknown_link(request)
    return notice_page(
        request,
        "objection/refused.html",
        case,
        200 if asked else 409,
        refusal=code,
        asked=asked,
        opt_outs=opt_outs(case) if code in OPT_OUT_INSTEAD else [],
    )


def _of_form(errors: dict[str, str]) -> dict[str, str]:
    if "reason" in errors:
        errors["reason"] = _("Shorten your reason to %(number)s characters.", number=LONGEST_REASON)
    return errors
