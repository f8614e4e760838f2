"""Several processes on one campaign: each message goes out once, whoever sends it."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator

import asyncpg
import pytest

from portal.settings import Settings
from portal.store import connect, disconnect
from portal.store.connections import is_sqlite, transaction
from portal.store.job_queue import SWEEP, call_for_a_sweep
from portal.store.notices import Notice, NoticeState
from tests.support.campaign import in_state, owed_to, worker
from tests.support.clock import Clock
from tests.support.relay import ScriptedRelay
from tests.support.senders import senders
from tests.support.waiting import until_it_is_true

MEMBERS = 1_000
"""One sender that waits with ten messages has claimed 700 at most: there is something left for the other one."""


@pytest.fixture
async def addresses(settings: Settings) -> AsyncIterator[list[str]]:
    await connect(settings.database)
    yield await owed_to(MEMBERS)
    await disconnect()


async def test_two_senders_at_once_send_no_message_twice(
    addresses: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.hold = True
    async with senders() as made:
        # With PostgreSQL a job is one worker's, so there have to be several; with SQLite both look at the same rows.
        members = MEMBERS if is_sqlite(settings.database) else MEMBERS // 10
        both = [await made.start(settings, relay.port, 10, clock.now, members=members) for _ in range(2)]
        await until_it_is_true(lambda: relay.connected == 20)  # each has jobs, and waits with ten messages
        relay.hold = False
        relay.answer.set()
        assert [await process.wait() for process in both] == [0, 0]
        if await in_state(NoticeState.ACCEPTED) < MEMBERS:  # one may end while the other has claimed what is left
            last = await made.start(settings, relay.port, 10, clock.now)
            assert await last.wait() == 0
    assert await in_state(NoticeState.ACCEPTED) == MEMBERS
    assert Counter(one.recipient for one in relay.received) == Counter(addresses)


@pytest.mark.database("postgresql")
async def test_workers_send_what_a_publication_calls_for_and_end_in_order(
    settings: Settings, relay: ScriptedRelay
) -> None:
    await connect(settings.database)
    both = [await worker(settings, relay.port) for _ in range(2)]
    try:
        await asyncio.sleep(3)  # they are up, have swept, and would look again in a minute
        addresses = await owed_to(MEMBERS)
        async with asyncio.timeout(100):
            while await in_state(NoticeState.ACCEPTED) < MEMBERS:  # noqa: ASYNC110 - another process changes it
                await asyncio.sleep(0.2)
    finally:
        for process in both:
            process.send_signal(signal.SIGTERM)
    assert [await process.wait() for process in both] == [0, 0]
    assert Counter(one.recipient for one in relay.received) == Counter(addresses)
    assert await Notice.filter(owner__not_isnull=True).count() == 0
    await disconnect()


async def called_and_undone() -> None:
    async with transaction() as connection:
        await call_for_a_sweep(connection)
        raise ZeroDivisionError


@pytest.mark.database("postgresql")
async def test_a_publication_that_is_rolled_back_calls_for_nothing(settings: Settings) -> None:
    await connect(settings.database)
    connection = await asyncpg.connect(settings.database)
    try:
        with pytest.raises(ZeroDivisionError):
            await called_and_undone()
        assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 0
        for _ in range(2):
            async with transaction() as own:
                await call_for_a_sweep(own)
        assert await connection.fetch("SELECT entrypoint FROM pgqueuer") == [(SWEEP,)]
    finally:
        await connection.close()
        await disconnect()
