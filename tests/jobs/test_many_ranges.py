"""A campaign of many ranges: as one comes to its end, the next ones use its connections, all of them."""

import pytest

from portal.jobs import running, sweeping
from portal.store.notices import NoticeState
from tests.jobs.conftest import KEYS, Mailing, states
from tests.support.campaign import owed_to

A_RANGE, RANGES, CONNECTIONS = 60, 4, 6


async def test_the_last_messages_use_all_connections(mailing: Mailing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "RANGE", A_RANGE)
    await owed_to(A_RANGE * RANGES)
    relay = mailing.relay
    mailing.change(smtp_connections=CONNECTIONS)
    async with running(mailing.settings, KEYS, mailing.clock) as jobs:
        jobs.wake()
        await relay.has(A_RANGE * RANGES - 4 * CONNECTIONS)
        relay.hold = True
        await relay.has(len(relay.received) + CONNECTIONS)  # one more on each, of which none is answered
        relay.answer.set()
        await jobs.idle()
    assert await states() == [NoticeState.ACCEPTED] * A_RANGE * RANGES
    assert relay.connections == CONNECTIONS


async def test_a_slow_last_answer_keeps_one_connection_and_not_those_of_its_whole_range(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "RANGE", A_RANGE)
    await owed_to(A_RANGE * RANGES, lambda number: "slow.example.org" if number == A_RANGE - 1 else "example.org")
    relay = mailing.relay
    relay.hold, relay.hold_for = True, "@slow"
    mailing.change(smtp_connections=CONNECTIONS)
    async with running(mailing.settings, KEYS, mailing.clock) as jobs:
        jobs.wake()
        await relay.has(A_RANGE * RANGES)  # all of them, while one is still waited for
        relay.answer.set()
        await jobs.idle()
    assert await states() == [NoticeState.ACCEPTED] * A_RANGE * RANGES
