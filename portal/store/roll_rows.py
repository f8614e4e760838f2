"""The members of a recipient roll, one after the other, with how far their notices have come."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from tortoise import connections

from portal.store.connections import READER
from portal.store.notice_progress import UNREACHED
from portal.store.recipient_roll import RecipientRoll
from portal.store.statement import for_dialect

CHUNK = 2_000
ENDS = """
SELECT min(member_id) AS first, max(member_id) AS last FROM notice WHERE version_id = $1::bigint AND id <= $2::bigint
"""
ROWS = f"""
SELECT n.member_id, m.external_id,
    CASE WHEN EXISTS (SELECT 1 FROM bounce b WHERE b.member_id = n.member_id AND b.notice_id = n.id) AND {UNREACHED}
        THEN 'bounced' ELSE n.state END AS state
FROM notice n JOIN member m ON m.id = n.member_id
WHERE n.version_id = $1::bigint AND n.id <= $2::bigint AND n.member_id > $3::bigint AND n.member_id <= $4::bigint
ORDER BY n.member_id LIMIT $5::bigint
"""


class OnRoll(NamedTuple):
    """`member_id` is the row's id, of which the roll's digest is made; `external_id` is the company's own.

    `state` is a NoticeState, or `bounced`: accepted, come back, and not seen since.
    """

    member_id: int
    external_id: str
    state: str


async def roll_rows(roll: RecipientRoll) -> AsyncIterator[list[OnRoll]]:
    """Everybody on the roll in the order of their row ids, some thousands at a time. States are those of the moment."""
    ends = await _asked(ENDS, roll)
    before, last = (ends[0]["first"] or 0) - 1, ends[0]["last"] or -1
    # Never the whole rest of the roll: without statistics PostgreSQL would sort it for each chunk.
    width = max(1, (last - before) * CHUNK // max(1, roll.members))
    while before < last:
        rows = await _asked(ROWS, roll, before, before + width, CHUNK)
        if rows:
            yield [OnRoll(**row) for row in rows]
        before = rows[-1]["member_id"] if len(rows) == CHUNK else before + width


async def _asked(statement: str, roll: RecipientRoll, *values: int) -> list[dict[str, Any]]:
    connection = connections.get(READER)
    asked = [roll.version_id, roll.last_notice_id, *values]
    rows: list[dict[str, Any]] = await connection.execute_query_dict(for_dialect(connection, statement), asked)
    return rows
