"""Many rows at a time, where a statement a row would cost more than the work it records."""

import json
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from tortoise.backends.base.client import BaseDBAsyncClient

# SQLite's own count of a table's ids.
RAISE = "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ? RETURNING seq"
FIRST = "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)"

NEXT = """
SELECT array_agg(nextval(pg_get_serial_sequence($1, 'id'))) AS ids FROM generate_series(1, $2::int)
"""
LOCK = """
SELECT count(*) FROM (
    SELECT 1 FROM member WHERE id = ANY($1::text::bigint[]) ORDER BY id FOR NO KEY UPDATE
) AS locked
"""


async def reserve_ids(connection: BaseDBAsyncClient, table: str, count: int) -> list[int]:
    """Ids for rows that are yet to be written, in ascending order; nobody else gets them, whether they are used or not.

    Call it inside of `transaction()`: only there SQLite's own count stands still.
    """
    if connection.capabilities.dialect != "sqlite":
        [row] = await connection.execute_query_dict(NEXT, [table, count])
        return sorted(row["ids"])
    found = await connection.execute_query_dict(RAISE, [count, table])
    if not found:  # the table has had no row yet
        await connection.execute_query(FIRST, [table, count])
        found = [{"seq": count}]
    last = found[0]["seq"]
    return list(range(last - count + 1, last + 1))


def listed(numbers: Iterable[int]) -> str:
    """Numbers as they stand in a statement, between brackets."""
    return ", ".join(str(int(number)) for number in numbers)


def array_of(numbers: Iterable[int]) -> str:
    """Numbers as PostgreSQL's text of an array, for a parameter `$1::text::bigint[]`: asyncpg would ask of each member
    of a list whether it is another list."""
    return f"{{{str(list(numbers))[1:-1]}}}"


def texts_of(values: Iterable[str | datetime | None]) -> str:
    """Texts and instants for PostgreSQL as one text as well, their list in JSON."""
    return json.dumps([_instant(value) if isinstance(value, datetime) else value for value in values])


@lru_cache(maxsize=64)
def _instant(instant: datetime) -> str:
    return instant.isoformat()


async def lock_members(connection: BaseDBAsyncClient, member_ids: Iterable[int]) -> None:
    """Locks several members' rows until the transaction ends, always in the same order (see `locks.py`)."""
    wanted = set(member_ids)
    if wanted and connection.capabilities.dialect != "sqlite":
        await connection.execute_query(LOCK, [array_of(wanted)])
