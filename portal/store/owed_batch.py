"""What is needed to send notices, for many of them in one read."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tortoise import connections

from portal.store.bulk import listed
from portal.store.connections import READER
from portal.store.notices import Sending

_LAST = "SELECT l.id FROM {table} l WHERE l.member_id = m.id ORDER BY l.received_at DESC, l.sequence DESC, l.id DESC"
_OWED = f"""
SELECT n.id, n.member_id, n.version_id, n.closes_at, m.language, m.link_epoch, p.name, a.id AS address_id, a.address,
    EXISTS (SELECT 1 FROM sending s WHERE s.member_id = n.member_id AND s.notice_id = n.id) AS tried
FROM notice n JOIN member m ON m.id = n.member_id
    LEFT JOIN profile p ON p.id = ({_LAST.format(table="profile")} LIMIT 1)
    LEFT JOIN address a ON a.id = ({_LAST.format(table="address")} LIMIT 1)
WHERE n.id IN ({{ids}}) ORDER BY n.member_id
"""


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


async def owed_notices(notice_ids: Sequence[int]) -> list[OwedNotice]:
    """The notices of these ids, in the order of their members' ids."""
    if not notice_ids:
        return []
    _number, rows = await connections.get(READER).execute_query(_OWED.format(ids=listed(notice_ids)))
    tried = [(row["member_id"], row["id"]) for row in rows if row["tried"]]
    members, notices = [member for member, _ in tried], [notice for _, notice in tried]
    sendings = await Sending.filter(member_id__in=members, notice_id__in=notices).order_by("number") if tried else []
    earlier = {row.notice_id: row for row in sendings}
    return [_owed(row, earlier.get(row["id"])) for row in rows]


def _owed(row: Mapping[str, Any], earlier: Sending | None) -> OwedNotice:
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
    )


def _instant(value: datetime | str | None) -> datetime | None:
    """SQLite gives instants as text."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.astimezone(UTC) if found else None
