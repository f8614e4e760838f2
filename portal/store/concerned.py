"""Whom a version posted at some instant would concern."""

from dataclasses import dataclass
from datetime import UTC, datetime

from tortoise import connections

from portal.store.connections import READER
from portal.store.statement import for_dialect

COUNT = """
SELECT count(*) AS members,
    coalesce(sum(CASE WHEN (
        SELECT a.address FROM address a WHERE a.member_id = m.member_id
        ORDER BY a.received_at DESC, a.sequence DESC, a.id DESC LIMIT 1
    ) <> '' THEN 1 ELSE 0 END), 0) AS reachable
FROM membership m
WHERE m.policy_id = $1::bigint AND m.joined_at < $2::timestamptz
    AND NOT EXISTS (SELECT 1 FROM closure c WHERE c.member_id = m.member_id AND c.received_at <= $2::timestamptz)
"""


@dataclass(frozen=True, slots=True)
class Concerned:
    """How many members, and how many of them have an address."""

    members: int
    reachable: int


async def concerned(policy_id: int, posted_at: datetime) -> Concerned:
    """The members that a version of the policy, posted at that instant (UTC), would concern."""
    connection = connections.get(READER)
    statement = for_dialect(connection, COUNT)
    [row] = await connection.execute_query_dict(statement, [policy_id, posted_at.astimezone(UTC)])
    return Concerned(int(row["members"]), int(row["reachable"]))
