"""A transaction that cannot be begun leaves nothing behind: no lock, no connection, no memory of a dead one."""

import asyncio
import subprocess
import sys

import asyncpg
import pytest

from portal.store.connections import transaction
from portal.store.policies import Purpose

TRIES = 8
"""More than the pool has connections."""
CUT = """
import asyncio, asyncpg, sys
async def cut():
    own = await asyncpg.connect(sys.argv[1])
    await own.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()")
asyncio.run(cut())
"""


async def write(key: str) -> None:
    async with asyncio.timeout(20), transaction():
        await Purpose.create(key=key, title=key, about="")


@pytest.mark.database("postgresql")
async def test_connections_that_died_unnoticed_hinder_one_transaction_each_and_no_later_one(store: str) -> None:
    for number in range(TRIES):
        await write(f"before{number}")
        # While another process cuts it off this one looks at nothing, so that the pool takes it for alive.
        subprocess.run([sys.executable, "-c", CUT, store], check=True)  # noqa: ASYNC221 - that it blocks is the point
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await write(f"cut{number}")
        await write(f"after{number}")
        assert await Purpose.exists(key=f"after{number}")
    assert await Purpose.all().count() == 2 * TRIES


async def test_whoever_is_cancelled_while_beginning_keeps_nobody_waiting(store: str) -> None:
    for turns in range(12):
        for number in range(TRIES):
            one = asyncio.create_task(write(f"cancelled{turns}{number}"))
            for _ in range(turns):
                await asyncio.sleep(0)
            one.cancel()
            await asyncio.gather(one, return_exceptions=True)
            await write(f"after{turns}-{number}")
    assert await Purpose.filter(key__startswith="after").count() == 12 * TRIES


async def test_a_savepoint_that_is_cancelled_leaves_the_transaction_around_it(store: str) -> None:
    async with transaction():
        await Purpose.create(key="before", title="before", about="")
        for turns in range(6):
            one = asyncio.create_task(write(f"inside{turns}"))
            for _ in range(turns):
                await asyncio.sleep(0)
            one.cancel()
            await asyncio.gather(one, return_exceptions=True)
    await write("after")
    assert {"before", "after"} <= set(await Purpose.all().values_list("key", flat=True))


async def test_outside_of_a_transaction_nothing_is_written(store: str) -> None:
    for writes in (Purpose.create(key="k", title="k", about=""), Purpose.filter(key="k").update(title="other")):
        with pytest.raises(RuntimeError, match="Purpose is written outside of transaction"):
            await writes
    assert not await Purpose.all().exists()
