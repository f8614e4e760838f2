"""An address that is missing, corrected or replaced while its notice is on the way."""

from datetime import timedelta

import pytest

from portal.actions.actor import SYSTEM
from portal.actions.address import correct_address
from portal.actions.campaign import Attempted
from portal.actions.claim import Range
from portal.actions.notice import record_bounce, record_seen
from portal.actions.sending import refuse_before_sending
from portal.rules.errors import RuleBroken
from portal.store.contacts import last_address
from portal.store.members import Address
from portal.store.notices import NoticeState
from tests.support.posting import MINUTE, NOW, OK, OPS, Post, claim
from tests.support.world import DAY, events


async def test_without_an_address_the_notice_is_refused_until_there_is_one(post: Post) -> None:
    [notice, *_] = await claim(post.everyone, "one", NOW)
    await refuse_before_sending(notice, "no_address", "one", NOW)
    assert (await post.notice()).state is NoticeState.REFUSED
    await correct_address(notice.member_id, "new@example.net", by=OPS, at=NOW + DAY)
    assert (await post.notice()).state is NoticeState.QUEUED
    assert (await post.attempt(OK, NOW + DAY)).number == 1


async def test_a_corrected_address_gets_what_had_come_back_as_a_new_sending(post: Post) -> None:
    first = await post.attempt(OK)
    await record_bounce(first.member_id, post.version.id, sending=1, by=SYSTEM, at=NOW + DAY)
    new = await correct_address(first.member_id, "new@example.net", by=OPS, at=NOW + 2 * DAY)
    second = await post.attempt(OK, NOW + 2 * DAY, name="<t2@x>")
    assert (second.number, second.address_id, second.message_id) == (2, new.id, "<t2@x>")
    notice = await post.notice()
    assert (notice.effective_at, notice.opens_at) == (NOW, NOW + 2 * DAY)
    assert len(await events("notice.queued_again")) == 1


async def test_a_corrected_address_sends_nothing_again_that_was_delivered_or_seen(post: Post) -> None:
    first = await post.attempt(OK)
    await correct_address(first.member_id, "new@example.net", by=OPS, at=NOW + DAY)
    assert (await post.notice()).state is NoticeState.ACCEPTED
    await record_bounce(first.member_id, post.version.id, by=SYSTEM, at=NOW + 2 * DAY)
    await record_seen(first.member_id, post.version.id, by=SYSTEM, at=NOW + 3 * DAY)
    await correct_address(first.member_id, "newer@example.net", by=OPS, at=NOW + 4 * DAY)
    assert (await post.notice()).state is NoticeState.ACCEPTED


async def test_the_same_address_given_again_changes_nothing(post: Post) -> None:
    member = post.members[0]
    row = await correct_address(member.id, " m0@example.org ", by=OPS, at=NOW)
    assert row.address == "m0@example.org"
    assert await Address.filter(member_id=member.id).count() == 1
    assert await events("address.given") == []


@pytest.mark.parametrize(
    "address", ["", "x", "a b@example.org", "a@example.org\r\nBcc: b@example.org", "ü@example.org"]
)
async def test_an_address_that_no_mail_can_reach_is_refused(post: Post, address: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        await correct_address(post.members[0].id, address, by=OPS, at=NOW)
    assert refused.value.code == "address_invalid"


async def test_what_is_accepted_at_an_address_that_was_replaced_meanwhile_is_not_sent(post: Post) -> None:
    [notice] = await claim(Range(post.version.id, post.members[0].id, post.members[0].id), "one", NOW)
    sending = await post.begin(notice)
    assert sending is not None
    await correct_address(notice.member_id, "new@example.net", by=OPS, at=NOW + MINUTE)
    state = await post.end(Attempted(notice, sending, OK, NOW + 2 * MINUTE))
    assert state is NoticeState.QUEUED
    assert (await post.notice()).effective_at is None
    second = await post.attempt(OK, NOW + 3 * MINUTE, name="<t2@x>")
    assert (second.number, (await post.notice()).effective_at) == (2, NOW + 3 * MINUTE)


async def test_an_address_that_had_arrived_before_the_sending_undoes_it(post: Post) -> None:
    first = await post.attempt(OK)
    await correct_address(
        first.member_id, "new@example.net", by=OPS, at=NOW + 9 * DAY, received_at=NOW - timedelta(hours=1)
    )
    notice = await post.notice()
    assert (notice.state, notice.effective_at, notice.closes_at) == (NoticeState.QUEUED, None, None)


async def test_a_message_made_for_an_older_address_is_not_begun(post: Post) -> None:
    [notice, *_] = await claim(post.everyone, "one", NOW)
    old = await last_address(notice.member_id)
    assert old is not None
    await correct_address(notice.member_id, "new@example.net", by=OPS, at=NOW)
    assert await post.begin(notice, to=old) is None
    assert len(await claim(post.everyone, "two", NOW, limit=1)) == 1
