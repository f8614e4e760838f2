"""The rows of the picture: time from today at the top down to the day of joining, what happened put together by day.

A row ends where an answer changes, so that the picture can draw a line there. Rows are as far apart as their words
need, not as time is: years without news would be empty paper.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal.web.dates import date_alone
from portal.web.terms.happened import Happened
from portal.web.terms.known import PolicyTerms
from portal.web.text import gettext as _

_NEXT = timedelta(microseconds=1)


@dataclass(slots=True)
class Row:
    """Things that happened on one day. `at`: the earliest; `title`: the day; `kind`: ahead, today or past.

    Where `parts` is set, data collected up to `at` has another answer than what came later.
    """

    at: datetime
    title: str
    kind: str
    entries: list[Happened] = field(default_factory=list)
    parts: bool = False


def rows_of(terms: PolicyTerms, story: Sequence[Happened]) -> list[Row]:
    """From what is still ahead, over today, down to joining."""
    ahead = [one for one in story if one.at > terms.now]
    past = [one for one in story if one.at <= terms.now]
    today = Row(terms.now, _("Today, %(day)s", day=date_alone(terms.now, terms.zone)), "today")
    return [*reversed(_grouped(ahead, set(), terms, "ahead")), today, *reversed(_past(past, terms))]


def _past(story: Sequence[Happened], terms: PolicyTerms) -> list[Row]:
    edges = {edge for edge in (*edges_of(terms), terms.membership.joined_at) if edge <= terms.now}
    # Each edge is an instant at which something happened; should one not be, it still gets its row.
    missing = [Happened(edge, "none", "") for edge in edges - {one.at for one in story}]
    rows = _grouped(sorted([*story, *missing], key=lambda one: one.at), edges, terms, "past")
    for row in rows:
        row.parts = row.at in edges and row.at != terms.membership.joined_at
    return rows


def edges_of(terms: PolicyTerms) -> Iterator[datetime]:
    """The last instants of collection before an answer changes, in any lane."""
    for lane in terms.lanes:
        for line in lane.lines[1:]:
            yield line.since - _NEXT


def _grouped(story: Sequence[Happened], edges: set[datetime], terms: PolicyTerms, kind: str) -> list[Row]:
    """Neighbours of one local day share a row, unless one of them is an edge."""
    rows: list[Row] = []
    for one in story:
        if rows and _fits(rows[-1], one, edges, terms.zone):
            rows[-1].entries.append(one)
        else:
            title = date_alone(one.at, terms.zone)
            rows.append(Row(one.at, title, kind, [one]))
    for row in rows:
        row.entries = [one for one in row.entries if one.text]
    return rows


def _fits(row: Row, one: Happened, edges: set[datetime], zone: str) -> bool:
    if one.at == row.at:
        return True
    same_day = _day(row.at, zone) == _day(one.at, zone)
    return same_day and row.at not in edges and one.at not in edges


def _day(at: datetime, zone: str) -> object:
    return at.astimezone(ZoneInfo(zone)).date()
