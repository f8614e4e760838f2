"""Receipts, codes, sign-in links and proofs: written down with what they tell, sent by the same jobs."""

import asyncio
import re
from datetime import datetime

import pytest
from structlog.testing import capture_logs

from portal.actions.actor import SYSTEM, Actor
from portal.actions.amendment import amend_objection
from portal.actions.declaration import confirm_declaration_by_code, drop_declaration
from portal.actions.declare import declare_consent, take_back
from portal.actions.objection import file_objection, withdraw
from portal.actions.outcome import close_account
from portal.actions.outgoing import queue_mail
from portal.actions.rejection import reject_objection
from portal.actions.session import request_sign_in
from portal.jobs import running
from portal.settings import Settings
from portal.store import transaction
from portal.store.access import OneTimeCode
from portal.store.answers import Objection, Way
from portal.store.declarations import Declaration
from portal.store.drafts import Draft
from portal.store.members import Member
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.policies import Change, Version
from portal.store.staff import Staff
from tests.jobs.conftest import KEYS
from tests.support.clock import Clock
from tests.support.relay import HANG_UP, Received, ScriptedRelay


class Desk:
    """The first member, who has got the notice, and the mails that come after it."""

    def __init__(
        self, settings: Settings, clock: Clock, relay: ScriptedRelay, member: Member, version: Version
    ) -> None:
        self.settings, self.clock, self.relay = settings, clock, relay
        self.member, self.version = member, version
        self.by = Actor("member", member.id)

    async def send(self) -> list[Received]:
        """What the relay gets now."""
        before = len(self.relay.received)
        async with running(self.settings, KEYS, self.clock) as jobs:
            await jobs.idle()
        return self.relay.received[before:]

    async def object_to(self, section: str) -> int:
        changes = await Change.filter(version_id=self.version.id)
        keys = [change.key for change in changes if change.record["section"][-1] == section]
        at = self.clock()
        objection = await file_objection(self.member.id, self.version.id, keys, way=Way.LINK, by=self.by, at=at)
        return int(objection.id)

    async def says_yes(self) -> Declaration:
        declared = await declare_consent(
            self.member.id,
            self.version.id,
            "ai_training",
            way=Way.LINK,
            known_as=None,
            by=self.by,
            at=self.clock(),
        )
        assert declared is not None
        return declared


def text_of(one: Received) -> str:
    part = one.message.get_body(("plain",))
    assert part is not None
    return " ".join(part.get_content().split())


@pytest.fixture
async def desk(mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay) -> Desk:
    member = await Member.all().order_by("id").first()
    version = await Version.get(number=2)
    assert member is not None
    desk = Desk(settings, clock, relay, member, version)
    assert len(await desk.send()) == len(mailed)
    clock.move(days=1)
    return desk


async def test_a_receipt_states_what_was_received_what_follows_and_how_to_take_it_back(desk: Desk) -> None:
    await desk.object_to("News")
    [receipt] = await desk.send()
    said = text_of(receipt)
    assert "We received your objection to version 2 of “Privacy policy” on 2 March 2026, 10:05 (Europe/Berlin)." in said
    assert "* News" in said
    assert "Your account stays open. For Marketing," in said
    assert "You can take the objection back at any time while your account is open." in said
    assert re.search(r"/n/\S+/objections/\S+", said)


async def test_a_closing_objection_brings_a_receipt_and_a_code_that_works(desk: Desk) -> None:
    await desk.object_to("Service")
    by_subject = {one.message["Subject"].split(":")[0].split()[0]: text_of(one) for one in await desk.send()}
    code = await OneTimeCode.all().order_by("-id").first()
    assert code is not None
    found = re.search(r"Your code: (\d{4} \d{4})", by_subject["Ternwick"])
    assert found is not None
    assert KEYS.is_code(code.id, found[1])
    assert "falls due for closing on 22 March 2026, 00:00 (Europe/Berlin)" in by_subject["Receipt"]
    assert "until the account is closed" in by_subject["Receipt"]


async def test_a_change_of_an_objection_is_told_in_one_receipt(desk: Desk) -> None:
    first = await desk.object_to("News")
    await desk.send()
    keys = [
        row.key for row in await Change.filter(version_id=desk.version.id) if row.record["section"][-1] == "Service"
    ]
    amended = await amend_objection(first, keys, way=Way.LINK, by=desk.by, at=desk.clock.move(hours=1))
    said = " ".join(text_of(one) for one in await desk.send())
    assert f"It takes the place of your objection {(await Objection.get(id=first)).number}," in said
    assert "was taken back" in said
    assert "Your code:" in said
    desk.clock.move(days=3)
    again = await reject_objection(amended.id, by=SYSTEM, at=desk.clock())
    assert again is not None
    said = " ".join(text_of(one) for one in await desk.send())
    assert "stands again, as it was received." in said
    assert "Your account stays open. For Marketing," in said


async def test_a_yes_by_link_brings_a_code_that_works_and_then_a_receipt(desk: Desk) -> None:
    declared = await desk.says_yes()
    [mail] = await desk.send()
    said = text_of(mail)
    assert mail.message["Subject"] == "Ternwick: your code to confirm your answer"
    assert "we received your yes to Ai Training, as version 2 of “Privacy policy” has it." in said
    assert "So far nothing has changed" in said
    assert "For Ai Training version 2 then applies also to what we already hold." in said
    assert declared.number in said
    found = re.search(r"Your code: (\d{4} \d{4})", said)
    assert found is not None
    await confirm_declaration_by_code(declared.id, found[1], keys=KEYS, by=desk.by, at=desk.clock())
    [receipt] = await desk.send()
    said = text_of(receipt)
    assert receipt.message["Subject"] == f"Receipt {declared.number}: your yes to Ai Training"
    assert "It is confirmed." in said
    link = re.search(r"/opt-out/(\S+)\?purpose=ai_training", said)
    assert link is not None
    assert KEYS.read_opt_out_link(link[1]) == (desk.member.id, 1)
    assert re.search(rf"/n/\S+/answers/{declared.number}", said)


async def test_a_late_withdrawal_by_link_brings_a_code_and_both_parts_say_what_it_means(desk: Desk) -> None:
    objection_id = await desk.object_to("Service")
    await desk.send()
    desk.clock.move(days=40)
    declared = await take_back(objection_id, way=Way.LINK, known_as=None, by=desk.by, at=desk.clock())
    assert declared is not None
    [mail] = await desk.send()
    html = mail.message.get_body(("html",))
    assert html is not None
    for said in (text_of(mail), " ".join(html.get_content().split())):
        assert f"we received that you take back your objection {(await Objection.get()).number}" in said
        assert "Your time to object is over, so this cannot be undone" in said
        assert "Your account stays open." in said


async def test_a_code_for_what_was_decided_since_is_not_sent(desk: Desk) -> None:
    declared = await desk.says_yes()
    await drop_declaration(declared.id, by=desk.by, at=desk.clock())
    assert await desk.send() == []


async def test_a_withdrawal_and_a_closing_are_told(desk: Desk) -> None:
    objection_id = await desk.object_to("News")
    await desk.send()
    await withdraw(objection_id, way=Way.LINK, by=desk.by, at=desk.clock.move(hours=1))
    [withdrawn] = await desk.send()
    assert "as if you had not objected" in text_of(withdrawn)
    await close_account(desk.member.id, by=SYSTEM, at=desk.clock.move(hours=1))
    [closed] = await desk.send()
    assert "It was closed on 2 March 2026" in text_of(closed)


async def test_a_sign_in_link_signs_in(desk: Desk) -> None:
    await request_sign_in("m0@example.org", desk.clock())
    [mail] = await desk.send()
    found = re.search(r"/sign-in/(\S+)", text_of(mail))
    assert found is not None
    assert KEYS.read_sign_in_link(found[1]) is not None


async def test_a_code_that_has_run_out_is_not_sent(desk: Desk) -> None:
    await request_sign_in("m0@example.org", desk.clock())
    desk.clock.move(days=1)
    assert await desk.send() == []
    mail = await OutgoingMail.all().order_by("-id").first()
    assert mail is not None
    assert (mail.state, mail.reply) == ("failed", "not sent: it was used or had run out")


async def test_a_proof_shows_a_member_of_staff_what_members_would_get(desk: Desk) -> None:
    staff = await Staff.all().order_by("id").first()
    draft = await Draft.all().order_by("-id").first()
    assert staff is not None
    assert draft is not None
    async with transaction():
        await queue_mail(MailKind.PROOF, staff_id=staff.id, about={"draft": draft.id}, at=desk.clock())
    [proof] = await desk.send()
    assert proof.recipient == staff.email
    assert "This is a proof. Nothing was published." in text_of(proof)
    assert f"/staff/drafts/{draft.id}" in text_of(proof)
    assert "/n/" not in text_of(proof)


async def test_mails_are_retried_under_the_same_message_id(desk: Desk) -> None:
    desk.relay.script |= {("RCPT", "m0@"): ["450 4.2.1 later"]}
    await desk.object_to("News")
    assert await desk.send() == []
    before = await OutgoingMail.get(kind=MailKind.RECEIPT)
    assert (before.state, before.attempts) == ("deferred", 1)
    desk.relay.script |= {("DOT", "m0@"): [HANG_UP]}
    desk.clock.move(hours=1)
    first = await desk.send()
    desk.clock.move(hours=1)
    second = await desk.send()
    assert [one.message["Message-ID"] for one in first + second] == [before.message_id] * 2
    assert (await OutgoingMail.get(kind=MailKind.RECEIPT)).state == "accepted"


async def test_a_member_without_an_address_gets_a_row_that_says_so(desk: Desk) -> None:
    async with transaction():
        lost = await Member.create(external_id="lost", recorded_at=desk.clock())
        mail = await queue_mail(MailKind.SIGN_IN, member_id=lost.id, about={"code": 1}, at=desk.clock())
    assert (mail.state, mail.reply) == ("failed", "no address")
    assert await desk.send() == []


async def test_one_mail_that_cannot_be_made_does_not_stop_the_next(desk: Desk) -> None:
    async with transaction():
        await queue_mail(MailKind.RECEIPT, member_id=desk.member.id, about={"objection": 999}, at=desk.clock())
    await request_sign_in("m1@example.org", desk.clock())
    assert [one.recipient for one in await desk.send()] == ["m1@example.org"]
    broken = await OutgoingMail.get(kind=MailKind.RECEIPT)
    assert (broken.state, broken.reply) == ("failed", "the message cannot be made")


async def test_waking_the_jobs_is_enough_to_have_a_mail_sent(desk: Desk) -> None:
    async with running(desk.settings, KEYS, desk.clock) as jobs:
        await jobs.idle()
        desk.relay.arrived.clear()
        await desk.object_to("News")
        jobs.wake()
        await asyncio.wait_for(desk.relay.arrived.wait(), 10)


async def test_a_broken_sweep_ends_nothing(desk: Desk) -> None:
    async def broken(_at: datetime) -> None:
        raise ValueError("m0@example.org")

    with capture_logs() as logs:
        async with running(desk.settings, KEYS, desk.clock, also=[broken]) as jobs:
            await desk.object_to("News")
            await jobs.idle()
            await jobs.idle()
    assert (await OutgoingMail.get(kind=MailKind.RECEIPT)).state == "accepted"
    assert {line["error"] for line in logs} == {"ValueError"}
    assert "example.org" not in str(logs)
