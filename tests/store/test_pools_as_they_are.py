"""PostgreSQL's connections go back into their pools without being made as new: nothing may have been left in one."""

import pytest
from tortoise import connections

from portal.store.connections import READER, WRITER, transaction
from portal.store.members import Member
from tests.support.sender import sender_of

pytestmark = [pytest.mark.database("postgresql"), pytest.mark.usefixtures("store")]
LEFT = """
SELECT 'setting' AS kind, name FROM pg_settings WHERE source = 'session' AND setting <> reset_val
UNION ALL SELECT 'lock', objid::text FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
UNION ALL SELECT 'channel', pg_listening_channels()
UNION ALL SELECT 'cursor', name FROM pg_cursors WHERE is_holdable
"""


async def left(pool: str) -> list[dict[str, str]]:
    return list(await connections.get(pool).execute_query_dict(LEFT))


async def test_nothing_is_left_in_one_by_what_was_published_sent_and_read() -> None:
    sender = await sender_of("privacy", noting=False)
    begins = await sender.claimed()
    assert len(await sender.begin(begins)) == len(begins) == await Member.all().count()
    assert await left(WRITER) == await left(READER) == []


async def test_what_would_be_left_is_found() -> None:
    async with transaction() as connection:
        await connection.execute_query("SET lock_timeout = '7s'")
        await connection.execute_query("SELECT pg_advisory_lock(7)")
        await connection.execute_query("LISTEN somebody")
    assert sorted(row["kind"] for row in await left(WRITER)) == ["channel", "lock", "setting"]


async def test_an_open_transaction_is_ended() -> None:
    client = connections.get(WRITER)
    async with client.acquire_connection() as connection:
        await connection.execute("BEGIN")
        await connection.execute("CREATE TABLE left_behind (id int)")
    found = await client.execute_query_dict("SELECT to_regclass('left_behind')::text AS found")
    assert found == [{"found": None}]
