"""Many rows at a time, where a statement a row would cost more than the work it records."""

from collections.abc import Iterable

from tortoise.backends.base.client import BaseDBAsyncClient

# SQLite's own count of a table's ids.
RAISE = "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ? RETURNING seq"
FIRST = "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)"


async def reserve_ids(connection: BaseDBAsyncClient, table: str, count: int) -> list[int]:
    """Ids for rows that are yet to be written, in ascending order; nobody else gets them, whether they are used or not.

    Call it inside of `transaction()`: only there SQLite's own count stands still.
    """
    if connection.capabilities.dialect != "sqlite":
        found = await connection.execute_query_dict(
            "SELECT nextval(pg_get_serial_sequence($1, 'id')) AS id FROM generate_series(1, $2::int)", [table, count]
        )
        return [row["id"] for row in found]
    found = await connection.execute_query_dict(RAISE, [count, table])
    if not found:  # the table has had no row yet
        await connection.execute_query(FIRST, [table, count])
        found = [{"seq": count}]
    last = found[0]["seq"]
    return list(range(last - count + 1, last + 1))


def listed(numbers: Iterable[int]) -> str:
    """Numbers as they stand in a statement, between brackets."""
    return ", ".join(str(int(number)) for number in numbers)


async def lock_members(connection: BaseDBAsyncClient, member_ids: Iterable[int]) -> None:
    """Locks several members' rows until the transaction ends, always in the same order (see `locks.py`)."""
    wanted = listed(sorted(set(member_ids)))
    if wanted and connection.capabilities.dialect != "sqlite":
        await connection.execute_query(f"SELECT id FROM member WHERE id IN ({wanted}) ORDER BY id FOR NO KEY UPDATE")
