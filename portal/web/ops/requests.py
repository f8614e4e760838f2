"""Requests of members, for ops: the queue by due date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import Response
from tortoise.queryset import QuerySet

from portal.store.requests import MemberRequest
from portal.store.staff import Role
from portal.store.zones import zones_by_member
from portal.web.clock import at
from portal.web.guards import staff
from portal.web.ops.objection_words import due_words
from portal.web.paging import paging
from portal.web.render import page
from portal.web.request_words import due_instant, staff_title
from portal.web.text import gettext as _

SOON = timedelta(days=7)


class Part(StrEnum):
    """A part of the queue."""

    OVERDUE = "overdue"
    SOON = "soon"
    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    label: str
    lead: str
    nothing: str
    count: int
    here: bool


@staff(Role.OPS)
async def index(request: Request) -> Response:
    """The part that `?show=` names, else the most pressing one; the first due on top."""
    now = at(request)
    counts = {part: await part_of(part, now).count() for part in Part}
    asked = request.query_params.get("show", "")
    pressing = next((part for part in Part if counts[part] and part is not Part.DONE), Part.OPEN)
    shown = Part(asked) if asked in list(Part) else pressing
    listed = paging(request.query_params, counts[shown])
    order = ("-ended_at", "-id") if shown is Part.DONE else ("due_at", "id")
    rows = await part_of(shown, now).order_by(*order).offset(listed.first).limit(listed.size).select_related("member")
    zones, tabs = await zones_by_member({row.member_id for row in rows}), _tabs(counts, shown)
    return page(
        request,
        "outcome/requests.html",
        tabs=tabs,
        tab=next(tab for tab in tabs if tab.here),
        done=shown is Part.DONE,
        rows=[_row(row, now, zones.get(row.member_id, [])) for row in rows],
        page=listed.page,
        pages=listed.pages,
        page_base=f"/staff/requests?show={shown}&page=",
    )


def part_of(part: Part, now: datetime) -> QuerySet[MemberRequest]:
    """The requests of a part of the queue; what is overdue or due soon is open, too."""
    waiting = MemberRequest.filter(ended_at__isnull=True)
    return {
        Part.OVERDUE: waiting.filter(due_at__lte=now),
        Part.SOON: waiting.filter(due_at__gt=now, due_at__lte=now + SOON),
        Part.OPEN: waiting,
        Part.DONE: MemberRequest.filter(ended_at__isnull=False),
    }[part]


def _row(row: MemberRequest, now: datetime, zones: Sequence[str]) -> dict[str, object]:
    return {
        "row": row,
        "title": staff_title(row.kind),
        "state": row.state(now),
        "mark": _mark(row, now),
        "due": due_instant(row.due_at, zones),
        "due_words": due_words(row.due_at, now),
    }


def _mark(row: MemberRequest, now: datetime) -> str:
    if not row.open or row.due_at > now + SOON:
        return ""
    return "overdue" if row.due_at <= now else "due"


def _tabs(counts: dict[Part, int], shown: Part) -> list[Tab]:
    words = {
        Part.OVERDUE: (
            _("Overdue"),
            _("These should have been answered. Each day more can be complained about."),
            _("No request waits longer than it may."),
        ),
        Part.SOON: (
            _("Due soon"),
            _("To be answered within the next seven days."),
            _("No request falls due within seven days."),
        ),
        Part.OPEN: (
            _("Open"),
            _(
                "All that is still to be answered, the first due on top. A request is due within 30 days, and never "
                "later than the month that the law gives (GDPR, article 12(3))."
            ),
            _("No member waits for an answer."),
        ),
        Part.DONE: (_("Done"), _("Answered, refused or taken back, the newest first."), _("Nothing yet.")),
    }
    return [
        Tab(str(part), label, lead, nothing, counts[part], part is shown)
        for part, (label, lead, nothing) in words.items()
    ]
