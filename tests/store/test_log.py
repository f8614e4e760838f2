"""What was erased is gone from SQLite's log too, and nobody waits for it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from tortoise import connections

from portal.jobs.aging import LOG_KEPT, LogAging
from portal.store.connections import BUSY_MS, WRITER, transaction
from portal.store.log import empty_log
from portal.store.members import Member
from portal.store.ready import sqlite_file

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
SECRET = "maria-muster"


@pytest.fixture
def logged(store: str) -> Callable[[], bytes]:
    """What stands in the log now."""
    file = sqlite_file(store)
    return file.with_name(f"{file.name}-wal").read_bytes


async def written_and_erased() -> None:
    async with transaction():
        member = await Member.create(external_id=SECRET, language="en", recorded_at=AT)
    async with transaction():
        await member.delete()


async def test_it_is_empty_at_once_where_nobody_reads(store: str) -> None:
    await written_and_erased()
    assert await empty_log()


@pytest.mark.database("sqlite")
async def test_what_was_erased_stands_in_the_log_until_it_is_emptied(logged: Callable[[], bytes]) -> None:
    await written_and_erased()
    assert SECRET.encode() in logged()
    assert await empty_log()
    assert logged() == b""
    [waiting] = await connections.get(WRITER).execute_query_dict("PRAGMA busy_timeout")
    assert waiting == {"timeout": BUSY_MS}


@pytest.mark.database("sqlite")
async def test_who_reads_in_it_is_not_waited_for(logged: Callable[[], bytes], store: str) -> None:
    with closing(sqlite3.connect(sqlite_file(store), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM member").fetchone() == (0,)
        await written_and_erased()
        assert not await empty_log()
        assert SECRET.encode() in logged()
        reader.execute("COMMIT")
        assert await empty_log()
        assert logged() == b""


@pytest.mark.database("sqlite")
async def test_the_sweep_empties_it_once_an_hour(logged: Callable[[], bytes]) -> None:
    sweep = LogAging()
    await sweep(AT)
    await written_and_erased()
    await sweep(AT + LOG_KEPT - timedelta(seconds=1))
    assert SECRET.encode() in logged()
    await sweep(AT + LOG_KEPT)
    assert logged() == b""


@pytest.mark.database("sqlite")
async def test_the_sweep_tries_again_where_somebody_was_reading(logged: Callable[[], bytes], store: str) -> None:
    sweep = LogAging()
    with closing(sqlite3.connect(sqlite_file(store), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM member").fetchone()
        await written_and_erased()
        await sweep(AT)
        assert SECRET.encode() in logged()
    await sweep(AT + timedelta(minutes=1))
    assert logged() == b""
