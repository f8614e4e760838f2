"""What becomes known of a notice: seen, by letter, refused, come back; each once, with the window that follows."""

import asyncio
from datetime import timedelta

import pytest

from portal.actions.actor import SYSTEM, Actor
from portal.actions.notice import record_bounce, record_letter, record_refusal, record_seen
from portal.actions.outcome import close_account
from portal.rules.errors import RuleBroken
from portal.store.notices import Bounce, Notice, NoticeState, Refusal, Sight, SightWay
from tests.actions.conftest import Told
from tests.support.world import CLOSES_2, DAY, POSTED_1, POSTED_2, SENT_2, accept, at, events, make_policy, make_version
from tests.support.world import make_member as member_of

OPS = Actor("staff", 1)


async def notice_of(told: Told) -> Notice:
    return await Notice.get(member_id=told.member.id, version_id=told.version.id)


@pytest.fixture
async def unsent(store: str) -> Told:
    """A member who is owed a mail about version 2 that nobody has sent yet."""
    policy = await make_policy()
    await make_version(policy, POSTED_1)
    member = await member_of(policy)
    return Told(policy, await make_version(policy, POSTED_2, {"c1": ["marketing"]}), member)


async def test_a_sight_before_the_mail_opens_nothing_until_the_mail_is_sent(unsent: Told) -> None:
    await record_seen(unsent.member.id, unsent.version.id, by=unsent.by, at=POSTED_2 + DAY)
    notice = await notice_of(unsent)
    assert (notice.effective_at, notice.opens_at, notice.closes_at) == (None, None, None)
    sent_at = POSTED_2 + 3 * DAY
    await accept(notice, sent_at)
    notice = await notice_of(unsent)
    assert (notice.effective_at, notice.opens_at) == (sent_at, sent_at)
    assert notice.counted is not None
    assert notice.counted["last_day"] == "2026-03-24"


async def test_a_sight_after_a_refusal_counts_like_a_sending(unsent: Told) -> None:
    await record_refusal(unsent.member.id, unsent.version.id, "5.1.1", by=SYSTEM, at=POSTED_2 + DAY)
    assert (await notice_of(unsent)).state is NoticeState.REFUSED
    seen_at = POSTED_2 + 2 * DAY
    await record_seen(unsent.member.id, unsent.version.id, by=unsent.by, at=seen_at)
    notice = await notice_of(unsent)
    assert (notice.effective_at, notice.opens_at) == (seen_at, seen_at)
    assert notice.closes_at is not None


async def test_only_the_first_sight_in_the_account_is_kept(told: Told) -> None:
    first = await record_seen(told.member.id, told.version.id, by=told.by, at=SENT_2 + DAY)
    second = await record_seen(told.member.id, told.version.id, by=told.by, at=SENT_2 + 2 * DAY)
    assert first is not None
    assert second is not None
    assert (first.id, second.received_at) == (second.id, SENT_2 + DAY)
    assert len(await events("notice.seen")) == 1


async def test_two_sights_at_once_are_one(told: Told) -> None:
    when = SENT_2 + DAY
    await asyncio.gather(*(record_seen(told.member.id, told.version.id, by=told.by, at=when) for _ in range(5)))
    assert await Sight.all().count() == 1


async def test_a_letter_is_entered_later_than_it_was_delivered(told: Told) -> None:
    await record_bounce(told.member.id, told.version.id, by=SYSTEM, at=SENT_2 + DAY)
    delivered = at("2026-03-10 09:00")
    sight = await record_letter(
        told.member.id, told.version.id, by=OPS, at=delivered + 5 * DAY, received_at=delivered, note="Einschreiben 12"
    )
    again = await record_letter(
        told.member.id, told.version.id, by=OPS, at=delivered + 6 * DAY, received_at=delivered, note="again"
    )
    assert sight is not None
    assert again is not None
    assert (sight.id, sight.way, sight.staff_id) == (again.id, SightWay.LETTER, 1)
    assert (await notice_of(told)).opens_at == delivered
    [event] = await events("notice.seen")
    assert (event.received_at, event.recorded_at) == (delivered, delivered + 5 * DAY)
    assert "Einschreiben" not in str(event.facts)


async def test_what_has_not_happened_yet_is_refused(told: Told) -> None:
    with pytest.raises(RuleBroken) as refused:
        await record_letter(told.member.id, told.version.id, by=OPS, at=SENT_2, received_at=SENT_2 + DAY)
    assert refused.value.code == "in_the_future"


async def test_a_bounce_reopens_the_window_and_leaves_the_effect(told: Told) -> None:
    bounce = await record_bounce(told.member.id, told.version.id, by=SYSTEM, at=SENT_2 + DAY, note="user unknown")
    assert bounce is not None
    assert not bounce.named
    notice = await notice_of(told)
    assert (notice.effective_at, notice.opens_at, notice.closes_at, notice.counted) == (SENT_2, None, None, None)


async def test_a_late_bounce_reopens_a_window_that_had_closed(told: Told) -> None:
    assert (await notice_of(told)).closes_at == CLOSES_2
    await record_bounce(told.member.id, told.version.id, by=SYSTEM, at=CLOSES_2 + DAY)
    assert (await notice_of(told)).closes_at is None


async def test_a_second_bounce_of_the_same_sending_changes_nothing(told: Told) -> None:
    for _ in range(2):
        await record_bounce(told.member.id, told.version.id, sending=1, by=SYSTEM, at=SENT_2 + DAY)
    assert await record_bounce(told.member.id, told.version.id, by=SYSTEM, at=SENT_2 + 2 * DAY) is None
    assert await Bounce.all().count() == 1
    assert len(await events("notice.bounced")) == 1


async def test_two_reports_of_a_bounce_at_once_are_one(told: Told) -> None:
    when = SENT_2 + DAY
    await asyncio.gather(
        *(record_bounce(told.member.id, told.version.id, sending=1, by=SYSTEM, at=when) for _ in range(5))
    )
    assert await Bounce.all().count() == 1


async def test_a_bounce_without_a_name_marks_the_latest_sending_before_it(told: Told) -> None:
    second = await accept(await notice_of(told), SENT_2 + 2 * DAY)
    third = await accept(await notice_of(told), SENT_2 + 6 * DAY)
    bounce = await record_bounce(
        told.member.id, told.version.id, by=OPS, at=SENT_2 + 7 * DAY, received_at=SENT_2 + 4 * DAY
    )
    assert bounce is not None
    assert bounce.sending_id == second.id != third.id
    assert (await notice_of(told)).opens_at == SENT_2


async def test_a_bounce_that_names_no_sending_of_this_notice_has_no_effect(told: Told) -> None:
    assert await record_bounce(told.member.id, told.version.id, sending=2, by=SYSTEM, at=SENT_2 + DAY) is None
    assert await record_bounce(told.member.id, told.version.id, sending=0, by=SYSTEM, at=SENT_2 + DAY) is None
    assert await Bounce.all().count() == 0


async def test_nothing_counts_before_the_posting_or_without_a_notice(told: Told) -> None:
    early = POSTED_2 - timedelta(seconds=1)
    assert await record_seen(told.member.id, told.version.id, by=told.by, at=early) is None
    first = await told.policy.versions.filter(number=1).get()  # type: ignore[attr-defined]
    assert await record_seen(told.member.id, first.id, by=told.by, at=SENT_2) is None
    assert await Sight.all().count() == 0


async def test_nothing_counts_after_the_closing_but_what_arrived_before_it_does(told: Told) -> None:
    closed_at = SENT_2 + 3 * DAY
    await close_account(told.member.id, by=OPS, at=closed_at)
    later = closed_at + DAY
    assert await record_seen(told.member.id, told.version.id, by=told.by, at=later) is None
    assert await record_bounce(told.member.id, told.version.id, by=SYSTEM, at=later) is None
    assert await record_refusal(told.member.id, told.version.id, "5.1.1", by=SYSTEM, at=later) is None
    sight = await record_letter(told.member.id, told.version.id, by=OPS, at=later, received_at=closed_at - DAY)
    assert sight is not None


async def test_a_refusal_is_recorded_once_for_each_reason(unsent: Told) -> None:
    for code in ("5.1.1", "5.1.1", "no_address"):
        await record_refusal(unsent.member.id, unsent.version.id, code, by=SYSTEM, at=POSTED_2 + DAY)
    assert [refusal.code for refusal in await Refusal.all().order_by("id")] == ["5.1.1", "no_address"]
