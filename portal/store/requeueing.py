"""Queueing many notices again, in a few statements however many they are."""

from collections.abc import Collection
from datetime import UTC, datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from portal.store.notices import NoticeState
from portal.store.statement import execute, for_dialect

# A refused notice is tried again only where the member gave an address since; the others as they are.
MARK = """
UPDATE notice SET state = 'queued', owner = $2, lease_until = NULL, next_attempt_at = $3::timestamptz
WHERE version_id = $1::bigint AND state IN ({states}) AND (lease_until IS NULL OR lease_until <= $3::timestamptz)
    AND NOT EXISTS (SELECT 1 FROM closure c WHERE c.member_id = notice.member_id)
    AND (state <> 'refused' OR (
        SELECT a.sequence FROM address a WHERE a.member_id = notice.member_id AND a.address <> ''
        ORDER BY a.received_at DESC, a.sequence DESC, a.id DESC LIMIT 1
    ) > (SELECT max(r.sequence) FROM refusal r WHERE r.member_id = notice.member_id AND r.notice_id = notice.id))
"""
# By the index of states those that were marked are found without looking at all of the version's notices.
MARKED = "version_id = $1::bigint AND state = 'queued' AND owner = $2"
NUMBER = f"SELECT count(*) AS number FROM notice WHERE {MARKED}"
TELL = """
INSERT INTO event (action, actor, received_at, recorded_at, member_id, policy_id, version_id, facts)
SELECT $3, $4, $5::timestamptz, $5::timestamptz, n.member_id, $6::bigint, n.version_id,
    jsonb_build_object('notice', n.id)
FROM notice n WHERE n.{marked} ORDER BY n.member_id
"""
FREE = f"UPDATE notice SET owner = NULL WHERE {MARKED}"


async def mark_queued(
    connection: BaseDBAsyncClient, version_id: int, states: Collection[NoticeState], mark: str, at: datetime
) -> int:
    """Queues the version's notices in these states, due at that instant, under a mark of the caller's; gives how many.

    Left out: those that a worker has claimed, those of closed accounts, and the refused ones whose member gave no
    address after the refusal. Call it inside of `transaction()`, and `unmark` at its end.
    """
    wanted = ", ".join(f"'{state}'" for state in sorted(states))
    await execute(connection, MARK.format(states=wanted), [version_id, mark, at.astimezone(UTC)])
    [row] = await connection.execute_query_dict(for_dialect(connection, NUMBER), [version_id, mark])
    return int(row["number"])


async def tell_marked(
    connection: BaseDBAsyncClient, version_id: int, mark: str, *, action: str, actor: str, policy_id: int, at: datetime
) -> None:
    """An event about each marked notice, as `record` writes it."""
    statement = TELL.format(marked=MARKED.replace(" AND ", " AND n."))
    await execute(connection, statement, [version_id, mark, action, actor, at.astimezone(UTC), policy_id])


async def unmark(connection: BaseDBAsyncClient, version_id: int, mark: str) -> None:
    await execute(connection, FREE, [version_id, mark])
