"""The relay is gone for an hour by the clock: nobody is charged for it, and when it is back everything goes out."""

from collections import Counter
from datetime import timedelta

from bench.postgresql import free_port
from portal.jobs import running
from portal.store.events import Event
from portal.store.holds import CampaignHold
from portal.store.notices import Notice, NoticeState, Sending
from tests.jobs.conftest import KEYS, Mailing, states
from tests.support.campaign import in_state, owed_to
from tests.support.relay import CLOSE, HANG_UP, scripted_relay

QUEUED, ACCEPTED = NoticeState.QUEUED, NoticeState.ACCEPTED
MEMBERS, CONNECTIONS = 40, 5
LOOKS = 12
"""In an hour, five minutes apart."""


async def test_nobody_at_its_port(mailing: Mailing) -> None:
    addresses, port = await owed_to(MEMBERS), free_port()
    mailing.change(smtp_port=port)
    async with running(mailing.settings, KEYS, mailing.clock) as jobs:
        for _ in range(LOOKS):
            await jobs.idle()
            assert "Error connecting" in jobs.trouble
            mailing.clock.move(minutes=5)
        assert await states() == [QUEUED] * MEMBERS
        assert not await Sending.exists()
        async with scripted_relay(port=port) as relay:
            await jobs.idle()
            assert jobs.trouble == ""
    assert await states() == [ACCEPTED] * MEMBERS
    assert Counter(one.recipient for one in relay.received) == Counter(addresses)
    assert {sending.attempts for sending in await Sending.all()} == {1}


async def test_it_ends_in_the_midst_of_a_campaign(mailing: Mailing) -> None:
    addresses, relay = await owed_to(MEMBERS), mailing.relay
    relay.script |= {("CONNECT", ""): ["220 hello"] * CONNECTIONS + [CLOSE] * 10_000, ("DOT", "m20@"): [HANG_UP]}
    async with running(mailing.settings, KEYS, mailing.clock) as jobs:
        jobs.wake()
        await relay.has(20)
        relay.script |= {("MAIL", ""): HANG_UP}
        for _ in range(LOOKS):
            await jobs.idle()
            mailing.clock.move(minutes=5)
        assert "Error connecting" in jobs.trouble
        doubts = await in_state(NoticeState.UNKNOWN)
        assert doubts <= CONNECTIONS
        assert await in_state(QUEUED) + await in_state(ACCEPTED) == MEMBERS - doubts
        relay.script.clear()
        await jobs.idle()
        assert jobs.trouble == ""
    assert await states() == [ACCEPTED] * MEMBERS
    copies = Counter(one.recipient for one in relay.received)
    assert sorted(copies) == sorted(addresses)
    assert sum(copies.values()) - MEMBERS <= doubts == await Event.filter(action="notice.unknown").count()


async def test_it_takes_connections_and_breaks_them_off(mailing: Mailing) -> None:
    """Then each message is tried, at growing distances: it may be the message at which the relay breaks."""
    addresses, relay = await owed_to(MEMBERS), mailing.relay
    relay.script["RCPT", ""] = HANG_UP
    async with running(mailing.settings, KEYS, mailing.clock) as jobs:
        began = mailing.clock.now
        for _ in range(LOOKS):
            await jobs.idle()
            mailing.clock.move(minutes=5)
        assert await states() == [NoticeState.DEFERRED] * MEMBERS
        assert not await Notice.filter(next_attempt_at__lt=began + timedelta(minutes=30)).exists()
        assert {sending.attempts for sending in await Sending.all()} <= {4, 5}
        assert not await CampaignHold.exists()
        relay.script.clear()
        mailing.clock.move(hours=4)
        await jobs.idle()
    assert await states() == [ACCEPTED] * MEMBERS
    assert Counter(one.recipient for one in relay.received) == Counter(addresses)
