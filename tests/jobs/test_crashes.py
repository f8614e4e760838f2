"""Senders that are killed at any moment: nothing is lost, little is sent twice, and all of that is on record."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from portal.settings import Settings
from portal.store import connect, disconnect
from portal.store.connections import transaction
from portal.store.events import Event
from portal.store.notices import Notice, NoticeState, Sending, SendingState
from tests.support.campaign import in_state, owed_to
from tests.support.clock import Clock
from tests.support.relay import ScriptedRelay
from tests.support.senders import Sender, senders

ROUNDS, CONNECTIONS, MEMBERS = 20, 20, 1600


@pytest.fixture
async def addresses(settings: Settings) -> AsyncIterator[list[str]]:
    await connect(settings.database)
    yield await owed_to(MEMBERS)
    await disconnect()


async def arrived(relay: ScriptedRelay, more: int, process: Sender) -> None:
    """Returns when so many messages more have come, or the process has ended."""
    wanted = len(relay.received) + more
    ended = asyncio.create_task(process.wait())
    while len(relay.received) < wanted and not ended.done():
        relay.arrived.clear()
        arrival = asyncio.create_task(relay.arrived.wait())
        await asyncio.wait([ended, arrival], return_when=asyncio.FIRST_COMPLETED)
        arrival.cancel()
    ended.cancel()


async def test_twenty_times_killed_nothing_is_lost_and_each_doubt_is_on_record(
    addresses: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    chance = random.Random(20)
    doubts = 0
    async with senders() as start:
        for _ in range(ROUNDS):
            process = await start.start(settings, relay.port, CONNECTIONS, clock.now)
            await arrived(relay, chance.randint(1, 40), process)
            await asyncio.sleep(chance.random() / 50)
            assert process.returncode is None, "more members are needed, so that each round has something to send"
            process.kill()
            assert await process.wait() == -signal.SIGKILL
            async with transaction():  # whoever writes next carries over what was only noted
                on_the_wire = await in_state(NoticeState.SENDING)
            assert on_the_wire <= CONNECTIONS
            doubts += on_the_wire
            clock.move(hours=1)  # the leases are over
        process = await start.start(settings, relay.port, CONNECTIONS, clock.now)
        assert await process.wait() == 0
    assert await in_state(NoticeState.ACCEPTED) == MEMBERS

    copies = Counter(one.recipient for one in relay.received)
    assert sorted(copies) == sorted(addresses)
    twice = sum(copies.values()) - MEMBERS
    assert twice <= doubts <= ROUNDS * CONNECTIONS
    assert await Event.filter(action="notice.unknown").count() == doubts
    tried = {row.message_id: row.attempts for row in await Sending.all()}
    for message_id, count in Counter(one.message_id for one in relay.received).items():
        assert count <= tried[message_id]  # whoever got a copy twice got it under one Message-ID, and it is counted
    assert not await Sending.exclude(state=SendingState.ACCEPTED).exists()
    assert not await Notice.filter(closes_at__isnull=True).exists()
