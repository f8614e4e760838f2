"""PostgreSQL goes away in the midst of a campaign: it goes on by itself, nothing is lost, each doubt is on record."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import asyncpg
import pytest

from bench.databases import PostgresqlDatabases
from bench.postgresql import SETTINGS, Cluster, restartable
from portal.cli.machine import postgresql_programs
from portal.jobs import running
from portal.settings import Settings
from portal.store import connect, disconnect
from portal.store.events import Event
from portal.store.notices import Notice, NoticeState, Sending, SendingState
from tests.jobs.conftest import KEYS, Mailing
from tests.support.campaign import in_state, owed_to
from tests.support.clock import Clock
from tests.support.relay import ScriptedRelay

MEMBERS, CONNECTIONS = 600, 20
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"

pytestmark = pytest.mark.database("postgresql")


@pytest.fixture(autouse=True)
def quicker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was cut off is taken for dead, and looks again, after one second instead of five."""
    monkeypatch.setattr("portal.jobs.queue.DEAD_AFTER", timedelta(seconds=1))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One of our own: the others' must not be stopped. What it has committed is safe from a crash of its own."""
    with restartable({**SETTINGS, "synchronous_commit": "on"}) as made:
        yield made


async def copied(original: str, cluster: Cluster) -> str:
    """A copy of the migrated database in that cluster: migrating another one would take ten times as long."""
    url = await asyncio.to_thread(PostgresqlDatabases(cluster.url).make)
    programs = postgresql_programs()
    assert programs is not None
    reading, writing = os.pipe()
    dump = await asyncio.create_subprocess_exec(programs / "pg_dump", original, stdout=writing)
    os.close(writing)
    load = await asyncio.create_subprocess_exec(programs / "psql", "--quiet", url, stdin=reading, stdout=DEVNULL)
    os.close(reading)
    assert [await dump.wait(), await load.wait()] == [0, 0]
    return url


async def nothing_is_left(url: str) -> None:
    """Returns when all was sent, but for what nobody knows of. It looks from outside, and minds no dead server."""
    number = None
    async with asyncio.timeout(60):
        while number != 0:
            await asyncio.sleep(0.1)
            with suppress(OSError, asyncpg.PostgresError):
                own = await asyncpg.connect(url)
                number = await own.fetchval("SELECT count(*) FROM notice WHERE state IN ('queued', 'deferred')")
                await own.close()


async def everything_is_sent_and_each_doubt_on_record(mailing: Mailing, addresses: list[str], breaks: int) -> None:
    doubts = await in_state(NoticeState.SENDING)
    assert doubts <= breaks * CONNECTIONS
    mailing.clock.move(hours=1)  # the leases are over
    assert await mailing.send() == ""
    assert await in_state(NoticeState.ACCEPTED) == MEMBERS
    copies = Counter(one.recipient for one in mailing.relay.received)
    assert sorted(copies) == sorted(addresses)
    assert sum(copies.values()) - MEMBERS <= doubts
    assert await Event.filter(action="notice.unknown").count() == doubts
    assert not await Sending.exclude(state=SendingState.ACCEPTED).exists()
    assert not await Notice.filter(closes_at__isnull=True).exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
async def test_a_campaign_goes_on_by_itself_after_a_restart(
    cluster: Cluster, settings: Settings, clock: Clock, relay: ScriptedRelay, how: signal.Signals
) -> None:
    url = await copied(settings.database, cluster)
    settings = settings.model_copy(update={"database_url": url, "smtp_connections": CONNECTIONS})
    mailing = Mailing(settings, clock, relay)
    await connect(url)
    addresses = await owed_to(MEMBERS)
    async with running(settings, KEYS, clock):
        await relay.has(200)
        cluster.stop(how)
        await asyncio.to_thread(cluster.wait)
        before = len(relay.received)
        assert before < MEMBERS
        cluster.start_again()
        await nothing_is_left(url)
    await everything_is_sent_and_each_doubt_on_record(mailing, addresses, breaks=1)
    await disconnect()


async def test_a_campaign_goes_on_by_itself_when_its_connections_are_cut_off(mailing: Mailing) -> None:
    addresses = await owed_to(MEMBERS)
    mailing.change(smtp_connections=CONNECTIONS)
    own = await asyncpg.connect(mailing.settings.database)
    database = await own.fetchval("SELECT current_database()")
    async with running(mailing.settings, KEYS, mailing.clock):
        for number in (50, 200, 400):
            await mailing.relay.has(number)
            await own.execute(END, database)
        await nothing_is_left(mailing.settings.database)
    await own.close()
    await everything_is_sent_and_each_doubt_on_record(mailing, addresses, breaks=3)
