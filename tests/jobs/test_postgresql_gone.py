"""PostgreSQL goes away in the midst of a campaign: it goes on by itself, nothing is lost, each doubt is on record."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
import time

import asyncpg
import pytest

from bench.databases import in_own_loop
from bench.postgresql import SETTINGS, Cluster, restartable
from portal.jobs import running, Jobs
from portal.settings import Settings
from portal.store import connect, disconnect, migrate
from portal.store.events import Event
from portal.store.notices import Notice, NoticeState, Sending
from tests.jobs.conftest import KEYS, Mailing
from tests.support.campaign import in_state, owed_to
from tests.support.clock import Clock
from tests.support.relay import ScriptedRelay

MEMBERS, CONNECTIONS = 1200, 20

pytestmark = pytest.mark.database("postgresql")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One of our own: the others' must not be stopped. What it has committed is safe from a crash of its own."""
    with restartable({**SETTINGS, "synchronous_commit": "on"}) as made:
        in_own_loop(migrate(made.url))
        yield made


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
async def test_a_campaign_goes_on_by_itself_after_a_restart(
    cluster: Cluster, settings: Settings, clock: Clock, relay: ScriptedRelay, how: signal.Signals
) -> None:
    mailing = Mailing(settings.model_copy(update={"database_url": cluster.url, "smtp_connections": CONNECTIONS}), clock, relay)
    await connect(cluster.url)
    addresses = await owed_to(MEMBERS)
    t0 = time.monotonic()
    async with running(mailing.settings, KEYS, clock) as jobs:
        while len(relay.received) < 300:
            await asyncio.sleep(0.005)
        print("stop", time.monotonic() - t0, len(relay.received))
        cluster.stop(how)
        await asyncio.to_thread(cluster.wait)
        print("gone", time.monotonic() - t0, len(relay.received))
        await asyncio.sleep(1)
        cluster.start_again()
        print("again", time.monotonic() - t0, len(relay.received))
        last = 0
        for i in range(100):
            await asyncio.sleep(0.5)
            if len(relay.received) != last:
                last = len(relay.received)
                print(time.monotonic() - t0, len(relay.received))
            if len(relay.received) >= MEMBERS: break
        print("doubts", await in_state(NoticeState.SENDING), await in_state(NoticeState.ACCEPTED), await in_state(NoticeState.QUEUED))
    await disconnect()
    assert 0
