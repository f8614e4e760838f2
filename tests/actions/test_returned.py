"""What follows from mail that came in: a bounce that names its sending moves the window, any other waits for ops."""

from datetime import timedelta

import pytest

from portal.actions.outcome import close_account
from portal.actions.returned import NotYet, take_in
from portal.mail.returned import Envelope, read
from portal.store.connections import transaction
from portal.store.notice_progress import NoticeList, notices_in
from portal.store.notices import Bounce, Sending, SendingState
from portal.store.returned import (
    HandledAs,
    MatchedBy,
    ReturnedKind,
    ReturnedMail,
    ReturnedMatch,
    waiting_in_inbox,
)
from tests.actions.conftest import Told
from tests.support import came_back as texts
from tests.support.coming_back import AT, OPS, about_nothing, path, taken, window
from tests.support.world import SENT_2


async def test_a_bounce_opens_the_window_again_and_puts_the_member_on_the_list(told: Told, sending: Sending) -> None:
    row = (await taken(about_nothing(), path(sending.id))).returned
    assert (row.kind, row.handled_as, row.status, row.hard) == ("bounce", HandledAs.RECORDED, "5.1.1", True)
    assert row.reason == "550 5.1.1 <the address>: Recipient address rejected: no such user"
    notice = await window(told)
    assert notice.effective_at == SENT_2
    assert notice.opens_at is None
    assert notice.closes_at is None
    assert await notices_in(told.version.id, NoticeList.NOT_REACHED).count() == 1
    bounce = await Bounce.get(sending_id=sending.id).select_related("remark")
    assert (bounce.named, bounce.received_at) == (True, AT)
    assert bounce.remark is not None
    assert "example.org" not in bounce.remark.text
    match = await ReturnedMatch.get(returned_id=row.id)
    assert (match.member_id, match.sending_id, match.matched_by) == (told.member.id, sending.id, MatchedBy.RETURN_PATH)
    assert await waiting_in_inbox() == 0


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
async def test_what_is_no_failure_is_no_fact(told: Told, sending: Sending, action: str) -> None:
    row = (await taken(about_nothing(action=action, status="4.4.1"), path(sending.id))).returned
    assert row.kind in (ReturnedKind.DELAYED, ReturnedKind.DELIVERED)
    assert row.handled_as is HandledAs.IGNORED
    assert (await window(told)).closes_at is not None


async def test_a_full_mailbox_that_came_back_is_a_bounce_but_not_a_hard_one(told: Told, sending: Sending) -> None:
    row = (await taken(about_nothing(status="5.2.2", diagnostic="smtp; 552 5.2.2 full"), path(sending.id))).returned
    assert (row.kind, row.hard, row.handled_as) == ("bounce", False, HandledAs.RECORDED)
    assert (await window(told)).closes_at is None


async def test_a_bounce_before_its_acceptance_is_recorded_comes_again(told: Told, sending: Sending) -> None:
    async with transaction():
        busy = await Sending.create(
            member_id=sending.member_id,
            notice_id=sending.notice_id,
            number=9,
            address_id=sending.address_id,
            message_id=f"<{'ab' * 16}@example.com>",
            state=SendingState.SENDING,
            attempts=1,
            started_at=SENT_2,
        )
    with pytest.raises(NotYet):
        await taken(about_nothing(), path(busy.id, "ab" * 6))
    assert not await ReturnedMail.exists()
    async with transaction():
        await Sending.filter(id=busy.id).update(
            state=SendingState.ACCEPTED, accepted_at=SENT_2, recorded_at=SENT_2, sequence=3
        )
    assert (await taken(about_nothing(), path(busy.id, "ab" * 6))).returned.handled_as is HandledAs.RECORDED


async def test_a_clock_that_is_behind_the_senders_loses_no_bounce(told: Told, sending: Sending) -> None:
    came = read(about_nothing(), Envelope("", (path(sending.id),)), texts.OURS)
    row = (await take_in(came, at=SENT_2 - timedelta(seconds=3))).returned
    assert row.handled_as is HandledAs.RECORDED
    assert (await Bounce.get(sending_id=sending.id)).received_at == SENT_2


async def test_a_bounce_of_what_no_server_took_by_our_record_waits_for_ops(told: Told, sending: Sending) -> None:
    async with transaction():
        held = await Sending.create(
            member_id=sending.member_id,
            notice_id=sending.notice_id,
            number=9,
            address_id=sending.address_id,
            message_id=f"<{'ab' * 16}@example.com>",
            state=SendingState.UNKNOWN,
            attempts=1,
            started_at=SENT_2,
        )
    row = (await taken(about_nothing(), path(held.id, "ab" * 6))).returned
    assert (row.kind, row.handled_at) == ("bounce", None)
    assert not await Bounce.exists(sending_id=held.id)


async def test_after_the_accounts_closing_a_bounce_is_kept_without_effect(told: Told, sending: Sending) -> None:
    await close_account(told.member.id, by=OPS, at=SENT_2)
    row = (await taken(about_nothing(), path(sending.id))).returned
    assert (row.kind, row.handled_as) == ("bounce", HandledAs.IGNORED)
    assert not await Bounce.exists(sending_id=sending.id)


async def test_a_complaint_is_kept_with_its_sending_and_moves_no_window(told: Told, sending: Sending) -> None:
    before = await window(told)
    row = (await taken(texts.ARF, path(sending.id), "abuse@example.net")).returned
    assert (row.kind, row.handled_at, row.reason) == ("complaint", None, "abuse")
    assert (await ReturnedMatch.get(returned_id=row.id)).sending_id == sending.id
    after = await window(told)
    assert (after.opens_at, after.closes_at, after.state) == (before.opens_at, before.closes_at, before.state)


async def test_a_reply_is_a_letter_and_an_automatic_one_is_ignored(told: Told, sending: Sending) -> None:
    written = texts.OBJECTION.replace(b"maria@example.org", b"m1@example.org")
    asking = written.replace(b"I object to the new version.", b"What is new?")
    waits = (await taken(asking, "privacy@example.com", "m1@example.org")).returned
    assert (waits.kind, waits.handled_at) == ("letter", None)
    letter = (await taken(written, "privacy@example.com", "m1@example.org")).returned
    assert (letter.kind, letter.handled_as) == ("letter", HandledAs.RECORDED)
    assert (await ReturnedMatch.get(returned_id=letter.id)).member_id == told.member.id
    holiday = (await taken(texts.HOLIDAY, path(sending.id))).returned
    assert (holiday.kind, holiday.handled_as) == ("auto_reply", HandledAs.IGNORED)
