"""What an attempt to send a notice comes to, in the rows and in the window."""

from portal.actions.actor import SYSTEM
from portal.actions.campaign import Attempted, Begun
from portal.actions.claim import LEASE
from portal.actions.notice import record_seen
from portal.actions.outcome import close_account
from portal.mail.outcome import Outcome, Retries, Verdict
from portal.store.notices import NoticeState, Refusal, Sending, SendingState
from tests.support.posting import MINUTE, NOW, OK, OPS, Post, claim
from tests.support.world import DAY, events


async def test_acceptance_is_recorded_with_its_event_and_opens_the_window(post: Post) -> None:
    sending = await post.attempt(OK)
    assert (sending.state, sending.accepted_at, sending.number) == (SendingState.ACCEPTED, NOW, 1)
    notice = await post.notice()
    assert (notice.state, notice.owner, notice.lease_until) == (NoticeState.ACCEPTED, None, None)
    assert (notice.effective_at, notice.opens_at) == (NOW, NOW)
    assert notice.closes_at is not None
    [accepted] = await events("notice.accepted")
    assert (sending.digest, accepted.id) == ("d", sending.sequence)
    assert "example.org" not in str(accepted.facts)


async def test_acceptance_is_recorded_once(post: Post) -> None:
    sending = await post.attempt(OK)
    begun = Begun(sending.id, sending.number, sending.attempts, sending.address_id, sending.started_at)
    again = Attempted(await post.notice(), begun, OK, NOW + DAY)
    await post.end(again)
    assert (await Sending.get(id=sending.id)).accepted_at == NOW
    assert len(await events("notice.accepted")) == 1


async def test_a_temporary_failure_is_tried_again_under_the_same_message_id(post: Post) -> None:
    first = await post.attempt(Outcome(Verdict.DEFERRED, "4.2.1", "450 4.2.1 later"))
    notice = await post.notice()
    assert notice.state is NoticeState.DEFERRED
    assert notice.next_attempt_at is not None
    assert NOW + 3 * MINUTE < notice.next_attempt_at < NOW + 7 * MINUTE
    assert await claim(post.everyone, "one", NOW, limit=1) != [notice]
    second = await post.attempt(OK, notice.next_attempt_at + LEASE)
    assert (second.id, second.number, second.attempts, second.message_id) == (first.id, 1, 2, "<t1@x>")


async def test_after_five_days_a_temporary_failure_goes_to_ops(post: Post) -> None:
    await post.attempt(Outcome(Verdict.DEFERRED, "450", "450 later"))
    await post.attempt(Outcome(Verdict.DEFERRED, "450", "450 later"), NOW + 5 * DAY)
    notice = await post.notice()
    assert (notice.state, notice.next_attempt_at) == (NoticeState.FAILED, None)
    assert await Refusal.all().count() == 0
    assert notice.effective_at is None


async def test_a_permanent_answer_about_the_message_is_no_fact(post: Post) -> None:
    await post.attempt(Outcome(Verdict.FAILED, "5.7.1", "550 5.7.1 spam"))
    assert (await post.notice()).state is NoticeState.FAILED
    assert await Refusal.all().count() == 0


async def test_a_permanent_answer_about_the_address_is_a_refusal(post: Post) -> None:
    sending = await post.attempt(Outcome(Verdict.REFUSED, "5.1.1", "550 5.1.1 nobody"))
    notice = await post.notice()
    [refusal] = await Refusal.all()
    assert (notice.state, refusal.sending_id, refusal.code) == (NoticeState.REFUSED, sending.id, "5.1.1")
    assert notice.effective_at is None
    await record_seen(notice.member_id, notice.version_id, by=SYSTEM, at=NOW + DAY)
    assert (await post.notice()).opens_at == NOW + DAY


async def test_an_unknown_outcome_is_sent_again_under_the_same_message_id_or_held(post: Post) -> None:
    unknown = Outcome(Verdict.UNKNOWN, "", "Connection lost")
    await post.attempt(unknown)
    again = (await post.notice()).next_attempt_at
    assert again is not None
    held = await post.attempt(unknown, again, retries=Retries(resend_unknown=False))
    notice = await post.notice()
    assert (notice.state, notice.next_attempt_at, held.attempts) == (NoticeState.UNKNOWN, None, 2)
    assert len(await Sending.filter(notice_id=notice.id)) == 1


async def test_what_was_not_sent_is_tried_at_once_but_only_once_in_a_row(post: Post) -> None:
    not_sent = Outcome(Verdict.NOT_SENT, "data", "Connection lost")
    await post.attempt(not_sent)
    assert (await post.notice()).next_attempt_at == NOW
    await post.attempt(not_sent)
    again = (await post.notice()).next_attempt_at
    assert again is not None
    assert again > NOW + MINUTE


async def test_a_closed_account_is_not_mailed(post: Post) -> None:
    [notice, *_] = await claim(post.everyone, "one", NOW)
    await close_account(notice.member_id, by=OPS, at=NOW)
    assert await post.begin(notice) is None
    assert (await post.notice()).state is NoticeState.POSTED
    assert await Sending.all().count() == 0
    assert [event.facts["why"] for event in await events("notice.not_sent")] == ["account_closed"]
