"""How far a version's notices have come, counted and listed by state."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tortoise import connections
from tortoise.expressions import Q, Subquery
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from portal.store.connections import READER
from portal.store.notices import Bounce, Notice, NoticeState, Sending, Sight
from portal.store.statement import for_dialect, stored_instant


class NoticeList(StrEnum):
    """A choice of notices that ops looks at: those of a state, or of several that mean the same to them."""

    NOT_REACHED = "not_reached"
    BOUNCED = "bounced"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DEFERRED = "deferred"
    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    SEEN = "seen"
    POSTED = "posted"
    ALL = "all"


# Of a notice `n` that bounced: no sending of it was kept, and nobody saw it.
UNREACHED = """n.state = 'accepted'
    AND NOT EXISTS (
        SELECT 1 FROM sending s WHERE s.member_id = n.member_id AND s.notice_id = n.id AND s.accepted_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM bounce o WHERE o.member_id = s.member_id AND o.sending_id = s.id))
    AND NOT EXISTS (SELECT 1 FROM sight g WHERE g.member_id = n.member_id AND g.notice_id = n.id)"""
# The joins are written so that SQLite begins with the few bounces or sights; it would begin with a million notices.
# The first counts what `came_back_and_unseen` lists.
CAME_BACK = f"""
SELECT n.version_id AS version_id, count(DISTINCT n.id) AS number
FROM bounce b CROSS JOIN notice n
WHERE n.id = b.notice_id AND n.version_id IN ({{versions}}) AND {UNREACHED}
GROUP BY n.version_id
"""
SEEN = """
SELECT n.version_id AS version_id, count(DISTINCT n.id) AS number
FROM sight g CROSS JOIN notice n WHERE n.id = g.notice_id AND n.version_id IN ({versions}) GROUP BY n.version_id
"""
# The same from the other end, for when the versions' notices are fewer than all sights there ever were. An index of
# sights by notice would help neither: SQLite finds them by member and notice, and PostgreSQL reads both tables anyway.
SEEN_AMONG = """
SELECT n.version_id AS version_id, count(*) AS number
FROM notice n WHERE n.version_id IN ({versions})
    AND EXISTS (SELECT 1 FROM sight g WHERE g.member_id = n.member_id AND g.notice_id = n.id)
GROUP BY n.version_id
"""

CLOSINGS = """
SELECT (SELECT min(n.closes_at) FROM notice n WHERE n.version_id = $1 AND n.state = '{state}') AS first,
    (SELECT max(n.closes_at) FROM notice n WHERE n.version_id = $1 AND n.state = '{state}') AS last,
    EXISTS (SELECT 1 FROM notice n WHERE n.version_id = $1 AND n.state = '{state}' AND n.closes_at IS NULL)
        AS without_end
"""

# What nobody but ops can put right.
STUCK = (NoticeState.REFUSED, NoticeState.FAILED, NoticeState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Progress:
    """The notices of one version, counted; instants in UTC.

    `bounced` are among `accepted`, and not seen since. `seen` may be in any state. `without_end`: the time to object
    of some has no end yet.
    """

    states: Counter[NoticeState] = field(default_factory=Counter)
    bounced: int = 0
    seen: int = 0
    without_end: bool = False
    first_close: datetime | None = None
    last_close: datetime | None = None

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def to_mail(self) -> int:
        return self.total - self.states[NoticeState.POSTED]

    @property
    def tried(self) -> int:
        """Those whose mailing has come to an answer, whatever it was."""
        return sum(self.states[state] for state in (NoticeState.ACCEPTED, *STUCK))

    @property
    def not_reached(self) -> int:
        return self.bounced + sum(self.states[state] for state in STUCK)

    def count(self, chosen: NoticeList) -> int:
        special = {
            NoticeList.ALL: self.total,
            NoticeList.NOT_REACHED: self.not_reached,
            NoticeList.BOUNCED: self.bounced,
            NoticeList.SEEN: self.seen,
            NoticeList.ACCEPTED: self.states[NoticeState.ACCEPTED] - self.bounced,
        }
        return special[chosen] if chosen in special else self.states[NoticeState(chosen)]


async def progress_of(version_ids: Sequence[int]) -> dict[int, Progress]:
    """Version row id -> its progress.

    Quick for a million notices: states are counted in an index, the ends of windows are looked up in it, what came back
    is found from the bounces, of which there are few, and what was seen from the sights or the notices, whichever are
    fewer.
    """
    states: dict[int, Counter[NoticeState]] = defaultdict(Counter)
    mine = Notice.filter(version_id__in=list(version_ids))
    for version_id, state, number in await (
        mine.annotate(number=Count("id")).group_by("version_id", "state").values_list("version_id", "state", "number")
    ):
        states[version_id][NoticeState(state)] = number
    owed = sum(number for counted in states.values() for number in counted.values())
    came_back = await _numbers(CAME_BACK, version_ids)
    seen = await _numbers(SEEN if await _sights_at_most() <= owed else SEEN_AMONG, version_ids)
    return {
        version_id: Progress(
            states[version_id],
            came_back.get(version_id, 0),
            seen.get(version_id, 0),
            *await _closings(version_id, states[version_id]),
        )
        for version_id in version_ids
    }


async def _closings(version_id: int, states: Iterable[NoticeState]) -> tuple[bool, datetime | None, datetime | None]:
    """Whether some window has no end yet, the first end and the last one, for notices in those states: three steps in
    the index for each state."""
    reader = connections.get(READER)
    statement = for_dialect(reader, " UNION ALL ".join(CLOSINGS.format(state=state.value) for state in states))
    rows = await reader.execute_query_dict(statement, [version_id]) if statement else []
    ends = [stored_instant(row[end]) for row in rows for end in ("first", "last") if row[end]]
    return any(row["without_end"] for row in rows), min(ends, default=None), max(ends, default=None)


async def _sights_at_most() -> int:
    """How many sights there are, or a few more: ids may have gaps, and counting would read them all."""
    last = await Sight.all().order_by("-id").first().only("id")
    return last.id if last else 0


async def _numbers(statement: str, version_ids: Sequence[int]) -> dict[int, int]:
    """Version row id -> how many of its notices the statement counts."""
    versions = ", ".join(str(int(version_id)) for version_id in version_ids) or "NULL"
    rows = await connections.get(READER).execute_query_dict(statement.format(versions=versions))
    return {row["version_id"]: row["number"] for row in rows}


def notices_in(version_id: int, chosen: NoticeList) -> QuerySet[Notice]:
    """The version's notices of that choice, in the order of their members."""
    notices = Notice.filter(version_id=version_id)
    if chosen is NoticeList.NOT_REACHED:
        notices = notices.filter(Q(state__in=STUCK) | came_back_and_unseen())
    elif chosen is NoticeList.BOUNCED:
        notices = notices.filter(came_back_and_unseen())
    elif chosen is NoticeList.SEEN:
        notices = notices.filter(seen_at_all())
    elif chosen is NoticeList.ACCEPTED:
        notices = notices.filter(Q(state=NoticeState.ACCEPTED) & ~came_back_and_unseen())
    elif chosen is not NoticeList.ALL:
        notices = notices.filter(state=NoticeState(chosen))
    return notices.order_by("member_id")


def came_back_and_unseen() -> Q:
    """Accepted, then bounced with every sending, and not seen since: the member does not know."""
    # Everything is looked up from the bounces: there are few, and by their members the rest is found by an index.
    members = Subquery(Bounce.all().values("member_id"))
    kept = Sending.filter(member_id__in=members, accepted_at__not_isnull=True, bounces__id=None)
    return Q(
        Q(state=NoticeState.ACCEPTED),
        Q(id__in=Subquery(Bounce.all().values("notice_id"))),
        ~Q(id__in=Subquery(kept.values("notice_id"))),
        ~Q(id__in=Subquery(Sight.filter(member_id__in=members).values("notice_id"))),
    )


def seen_at_all() -> Q:
    """Seen in the account, or told by letter or in person."""
    return Q(id__in=Subquery(Sight.all().values("notice_id")))
