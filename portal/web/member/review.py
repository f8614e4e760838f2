"""The review page: what would follow from exactly this choice, before the button; and why an answer is refused."""

from dataclasses import dataclass
from urllib.parse import urlencode

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.amendment import without
from portal.rules import objection as rules
from portal.rules.errors import RuleBroken
from portal.rules.objection import OPT_OUT_INSTEAD, Refusal
from portal.store.answers import Objection
from portal.web.member.case import Case
from portal.web.member.changes import told
from portal.web.member.consequence import consequence_of
from portal.web.member.notice import notice_shown
from portal.web.member.reader import closed_account, unknown_link
from portal.web.member.shown import notice_page, opt_outs
from portal.web.render import redirect
from portal.web.text import gettext as _

LONGEST_REASON = 2000


class Filing(BaseModel):
    """The form of the review page; no `change` = all that can be objected to."""

    change: list[str] = Field(default_factory=list, max_length=2000)
    reason: str = Field("", max_length=LONGEST_REASON)


@dataclass(frozen=True, slots=True)
class Review:
    """A choice to be looked at. `amends`: the objection whose place it would take."""

    chosen: list[str]
    reason: str = ""
    amends: Objection | None = None


async def reviewed(request: Request, case: Case, review: Review, errors: dict[str, str] | None = None) -> Response:
    """The review page; where the choice is refused, why."""
    standing = without(case.ruled, case.standing) if review.amends else case.standing
    try:
        filed = rules.file(case.ruled, standing, case.now, review.chosen)
    except RuleBroken as broken:
        return await refused(request, case, broken.code, review, asked=not errors)
    covered = [key for key in case.ruled.objectable if not review.chosen or key in review.chosen]
    milder = [key for key in covered if filed.closing and not case.ruled.closes(case.ruled.objectable[key])]
    changes = await told(case)
    address, shown = _addresses(case, review)
    return notice_page(
        request,
        "objection/review.html",
        case,
        422 if errors else 200,
        covered=changes.covered_by(frozenset(covered)),
        names=changes.names,
        left_out=len(case.ruled.objectable) - len(covered),
        chosen=review.chosen,
        amends=review.amends,
        action=address,
        back=f"{shown}{'?' if review.chosen else ''}{_query(review.chosen)}#choice",
        milder=milder,
        milder_href=f"{_review_address(case, review)}?{_query(milder)}",
        consequence=consequence_of(case, filed),
        reason=review.reason,
        errors=errors or {},
    )


async def refused(request: Request, case: Case, code: str, review: Review, *, asked: bool = False) -> Response:
    """Why not, and what is possible instead. `asked`: nothing was sent yet."""
    if code == Refusal.ALREADY_OBJECTED and case.in_force:
        told_once = _("Your objection is in force already. You can change it, or take it back.")
        return redirect(request, f"{case.reader.base}/objections/{case.in_force.number}", told_once)
    if code == Refusal.UNKNOWN_CHANGE:
        errors = {"change": _("Choose from the changes of this version.")}
        return await notice_shown(request, case, 422, chosen=review.chosen, errors=errors)
    if code == Refusal.ACCOUNT_CLOSED:
        return await closed_account(request) if case.reader.signed_in else unknown_link(request)
    return notice_page(
        request,
        "objection/refused.html",
        case,
        200 if asked else 409,
        refusal=code,
        asked=asked,
        stands=review.amends,
        reason=review.reason,
        opt_outs=opt_outs(case, code) if code in OPT_OUT_INSTEAD else None,
    )


def of_form(errors: dict[str, str]) -> dict[str, str]:
    """The errors of a `Filing`, in words that say what to do."""
    if "reason" in errors:
        errors["reason"] = _("Shorten your reason to %(number)s characters.", number=LONGEST_REASON)
    return errors


def _addresses(case: Case, review: Review) -> tuple[str, str]:
    """Where the button leads, and the page on which the choice was made."""
    if review.amends is None:
        return f"{case.reader.base}/objections", case.reader.base
    address = f"{case.reader.base}/objections/{review.amends.number}/amendment"
    return address, address


def _review_address(case: Case, review: Review) -> str:
    if review.amends is None:
        return f"{case.reader.base}/objection"
    return f"{case.reader.base}/objections/{review.amends.number}/amendment/review"


def _query(keys: list[str]) -> str:
    return urlencode([("change", key) for key in keys])
