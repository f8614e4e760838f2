"""Messages above the relay's limit are not begun: they stay owed, ops are told, and all others go out."""

from datetime import datetime, timedelta

import pytest

from portal.actions.session import request_sign_in
from portal.jobs import running
from portal.jobs.source import MOST_TOO_LARGE
from portal.store.connections import transaction
from portal.store.holds import CampaignHold
from portal.store.members import Member, Profile
from portal.store.notices import Notice, NoticeState, Sending
from portal.store.outbox import OutgoingMail
from tests.jobs.conftest import KEYS, Mailing, states
from tests.support.campaign import owed_to

QUEUED, ACCEPTED = NoticeState.QUEUED, NoticeState.ACCEPTED
LONG_NAME = "🙂" * 120


async def size_of_the_first(mailing: Mailing) -> int:
    """Sends the first notice, and moves on to when the others are due; gives the bytes of its message."""
    first = await Notice.all().order_by("member_id").first()
    assert first is not None
    async with transaction():
        await Notice.exclude(id=first.id).update(next_attempt_at=mailing.clock.now + timedelta(hours=1))
    assert await mailing.send() == ""
    mailing.clock.move(hours=1)
    return len(mailing.relay.received[0].content)


async def name(members: list[Member], long: str, at: datetime) -> None:
    async with transaction():
        for member in members:
            await Profile.create(
                member_id=member.id, name=long, language="en", received_at=at, recorded_at=at, sequence=1
            )


@pytest.mark.parametrize("connections", [1, 5])
async def test_a_message_that_is_too_large_is_left_and_the_others_go_out(mailing: Mailing, connections: int) -> None:
    await owed_to(40)
    mailing.change(smtp_connections=connections)
    limit = await size_of_the_first(mailing) + 100
    await name((await Member.all().order_by("id"))[1::3], LONG_NAME, mailing.clock.now)
    relay = mailing.relay
    relay.extensions = ("PIPELINING", f"SIZE {limit}")
    expected = [ACCEPTED if number % 3 != 1 else QUEUED for number in range(40)]
    async with running(mailing.settings, KEYS, mailing.clock) as jobs:
        await request_sign_in("m0", mailing.clock())
        await jobs.idle()
        assert f"takes messages of {limit} bytes" in jobs.trouble
        assert await states() == expected
        assert await Sending.all().count() == expected.count(ACCEPTED)
        assert not await Notice.filter(owner__not_isnull=True).exists()
        assert [mail.state for mail in await OutgoingMail.all()] == ["accepted"]
        await jobs.idle()
        assert await states() == expected
        relay.extensions = ("PIPELINING", "SIZE 1000000")
        await jobs.idle()
        assert jobs.trouble == ""
    assert await states() == [ACCEPTED] * 40
    assert {sending.attempts for sending in await Sending.all()} == {1}
    assert not await CampaignHold.exists()


async def test_where_all_are_too_large_only_a_few_are_looked_at(mailing: Mailing) -> None:
    await owed_to(40)
    await size_of_the_first(mailing)
    mailing.relay.extensions = ("SIZE 1000",)
    mailing.change(smtp_connections=1)
    async with running(mailing.settings, KEYS, mailing.clock) as jobs:
        await jobs.idle()
        assert "takes messages of 1000 bytes" in jobs.trouble
    assert (await states()).count(QUEUED) == 39
    assert MOST_TOO_LARGE < 39
    assert [line for line in mailing.relay.commands if line.startswith("MAIL")][1:] == []


async def test_a_single_mail_that_is_too_large_fails_and_the_next_goes_out(mailing: Mailing) -> None:
    await owed_to(3)
    await size_of_the_first(mailing)
    mailing.relay.extensions = ("SIZE 1000",)
    await request_sign_in("m1", mailing.clock())
    await mailing.send()
    mail = await OutgoingMail.get()
    assert (mail.state, mail.attempts) == ("failed", 1)
    assert "takes messages of 1000 bytes" in mail.reply
