"""The database's disk is full: nothing is sent that cannot be recorded, it is said, and it goes on by itself."""

from collections import Counter

import pytest
from structlog.testing import capture_logs

from portal.actions.session import request_sign_in
from portal.jobs import Jobs, running
from portal.store.events import Event
from portal.store.notices import NoticeState, Sending
from portal.store.outage import Outage
from portal.store.outbox import OutgoingMail
from tests.jobs.conftest import KEYS, Mailing
from tests.support.campaign import in_state, owed_to
from tests.support.disk import Disk
from tests.support.waiting import until_it_is_true

MEMBERS = 200


@pytest.fixture
async def disk(mailing: Mailing) -> Disk:
    found = Disk(mailing.settings.database)
    await found.prepare()
    return found


async def until(jobs: Jobs, outage: Outage | None) -> None:
    await until_it_is_true(lambda: jobs.outage is outage)


@pytest.mark.parametrize("number", [1, 20], ids=["one connection", "twenty connections"])
async def test_nothing_is_sent_that_cannot_be_recorded_and_nothing_twice(
    mailing: Mailing, disk: Disk, number: int
) -> None:
    addresses, relay = await owed_to(MEMBERS), mailing.relay
    mailing.change(smtp_connections=number)
    with capture_logs() as logs:
        async with running(mailing.settings, KEYS, mailing.clock) as jobs:
            await relay.has(50)
            await disk.fill()
            await until(jobs, Outage.FULL)
            await until_it_is_true(lambda: not jobs._running)  # what was on the wire has come
            sent = len(relay.received)
            assert sent < MEMBERS
            mailing.clock.move(minutes=20)  # the leases are over
            for _ in range(3):
                await jobs.sweep()
            assert jobs.outage is Outage.FULL
            assert len(relay.received) == sent
            await disk.make_room()
            await until(jobs, None)
            await jobs.idle()
            assert await in_state(NoticeState.ACCEPTED) == MEMBERS
    assert Counter(one.recipient for one in relay.received) == Counter(addresses)
    assert {sending.attempts for sending in await Sending.all()} == {1}
    assert not await Event.filter(action="notice.unknown").exists()
    assert [line["event"] for line in logs] == ["database_full", "database_works_again"]


async def test_a_code_that_was_sent_as_the_disk_filled_up_is_not_sent_again(mailing: Mailing, disk: Disk) -> None:
    await owed_to(1)
    await mailing.send()
    relay = mailing.relay
    relay.received.clear()
    await request_sign_in("m0", mailing.clock())
    relay.hold = True
    async with running(mailing.settings, KEYS, mailing.clock) as jobs:
        jobs.wake()
        await relay.has(1)
        await disk.fill()
        relay.answer.set()
        await until(jobs, Outage.FULL)
        mailing.clock.move(minutes=20)
        await jobs.sweep()
        await disk.make_room()
        await until(jobs, None)
        await jobs.idle()
    assert [one.recipient for one in relay.received] == ["m0@example.org"]
    assert (await OutgoingMail.get()).state == "accepted"
