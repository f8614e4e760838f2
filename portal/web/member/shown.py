"""What the pages of a notice have in common: the context of their templates."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.rules.objection import OPT_OUT_INSTEAD
from portal.rules.policy import Treatment
from portal.web.clock import at
from portal.web.dates import tell_time_in
from portal.web.member.case import Case, case_of
from portal.web.member.deadline import deadline_of
from portal.web.member.reader import Reader
from portal.web.render import page


async def opened(request: Request, reader: Reader) -> Case:
    """The reader's case; from here on instants are told in the zone its days are counted in."""
    case = await case_of(reader, at(request))
    tell_time_in(case.zone)
    return case


def notice_page(request: Request, template: str, case: Case, status: int = 200, **context: Any) -> Response:
    """A page about a notice; gives its template `case`, `base`, `deadline` and `errors` besides what is named."""
    usual = {"case": case, "base": case.reader.base, "deadline": deadline_of(case), "errors": {}}
    return page(request, template, status, **(usual | context))


@dataclass(frozen=True, slots=True)
class OptOuts:
    """`purposes`: (purpose, title, about, opted out). `others`: the version touches purposes, but none of these."""

    purposes: list[tuple[str, str, str, bool]]
    others: bool


def opt_outs(case: Case, refusal: str | None) -> OptOuts:
    """What the member may stop: of this policy what the version touches, else all.

    Where nothing of this policy can be stopped and the refusal leaves nothing but an opt-out, what other policies of
    theirs name.
    """
    treatments, kinds = case.ruled.treatments, list(Treatment)
    ours = {purpose for purpose, treatment in treatments.items() if treatment is not Treatment.INSEPARABLE}
    mine = case.stoppable & ours
    if not mine and refusal in OPT_OUT_INSTEAD:
        mine = case.stoppable
    touched = mine & case.ruled.touched
    offered = sorted(touched or mine, key=lambda p: (kinds.index(treatments[p]) if p in ours else 0, case.title_of(p)))
    return OptOuts([_offered(case, purpose) for purpose in offered], bool(case.ruled.touched) and not touched)


def _offered(case: Case, purpose: str) -> tuple[str, str, str, bool]:
    named = case.purposes.get(purpose)
    return purpose, case.title_of(purpose), named.about if named else "", purpose in case.standing.opted_out
