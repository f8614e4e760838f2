"""A relay that takes fewer connections than there are to be: the campaign goes on over those that it takes."""

from collections import Counter

import pytest
from structlog.testing import capture_logs

from portal.actions.session import request_sign_in
from portal.jobs import Jobs, running
from portal.store.notices import NoticeState, Sending
from tests.jobs.conftest import KEYS, Mailing, states
from tests.support.campaign import owed_to
from tests.support.relay import HANG_UP

MEMBERS = 120


async def sent_by_one_sweep(jobs: Jobs) -> None:
    await jobs.sweep()
    await jobs._quiet.wait()
    await jobs._queue.empty()


@pytest.mark.parametrize("most", [1, 3])
async def test_connections_that_are_refused_beside_others_stop_nothing(mailing: Mailing, most: int) -> None:
    addresses, relay = await owed_to(MEMBERS), mailing.relay
    relay.most = most
    mailing.change(smtp_connections=10)
    async with running(mailing.settings, KEYS, mailing.clock) as jobs:
        with capture_logs() as logs:
            await sent_by_one_sweep(jobs)
        assert await states() == [NoticeState.ACCEPTED] * MEMBERS
        assert jobs.trouble == ""
        assert [line["event"] for line in logs] == ["fewer_connections"]
    assert Counter(one.recipient for one in relay.received) == Counter(addresses)
    assert {sending.attempts for sending in await Sending.all()} == {1}


async def test_a_relay_that_ends_all_connections_and_takes_no_other_stops_the_sending(mailing: Mailing) -> None:
    await owed_to(MEMBERS)
    mailing.change(smtp_connections=10)
    mailing.relay.script |= {("CONNECT", ""): ["220 hello"] * 10 + ["421 4.3.2 closing"] * 50, ("MAIL", ""): HANG_UP}
    async with running(mailing.settings, KEYS, mailing.clock) as jobs:
        await sent_by_one_sweep(jobs)
        assert jobs.trouble == "421 4.3.2 closing"
        assert await states() == [NoticeState.QUEUED] * MEMBERS
        mailing.relay.script.clear()
        await sent_by_one_sweep(jobs)
        assert jobs.trouble == ""
    assert await states() == [NoticeState.ACCEPTED] * MEMBERS


@pytest.mark.parametrize("most", [1, 3])
async def test_a_code_goes_out_in_the_midst_of_a_campaign_that_has_all_connections(mailing: Mailing, most: int) -> None:
    await owed_to(MEMBERS)
    relay = mailing.relay
    relay.most, relay.hold = most, True
    async with running(mailing.settings, KEYS, mailing.clock) as jobs:
        jobs.wake()
        await relay.arrived.wait()
        await request_sign_in("m7", mailing.clock())
        await jobs.sweep()
        relay.hold = False
        relay.answer.set()
        await jobs.idle()
        assert jobs.trouble == ""
    subjects = [str(one.message["Subject"]) for one in relay.received]
    [place] = [place for place, subject in enumerate(subjects) if "sign-in" in subject]
    assert place < MEMBERS / 2
    assert await states() == [NoticeState.ACCEPTED] * MEMBERS
