"""What is needed to send notices, for many of them in one read."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from portal.store.notices import Sending
from portal.store.procedure import Ask, Procedure, Reserve
from portal.store.turn_statements import TRIED, USUAL

_LAST = "SELECT l.id FROM {table} l WHERE l.member_id = m.id ORDER BY l.received_at DESC, l.sequence DESC, l.id DESC"
_CLAIM = """
UPDATE notice SET owner = $1, lease_until = $2::timestamptz
WHERE id IN $4::numbers AND (lease_until IS NULL OR lease_until <= $3::timestamptz)
    AND state IN ('queued', 'deferred', 'unknown')
RETURNING id
"""
_OWED = f"""
SELECT n.id, n.member_id, n.version_id, n.closes_at, m.language, m.link_epoch, p.name, a.id AS address_id, a.address,
    {TRIED} AS tried, {USUAL} AS usual
FROM notice n JOIN member m ON m.id = n.member_id
    LEFT JOIN profile p ON p.id = ({_LAST.format(table="profile")} LIMIT 1)
    LEFT JOIN address a ON a.id = ({_LAST.format(table="address")} LIMIT 1)
WHERE n.id IN $1::numbers ORDER BY n.member_id
"""


class Asked(NamedTuple):
    """That nothing was known beside a notice when it was claimed: in which period of the daybook that was, and until
    when (UTC) the claim lasts (see `noting.py`)."""

    period: int
    until: datetime


class OwedNotice(NamedTuple):
    """A notice, whom it is for and where they are reached now.

    `address_id` is None where there is no address that a mail can go to. `earlier`: the notice's last sending.
    `closes_at` (UTC) of a window that is open already.
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
    asked: Asked | None = None


Row = Mapping[str, Any]


class Claimed(NamedTuple):
    """What was claimed until when (UTC), in the order of the members' ids, and the ids of the sendings to come."""

    until: datetime
    rows: Sequence[Row] = ()
    reserved: Sequence[int] = ()
    asked: Asked | None = None


def claimed(notice_ids: Sequence[int], owner: str, at: datetime, lease_until: datetime) -> Procedure[Claimed]:
    """Claims those of the notices that nobody has claimed meanwhile. Instants in UTC."""
    found = yield Ask(_CLAIM, (owner, lease_until, at, notice_ids))
    if not found:
        return Claimed(lease_until)
    rows = yield Ask(_OWED, ([row["id"] for row in found],))
    return Claimed(lease_until, rows, (yield Reserve("sending", len(rows))))


async def owed_notices(of: Claimed) -> list[OwedNotice]:
    """The notices that were claimed, each with its last sending."""
    rows = of.rows
    tried = [(row["member_id"], row["id"]) for row in rows if row["tried"]]
    members, notices = [member for member, _ in tried], [notice for _, notice in tried]
    sendings = await Sending.filter(member_id__in=members, notice_id__in=notices).order_by("number") if tried else []
    earlier = {row.notice_id: row for row in sendings}
    return [_owed(row, earlier.get(row["id"]), of.asked) for row in rows]


def _owed(row: Row, earlier: Sending | None, asked: Asked | None) -> OwedNotice:
    address = row["address"] or ""
    return OwedNotice(
        id=row["id"],
        member_id=row["member_id"],
        version_id=row["version_id"],
        closes_at=_instant(row["closes_at"]),
        language=row["language"],
        link_epoch=row["link_epoch"],
        name=row["name"] or "",
        address_id=row["address_id"] if address else None,
        address=address,
        earlier=earlier,
        asked=asked if row["usual"] and earlier is None else None,
    )


def _instant(value: datetime | str | None) -> datetime | None:
    """SQLite gives instants as text."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.astimezone(UTC) if found else None
