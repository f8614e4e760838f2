"""Mail that came in is recorded once; a bounce that names its sending moves the window, any other waits for ops."""

import asyncio
import sys
from collections.abc import Awaitable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from portal.actions.actor import Actor
from portal.actions.inbox import mark_handled, name_bounce
from portal.actions.outcome import close_account
from portal.actions.returned import NotYet, Taken, take_in
from portal.mail.returned import Envelope, read
from portal.rules.errors import RuleBroken
from portal.store.connections import transaction
from portal.store.notice_progress import NoticeList, notices_in
from portal.store.notices import Bounce, Notice, Sending, SendingState
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.returned import (
    HandledAs,
    InboxPart,
    MatchedBy,
    ReturnedContent,
    ReturnedKind,
    ReturnedMail,
    ReturnedMatch,
    inbox_rows,
    waiting_in_inbox,
)
from tests.actions.conftest import Told
from tests.support import came_back as texts
from tests.support.world import JOINED, SENT_2, accept, events, make_member

AT = SENT_2 + timedelta(days=1)
OPS = Actor("staff", 7)
FORGED = "fedcba987654"


@pytest.fixture
async def sending(told: Told) -> Sending:
    """The sending of version 2, under a Message-ID as the jobs make them."""
    row = await Sending.get(member_id=told.member.id)
    return await named(row, texts.MESSAGE_ID)


async def named(row: Sending, message_id: str) -> Sending:
    """The row again, under that Message-ID: a trigger keeps the one it had."""
    async with transaction():
        again = await Sending.create(
            member_id=row.member_id,
            notice_id=row.notice_id,
            number=row.number + 1,
            address_id=row.address_id,
            message_id=message_id,
            state=SendingState.ACCEPTED,
            attempts=1,
            started_at=SENT_2,
            accepted_at=SENT_2,
            recorded_at=SENT_2,
            sequence=1,
        )
        await Bounce.create(
            member_id=row.member_id,
            notice_id=row.notice_id,
            sending_id=row.id,
            named=True,
            received_at=SENT_2,
            recorded_at=SENT_2,
            sequence=2,
        )
    return again


def path(row_id: int, token: str = texts.TOKEN[:12], kind: str = "s") -> str:
    return f"bounces+{kind}{row_id}-{token}@example.com"


async def taken(raw: bytes, recipient: str = "", sender: str = "") -> Taken:
    envelope = Envelope(sender, (recipient,) if recipient else ())
    return await take_in(read(raw, envelope, texts.OURS), at=AT)


def about_nothing(**more: str) -> bytes:
    """A report that returns no header by which its mail could be known."""
    return texts.dsn(headers="Subject: Hello\n", to="bounces@example.com", **more)


async def window(told: Told) -> Notice:
    return await Notice.get(member_id=told.member.id, version_id=told.version.id)


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


async def test_the_same_bytes_again_change_nothing(told: Told, sending: Sending) -> None:
    first = await taken(about_nothing(), path(sending.id))
    again = await taken(about_nothing(), path(sending.id))
    assert (first.new, again.new) == (True, False)
    assert again.returned.id == first.returned.id
    assert await ReturnedMail.all().count() == await ReturnedContent.all().count() == 1
    assert await Bounce.filter(sending_id=sending.id).count() == 1
    assert len(await events("mail.came_in")) == 1


async def test_another_report_of_the_same_bounce_is_kept_and_does_nothing(told: Told, sending: Sending) -> None:
    await taken(about_nothing(), path(sending.id))
    row = (await taken(about_nothing(status="5.7.1"), path(sending.id))).returned
    assert (row.kind, row.handled_as) == ("bounce", HandledAs.IGNORED)
    assert await Bounce.filter(sending_id=sending.id).count() == 1


@pytest.mark.parametrize("token", [FORGED, texts.TOKEN[:11] + "0", "000000000000"])
async def test_a_return_path_with_a_guessed_token_is_not_believed(told: Told, sending: Sending, token: str) -> None:
    row = (await taken(about_nothing(), path(sending.id, token))).returned
    assert (row.kind, row.handled_at) == ("unknown_bounce", None)
    assert (await window(told)).closes_at is not None
    assert not await Bounce.exists(sending_id=sending.id)
    assert not await ReturnedMatch.exists()


async def test_the_right_token_of_another_sending_is_not_believed(told: Told, sending: Sending) -> None:
    other = await accept(await window(told), AT)
    row = (await taken(about_nothing(), path(other.id))).returned
    assert row.kind is ReturnedKind.UNKNOWN_BOUNCE


async def test_an_address_alone_names_no_sending(told: Told, sending: Sending) -> None:
    row = (await taken(about_nothing())).returned
    assert (row.kind, row.handled_at) == ("unknown_bounce", None)
    assert (await ReturnedContent.get(returned_id=row.id)).recipient == "maria@example.org"
    assert not await Bounce.exists(sending_id=sending.id)


@pytest.mark.parametrize(
    "headers",
    [
        f"Message-ID: {texts.MESSAGE_ID}\n",
        f"Message-ID: <made-by-the-relay@relay.example>\nX-Notice-Id: {texts.TOKEN}\n",
    ],
    ids=["Message-ID", "X-Notice-Id"],
)
async def test_without_a_return_path_the_returned_headers_name_it(told: Told, sending: Sending, headers: str) -> None:
    elsewhere = (await taken(texts.dsn(headers=headers, to="bounces@example.com"))).returned
    assert elsewhere.kind is ReturnedKind.UNKNOWN_BOUNCE
    row = (await taken(texts.dsn(headers=headers, to="bounces@example.com", recipient="M1@example.org"))).returned
    assert (row.kind, row.handled_as) == ("bounce", HandledAs.RECORDED)
    assert (await ReturnedMatch.get(returned_id=row.id)).matched_by is MatchedBy.MESSAGE_ID
    assert await Bounce.exists(sending_id=sending.id)


async def test_an_alias_behind_the_address_is_known_by_the_header_to(told: Told, sending: Sending) -> None:
    headers = f"To: Maria <m1@example.org>\nMessage-ID: {texts.MESSAGE_ID}\n"
    raw = texts.dsn(headers=headers, to="bounces@example.com", recipient="behind@elsewhere.example")
    assert (await taken(raw)).returned.handled_as is HandledAs.RECORDED


async def test_the_message_id_of_another_member_is_not_believed(told: Told, sending: Sending) -> None:
    await make_member(told.policy, "m2", JOINED, "m2@example.org")
    headers = f"To: m2@example.org\nMessage-ID: {texts.MESSAGE_ID}\n"
    row = (await taken(texts.dsn(headers=headers, to="bounces@example.com", recipient="m2@example.org"))).returned
    assert row.kind is ReturnedKind.UNKNOWN_BOUNCE


async def test_the_envelopes_id_names_it(told: Told, sending: Sending) -> None:
    row = (await taken(about_nothing(envelope_id=f"s{sending.id}-{texts.TOKEN[:12]}"))).returned
    assert (row.kind, row.handled_as) == ("bounce", HandledAs.RECORDED)


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


async def test_a_bounce_of_another_mail_waits_for_ops_with_its_member(told: Told, sending: Sending) -> None:
    async with transaction():
        mail = await OutgoingMail.create(
            kind=MailKind.RECEIPT,
            member_id=told.member.id,
            address_id=sending.address_id,
            about={},
            state="accepted",
            next_attempt_at=AT,
            message_id=f"<{'cd' * 16}@example.com>",
            created_at=AT,
        )
    row = (await taken(about_nothing(), path(mail.id, "cd" * 6, "m"))).returned
    assert (row.kind, row.handled_at) == ("mail_bounce", None)
    match = await ReturnedMatch.get(returned_id=row.id)
    assert (match.member_id, match.mail_id, match.sending_id) == (told.member.id, mail.id, None)
    assert (await window(told)).closes_at is not None
    wrong = (await taken(about_nothing(status="5.7.1"), path(mail.id, FORGED, "m"))).returned
    assert wrong.kind is ReturnedKind.UNKNOWN_BOUNCE


async def test_a_reply_is_a_letter_and_an_automatic_one_is_ignored(told: Told, sending: Sending) -> None:
    written = texts.OBJECTION.replace(b"maria@example.org", b"m1@example.org")
    letter = (await taken(written, "privacy@example.com", "m1@example.org")).returned
    assert (letter.kind, letter.handled_at) == ("letter", None)
    assert (await ReturnedMatch.get(returned_id=letter.id)).member_id == told.member.id
    holiday = (await taken(texts.HOLIDAY, path(sending.id))).returned
    assert (holiday.kind, holiday.handled_as) == ("auto_reply", HandledAs.IGNORED)


async def test_ops_names_the_sending_of_a_bounce_once(told: Told, sending: Sending) -> None:
    row = (await taken(about_nothing())).returned
    done = await name_bounce(row.id, sending.id, "By its date.", by=OPS, at=AT + timedelta(days=1))
    assert (done.handled_as, done.staff_id) == (HandledAs.BOUNCE, 7)
    bounce = await Bounce.get(sending_id=sending.id)
    assert (bounce.received_at, bounce.recorded_at) == (AT, AT + timedelta(days=1))
    assert (await window(told)).closes_at is None
    assert (await ReturnedMatch.get(returned_id=row.id)).matched_by is MatchedBy.OPS
    assert (await ReturnedContent.get(returned_id=row.id)).note == "By its date."
    with pytest.raises(RuleBroken, match="done with this mail already"):
        await name_bounce(row.id, sending.id, "", by=OPS, at=AT + timedelta(days=1))
    with pytest.raises(RuleBroken, match="done with this mail already"):
        await mark_handled(row.id, "Again.", by=OPS, at=AT + timedelta(days=1))


async def test_a_sending_that_came_back_already_cannot_be_named_again(told: Told, sending: Sending) -> None:
    await taken(about_nothing(), path(sending.id))
    row = (await taken(about_nothing(status="5.0.0"))).returned
    with pytest.raises(RuleBroken) as refused:
        await name_bounce(row.id, sending.id, "", by=OPS, at=AT)
    assert (refused.value.code, refused.value.facts["field"]) == ("no_effect", "sending")
    assert (await ReturnedMail.get(id=row.id)).handled_at is None
    with pytest.raises(RuleBroken, match="Choose the sending"):
        await name_bounce(row.id, 999_999, "", by=OPS, at=AT)


async def test_what_waits_stands_first_the_oldest_on_top(told: Told, sending: Sending) -> None:
    rows = [(await taken(about_nothing(status=f"5.1.{number}"))).returned for number in range(4)]
    await mark_handled(rows[1].id, "Nobody we know.", by=OPS, at=AT)
    await mark_handled(rows[0].id, "Nobody we know.", by=OPS, at=AT)
    ids = [rows[i].id for i in (2, 3, 1, 0)]
    assert [row.id for row in await inbox_rows(InboxPart.BOUNCES, 0, 10)] == ids
    pages = [await inbox_rows(InboxPart.BOUNCES, first, 1) for first in range(5)]
    assert [row.id for page in pages for row in page] == ids
    assert [row.id for row in await inbox_rows(InboxPart.BOUNCES, 1, 2)] == ids[1:3]
    assert await inbox_rows(InboxPart.LETTERS, 0, 10) == []


async def test_the_database_refuses_to_alter_what_came_in(told: Told, sending: Sending) -> None:
    row = (await taken(about_nothing(), path(sending.id))).returned
    waits = (await taken(about_nothing(status="5.7.1"))).returned
    await mark_handled(waits.id, "Seen.", by=OPS, at=AT)
    refused: list[Awaitable[Any]] = [
        ReturnedMail.filter(id=row.id).update(status="2.0.0"),
        ReturnedMail.filter(id=waits.id).update(handled_at=None, handled_as=None),
        ReturnedMail.filter(id=waits.id).update(handled_at=AT + timedelta(days=9)),
        ReturnedMail.filter(id=row.id).delete(),
        ReturnedMatch.filter(returned_id=row.id).update(sending_id=sending.id - 1),
        ReturnedMatch.filter(returned_id=row.id).delete(),
        ReturnedContent.filter(returned_id=row.id).update(subject="Another"),
        ReturnedContent.filter(returned_id=row.id).update(content=b"Another"),
        ReturnedContent.filter(returned_id=waits.id).update(note="Another"),
        ReturnedContent.filter(returned_id=row.id).delete(),
    ]
    for query in refused:
        with pytest.raises(IntegrityError):
            async with transaction():
                await query
    async with transaction():
        content = await ReturnedContent.get(returned_id=row.id)
        content.sender = content.subject = content.recipient = content.note = ""
        content.content = b""
        await content.save()


async def test_a_message_is_about_a_sending_to_the_member_it_names(told: Told, sending: Sending) -> None:
    row = (await taken(about_nothing())).returned
    with pytest.raises(IntegrityError):
        async with transaction():
            await ReturnedMatch.create(
                member_id=None, returned_id=row.id, sending_id=sending.id, matched_by=MatchedBy.OPS, recorded_at=AT
            )


async def test_many_sessions_of_one_process_at_once_record_each_message_once(told: Told, sending: Sending) -> None:
    same = [taken(about_nothing(), path(sending.id)) for _ in range(5)]
    others = [taken(about_nothing(status=f"5.2.{number}"), path(sending.id)) for number in range(5)]
    done = await asyncio.gather(*same, *others)
    assert sum(one.new for one in done) == 6
    assert len({one.returned.id for one in done}) == await ReturnedMail.all().count() == 6
    assert await Bounce.filter(sending_id=sending.id).count() == 1


RACER = """
import asyncio, sys, time
from datetime import datetime
from pathlib import Path
from portal.actions.returned import take_in
from portal.mail.returned import Envelope, Ours, read
from portal.store import connect, disconnect

url, start, file, recipient, at = sys.argv[1:]

async def race():
    await connect(url)
    came = read(Path(file).read_bytes(), Envelope("", (recipient,)), Ours("privacy@example.com", "bounces@example.com"))
    print("ready", flush=True)
    while not Path(start).exists():
        time.sleep(0.002)
    taken = await take_in(came, at=datetime.fromisoformat(at))
    print(taken.returned.id, taken.returned.kind, taken.new)
    await disconnect()

asyncio.run(race())
"""


async def test_processes_that_get_the_same_message_at_once_record_it_once(
    store: str, told: Told, sending: Sending, tmp_path: Path
) -> None:
    start, file = tmp_path / "start", tmp_path / "message"
    file.write_bytes(about_nothing())
    arguments = [store, str(start), str(file), path(sending.id), AT.isoformat()]
    racers = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", RACER, *arguments, stdout=asyncio.subprocess.PIPE)
        for _ in range(3)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert await racer.stdout.readline() == b"ready\n"
    start.touch()
    said = sorted([(await racer.communicate())[0].decode().split() for racer in racers], key=lambda one: one[2])
    row = await ReturnedMail.get()
    assert said == [[str(row.id), "bounce", "False"]] * 2 + [[str(row.id), "bounce", "True"]]
    assert await Bounce.filter(sending_id=sending.id).count() == 1
    assert len(await events("mail.came_in")) == 1
