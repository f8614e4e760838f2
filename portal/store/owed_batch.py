"""What is needed to send notices, for many of them in one read."""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from tortoise import connections

from portal.rules.columns import rows_of
from portal.store.connections import READER
from portal.store.notices import Sending
from portal.store.procedure import Ask, AskMany, Procedure, Reserve
from portal.store.statement import for_dialect, stored_instant
from portal.store.turn_statements import NOT_HELD, TRIED, UNTOUCHED

_LAST = "SELECT l.id FROM {table} l WHERE l.member_id = m.id ORDER BY l.received_at DESC, l.sequence DESC, l.id DESC"
_DUE = """n.next_attempt_at <= {at}::timestamptz AND (n.lease_until IS NULL OR n.lease_until <= {at}::timestamptz)
    AND n.state IN ('queued', 'deferred', 'unknown')"""
"""Of a notice `n`: whether it is due at that instant, and nobody has claimed it. Only what is due has a
`next_attempt_at`: by the index of those, what was sent long ago costs nothing."""

_DUE_OF = f"""
SELECT n.version_id AS version_id, count(*) AS number, min(n.member_id) AS lowest, max(n.member_id) AS highest
FROM notice n WHERE {_DUE.format(at="$1")} AND {NOT_HELD.format(version="n.version_id")}
GROUP BY n.version_id ORDER BY n.version_id
"""
# Whether the version is held is asked once: asked of each notice, PostgreSQL takes it for a condition that leaves none,
# and reads all notices instead of the first ones in their order.
_OWED = f"""
SELECT n.id AS id, n.member_id AS member_id, n.version_id AS version_id, n.closes_at AS closes_at,
    m.language AS language, m.link_epoch AS link_epoch, coalesce(p.name, '') AS name,
    CASE WHEN a.address <> '' THEN a.id END AS address_id, coalesce(a.address, '') AS address,
    {TRIED} AS tried, {UNTOUCHED} AS usual
FROM (
    SELECT n.id, n.member_id, n.version_id, n.closes_at, n.effective_at FROM notice n
    WHERE n.version_id = $1 AND n.member_id >= $2 AND n.member_id <= $3
        AND {_DUE.format(at="$4")} AND {NOT_HELD.format(version="$1")}
    ORDER BY n.member_id LIMIT $5 FOR NO KEY UPDATE OF n SKIP LOCKED
) n JOIN member m ON m.id = n.member_id
    LEFT JOIN profile p ON p.id = ({_LAST.format(table="profile")} LIMIT 1)
    LEFT JOIN address a ON a.id = ({_LAST.format(table="address")} LIMIT 1)
"""
_COLUMNS = (
    "id",
    "member_id",
    "version_id",
    "closes_at",
    "language",
    "link_epoch",
    "name",
    "address_id",
    "address",
    "tried",
    "usual",
)
_MEMBER = itemgetter(_COLUMNS.index("member_id"))
_CLOSES, _TRIED, _USUAL = _COLUMNS.index("closes_at"), _COLUMNS.index("tried"), _COLUMNS.index("usual")
_CLAIM = "UPDATE notice SET owner = $1, lease_until = $2::timestamptz WHERE id IN $3::numbers"


class Due(NamedTuple):
    """How much of a version is due, and the lowest and the highest id of the members whose it is."""

    version_id: int
    number: int
    lowest: int
    highest: int


async def due_of_versions(at: datetime) -> list[Due]:
    """For each version of which something is due at that instant (UTC), by its id."""
    reader = connections.get(READER)
    rows = await reader.execute_query_dict(for_dialect(reader, _DUE_OF), [at])
    return [Due(**row) for row in rows]


class Asked(NamedTuple):
    """That nothing was known beside a notice when it was claimed: in which period of the daybook that was, and until
    when (UTC) the claim lasts (see `noting.py`)."""

    period: int
    until: datetime


class OwedNotice(NamedTuple):
    """A notice, whom it is for and where they are reached now.

    `address_id` is None where there is no address that a mail can go to. `earlier`: the notice's last sending.
    `closes_at` (UTC) of a window that is open already. `reserved`: the id that its sending will have.
    """

    id: int
    member_id: int
    version_id: int
    closes_at: datetime | None
    language: str
    link_epoch: int
    name: str
    address_id: int | None
    address: str
    earlier: Sending | None
    reserved: int
    asked: Asked | None = None


Row = Sequence[Any]
"""Of what was claimed: the values of `_COLUMNS`."""


class Claimed(NamedTuple):
    """What was claimed until when (UTC), in the order of the members' ids, and the ids of the sendings to come."""

    until: datetime
    rows: Sequence[Row] = ()
    reserved: Sequence[int] = ()
    asked: Asked | None = None

    @property
    def ids(self) -> list[int]:
        """Of the notices."""
        return [row[0] for row in self.rows]


def claimed(
    of: tuple[int, int, int], limit: int, owner: str, at: datetime, lease_until: datetime
) -> Procedure[Claimed]:
    """Claims up to `limit` notices that are due, and that nobody else is claiming. `of`: version, first and last
    member. Instants in UTC."""
    rows = yield AskMany(_OWED, _COLUMNS, (*of, at, limit))
    found = Claimed(lease_until, sorted(rows, key=_MEMBER))
    if not rows:
        return found
    yield Ask(_CLAIM, (owner, lease_until, found.ids))
    return found._replace(reserved=(yield Reserve("sending", len(rows))))


async def owed_notices(of: Claimed) -> list[OwedNotice]:
    """The notices that were claimed, each with its last sending, and the id of the next one."""
    tried = [(row[0], row[1]) for row in of.rows if row[_TRIED]]
    notices, members = [notice for notice, _ in tried], [member for _, member in tried]
    sendings = await Sending.filter(member_id__in=members, notice_id__in=notices).order_by("number") if tried else []
    earlier = {row.notice_id: row for row in sendings}
    if not of.rows:
        return []
    columns = list(zip(*of.rows, strict=True))
    usual, ends = columns[_USUAL], columns[_CLOSES]
    asked: list[Asked | None] = [of.asked] * len(usual)
    if tried or not all(usual):
        asked = [of.asked if row[_USUAL] and not row[_TRIED] else None for row in of.rows]
    if any(ends):
        columns[_CLOSES] = tuple(end and stored_instant(end) for end in ends)
    return rows_of(OwedNotice, *columns[:_TRIED], map(earlier.get, columns[0]), of.reserved, asked)
