"""What the pages of a notice have in common: the context of their templates."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.rules.objection import Refusal
from portal.rules.policy import Treatment
from portal.web.clock import at
from portal.web.dates import tell_time_in
from portal.web.member.case import Case, case_of
from portal.web.member.deadline import deadline_of
from portal.web.member.reader import Reader
from portal.web.render import page

# Where these keep a member from objecting, the opt-out is what is left to offer.
OPT_OUT_INSTEAD = (Refusal.LATE, Refusal.NO_OBJECTION_RIGHT, Refusal.NOTHING_TO_OBJECT_TO)


async def opened(request: Request, reader: Reader) -> Case:
    """The reader's case; from here on instants are told in the zone its days are counted in."""
    case = await case_of(reader, at(request))
    tell_time_in(case.zone)
    return case


def notice_page(request: Request, template: str, case: Case, status: int = 200, **context: Any) -> Response:
    """A page about a notice; gives its template `case`, `base`, `deadline` and `errors` besides what is named."""
    usual = {"case": case, "base": case.reader.base, "deadline": deadline_of(case), "errors": {}}
    return page(request, template, status, **(usual | context))


def opt_outs(case: Case) -> list[tuple[str, str, str, bool]]:
    """(purpose, title, about, opted out) of what the member may stop: what the version touches, else all."""
    ours = [purpose for purpose, treatment in case.ruled.treatments.items() if treatment is not Treatment.INSEPARABLE]
    kinds = list(Treatment)
    mine = sorted(case.stoppable & set(ours), key=lambda p: (kinds.index(case.ruled.treatments[p]), case.title_of(p)))
    touched = [purpose for purpose in mine if purpose in case.ruled.touched]
    return [
        (p, case.title_of(p), case.purposes[p].about if p in case.purposes else "", p in case.standing.opted_out)
        for p in touched or mine
    ]
