"""A reply that says an objection is received when it came, and is in force as far as nobody has to confirm it first."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from portal.actions.actor import Actor
from portal.actions.code import MOST_CODES_OF_A_MEMBER
from portal.actions.declaration import (
    confirm_declaration,
    confirm_declaration_by_code,
    drop_declaration,
    reject_declaration,
)
from portal.actions.objection import confirm_by_code, file_objection, withdraw
from portal.actions.outcome import close_account, close_for_objection
from portal.actions.reply_letter import refused_reply
from portal.actions.returned import Taken, take_in
from portal.actions.terms import governing_terms
from portal.keys import Keys
from portal.mail.returned import Envelope, read
from portal.rules.errors import RuleBroken
from portal.store.access import OneTimeCode
from portal.store.answers import Confirmation, ConfirmationWay, ObjectedChange, Objection, Way
from portal.store.connections import transaction
from portal.store.declaration_queue import open_declarations
from portal.store.declarations import Decision, Declaration, DeclarationKind
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.outcomes import Closure
from portal.store.replies import Reply
from portal.store.returned import HandledAs, ReturnedMail
from tests.actions.conftest import OBJECTED, Told
from tests.support.came_back import OURS
from tests.support.mails import SENDER
from tests.support.replies import Answered, gmail, outlook, thunderbird
from tests.support.replying import freezing_told, mails, replied_to
from tests.support.world import CLOSES_2, DAY, JOINED, POSTED_2, events, make_member, make_policy, make_version

KEYS = Keys(("a key",))
OPS = Actor("staff", 5)
LATER = OBJECTED + timedelta(hours=1)
LATE = CLOSES_2 + DAY


@pytest.fixture
async def mail(told: Told) -> Answered:
    """The notice that went to the member: an objection to all of it closes the account."""
    return await replied_to(told.member.id, told.version.id)


@pytest.fixture
async def freezing(told: Told) -> Told:
    """The same member and a version whose objection freezes."""
    return await freezing_told(told)


@pytest.fixture
async def milder(freezing: Told) -> Answered:
    return await replied_to(freezing.member.id, freezing.version.id)


async def comes(raw: bytes, at: datetime = OBJECTED) -> Taken:
    return await take_in(read(raw, Envelope("m1@example.org", ("privacy@example.com",)), OURS), at=at)


async def most_codes(member_id: int) -> None:
    """So many codes were mailed to the member today that no more are."""
    declared = await Declaration.get(member_id=member_id)
    async with transaction():
        for _ in range(MOST_CODES_OF_A_MEMBER):
            await OneTimeCode.create(
                member_id=member_id, declaration_id=declared.id, created_at=OBJECTED, expires_at=OBJECTED
            )


async def code_for(**about: int) -> str:
    row = await OneTimeCode.filter(**about).order_by("-id").first()
    assert row is not None
    return KEYS.code(row.id)


async def version_for_old_data(told: Told, at: datetime) -> tuple[int | None, str]:
    asked = await governing_terms("m1", told.policy.slug, "marketing", JOINED, at=at)
    return asked.answer.version, str(asked.answer.basis)


async def test_one_that_freezes_is_declared_and_a_code_is_mailed(freezing: Told, milder: Answered) -> None:
    row = (await comes(gmail("I object.", milder))).returned
    declared = await Declaration.get()
    assert (declared.kind, declared.way, declared.received_at) == (DeclarationKind.OBJECTION, Way.REPLY, OBJECTED)
    assert declared.decided_at is None
    assert await Objection.all().count() == 0
    assert (row.handled_as, (await Reply.get(returned_id=row.id)).declaration_id) == (
        HandledAs.RECORDED,
        declared.id,
    )
    assert await mails(MailKind.CONFIRM) == 1
    assert await mails(MailKind.RECEIPT) == await mails(MailKind.NOT_OBJECTED) == 0
    assert [one.row.id for one in await open_declarations()] == [declared.id]
    assert (await version_for_old_data(freezing, CLOSES_2 + 30 * DAY))[0] == freezing.version.number


async def test_the_code_puts_it_in_force_under_its_number_as_received_when_it_came(
    freezing: Told, milder: Answered
) -> None:
    await comes(gmail("I object.", milder))
    declared = await Declaration.get()
    code = await code_for(declaration_id=declared.id)
    await confirm_declaration_by_code(declared.id, code, keys=KEYS, by=freezing.by, at=LATER)
    objection = await Objection.get()
    assert (objection.number, objection.way, objection.closing) == (declared.number, Way.REPLY, False)
    assert (objection.received_at, objection.recorded_at) == (OBJECTED, LATER)
    covered = await ObjectedChange.filter(objection_id=objection.id).select_related("change")
    assert {link.change.key for link in covered} == {"n1", "n2"}
    assert await mails(MailKind.RECEIPT) == 1
    assert await version_for_old_data(freezing, CLOSES_2 + 30 * DAY) == (freezing.version.number - 1, "objection")
    again = await confirm_declaration(declared.id, way=ConfirmationWay.SIGN_IN, by=freezing.by, at=LATER)
    assert again.confirmed_by is ConfirmationWay.CODE
    assert await Objection.all().count() == 1


async def test_it_is_in_time_when_it_came_in_time_however_late_it_is_confirmed(
    freezing: Told, milder: Answered
) -> None:
    await comes(gmail("I object.", milder))
    declared = await Declaration.get()
    late = CLOSES_2 + 90 * DAY
    await confirm_declaration(declared.id, way=ConfirmationWay.OPS, by=OPS, at=late, reason="Called back.")
    objection = await Objection.get()
    assert (objection.received_at, objection.recorded_at, objection.withdrawn_at) == (OBJECTED, late, None)


async def test_who_leaves_it_or_ops_that_rejects_it_leave_everything_as_it_was(
    freezing: Told, milder: Answered
) -> None:
    await comes(gmail("I object.", milder))
    await drop_declaration((await Declaration.get()).id, by=freezing.by, at=LATER)
    await comes(gmail("I object to the changes.", milder), LATER)
    second = await Declaration.get(decided_at__isnull=True)
    await reject_declaration(second.id, by=OPS, at=LATER, reason="It was somebody else.")
    assert await Objection.all().count() == 0
    assert [one.decided_as for one in await Declaration.all().order_by("id")] == [Decision.DROPPED, Decision.REJECTED]


async def test_another_reply_meets_the_one_that_waits_and_mails_nothing(freezing: Told, milder: Answered) -> None:
    await comes(gmail("I object.", milder))
    await comes(thunderbird("I object to the changes.", milder), LATER)
    await comes(gmail("Me opongo.", milder), LATE + 90 * DAY)
    declared = await Declaration.get()
    assert declared.received_at == OBJECTED
    assert await Reply.filter(declaration_id=declared.id).count() == 3
    assert await OutgoingMail.all().count() == 1


async def test_an_objection_by_another_way_overtakes_it(freezing: Told, milder: Answered) -> None:
    await comes(gmail("I object.", milder))
    await file_objection(freezing.member.id, freezing.version.id, ["n1"], way=Way.LINK, by=freezing.by, at=LATER)
    declared = await Declaration.get()
    assert declared.decided_as is Decision.OVERTAKEN
    with pytest.raises(RuleBroken, match="decided already"):
        await confirm_declaration(declared.id, way=ConfirmationWay.SIGN_IN, by=freezing.by, at=LATER)
    assert await Objection.all().count() == 1


async def test_one_that_closes_is_in_force_at_once_and_closes_nothing_before_it_is_confirmed(
    told: Told, mail: Answered
) -> None:
    row = (await comes(gmail("I object.", mail))).returned
    objection = await Objection.get()
    assert (objection.closing, objection.way, objection.received_at) == (True, Way.REPLY, OBJECTED)
    assert (row.handled_as, (await Reply.get()).objection_id) == (HandledAs.RECORDED, objection.id)
    assert (await mails(MailKind.RECEIPT), await mails(MailKind.CODE)) == (1, 1)
    with pytest.raises(RuleBroken, match="confirm"):
        await close_for_objection(objection.id, by=OPS, at=LATE)
    assert await Closure.all().count() == 0
    code = await code_for(objection_id=objection.id)
    await confirm_by_code(objection.id, code, keys=KEYS, by=told.by, at=LATER)
    assert (await Confirmation.get()).way is ConfirmationWay.CODE
    await close_for_objection(objection.id, by=OPS, at=LATE)
    assert await Closure.all().count() == 1


async def test_it_is_the_members_for_48_hours_and_for_ops_at_once_where_no_code_can_be_mailed(
    freezing: Told, milder: Answered
) -> None:
    await comes(gmail("I object.", milder))
    assert [one.ops_at for one in await open_declarations()] == [OBJECTED + timedelta(hours=48)]
    await drop_declaration((await Declaration.get()).id, by=freezing.by, at=OBJECTED)
    await most_codes(freezing.member.id)
    await comes(gmail("I object to the changes.", milder))
    assert [one.ops_at for one in await open_declarations()] == [OBJECTED]


async def test_what_the_rules_refuse_is_not_filed_and_the_member_is_told_once(told: Told, mail: Answered) -> None:
    row = (await comes(gmail("I object.", mail), LATE)).returned
    reply = await Reply.get()
    assert (reply.refusal, reply.returned_id, reply.mail_id is None) == ("late", row.id, False)
    assert row.handled_at is None
    assert await Objection.all().count() == await Declaration.all().count() == 0
    told_by = await OutgoingMail.get()
    assert (told_by.kind, told_by.member_id) == (MailKind.NOT_OBJECTED, told.member.id)
    again = (await comes(gmail("I object to the changes.", mail), LATE + DAY)).returned
    assert (await Reply.get(returned_id=again.id)).mail_id is None
    assert again.handled_at is None
    assert await OutgoingMail.all().count() == 1


@pytest.mark.parametrize("elsewhere", [None, "inseparable", "separable"])
async def test_the_answer_to_a_late_one_speaks_of_opt_outs_where_some_policy_has_one(
    told: Told, elsewhere: str | None
) -> None:
    policy = await make_policy("forms", treatments={"upkeep": "inseparable"})
    member = await make_member(policy, "m9")
    if elsewhere:
        await make_member(await make_policy("club", treatments={"club_mail": elsewhere}), "m9", address=None)
    version = await make_version(policy, POSTED_2, {"c1": ["upkeep"]})
    await comes(gmail("I object.", await replied_to(member.id, version.id)), LATE)
    letter = await refused_reply(await OutgoingMail.get(), KEYS, SENDER)
    assert letter.told["refusal"] == "late"
    assert letter.told["opt_out_instead"] is (elsewhere == "separable")


async def test_one_in_force_is_not_filed_again(told: Told, mail: Answered) -> None:
    await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=OBJECTED)
    await comes(gmail("I object.", mail), LATER)
    assert (await Reply.get()).refusal == "already_objected"
    assert await Objection.all().count() == 1
    assert await mails(MailKind.NOT_OBJECTED) == 1


async def test_who_took_an_objection_back_may_reply_while_there_is_time(told: Told, mail: Answered) -> None:
    objection = await file_objection(told.member.id, told.version.id, way=Way.LINK, by=told.by, at=OBJECTED)
    await withdraw(objection.id, way=Way.LINK, by=told.by, at=OBJECTED)
    await comes(gmail("I object.", mail), LATER)
    assert await Objection.filter(withdrawn_at__isnull=True).count() == 1


async def test_a_closed_account_is_told_so(told: Told, mail: Answered) -> None:
    await close_account(told.member.id, by=OPS, at=OBJECTED, note="At their wish.")
    await comes(gmail("I object.", mail), LATER)
    assert (await Reply.get()).refusal == "account_closed"
    assert await mails(MailKind.NOT_OBJECTED) == 1


async def test_what_is_unclear_or_names_no_notice_waits_for_a_person(told: Told, mail: Answered) -> None:
    unclear = [
        gmail("I do not object.", mail),
        gmail("How do I object?", mail),
        gmail("I object because you sell it.", mail),
        gmail("I object.", Answered(to="m1@example.org")),
        gmail("I object.", Answered(mail.message_id, to="somebody@example.net")),
    ]
    for raw in unclear:
        assert (await comes(raw)).returned.handled_at is None
    assert await Reply.all().count() == await Objection.all().count() == await OutgoingMail.all().count() == 0


async def test_a_reply_to_another_mail_than_a_notice_waits_for_a_person(told: Told) -> None:
    async with transaction():
        await OutgoingMail.create(
            kind=MailKind.RECEIPT,
            member_id=told.member.id,
            about={},
            next_attempt_at=OBJECTED,
            message_id="<ab@example.com>",
            created_at=OBJECTED,
        )
    row = (await comes(gmail("I object.", Answered("<ab@example.com>", to="m1@example.org")))).returned
    assert row.handled_at is None
    assert await Reply.all().count() == 0


async def test_a_reply_from_another_address_is_known_by_the_quoted_headers(freezing: Told, milder: Answered) -> None:
    raw = outlook("I object.", milder).replace(b"From: M1 <m1@example.org>", b"From: Me <alias@example.net>", 1)
    await comes(raw)
    declared = await Declaration.get()
    assert declared.member_id == freezing.member.id
    sent = await OutgoingMail.get().select_related("address")
    assert sent.address is not None
    assert sent.address.address == "m1@example.org"


async def test_the_same_message_again_files_nothing_again(freezing: Told, milder: Answered) -> None:
    raw = gmail("I object.", milder)
    first, again = await comes(raw), await comes(raw, LATER)
    assert (first.new, again.new, first.returned.id) == (True, False, again.returned.id)
    assert await Declaration.all().count() == await Reply.all().count() == await OutgoingMail.all().count() == 1


@pytest.mark.parametrize("words", [("I object.",), ("I object.", "I object to the changes.")])
async def test_replies_at_the_same_instant_file_one(told: Told, mail: Answered, words: tuple[str, ...]) -> None:
    raws = [gmail(one, mail) for one in words]
    await asyncio.gather(*(comes(raw) for raw in raws * 3))
    assert await Objection.all().count() == 1
    assert await mails(MailKind.CODE) == 1
    assert await ReturnedMail.all().count() == await Reply.all().count() == len(words)
    assert await mails(MailKind.NOT_OBJECTED) == len(words) - 1


async def test_the_database_takes_no_freeze_by_a_reply_that_nobody_confirmed(freezing: Told, milder: Answered) -> None:
    with pytest.raises((IntegrityError, RuleBroken)):
        await file_objection(freezing.member.id, freezing.version.id, way=Way.REPLY, by=freezing.by, at=OBJECTED)
    assert await Objection.all().count() == 0
    by_ops = await file_objection(freezing.member.id, freezing.version.id, way=Way.REPLY, by=OPS, at=OBJECTED)
    assert by_ops.staff_id == OPS.id


async def test_the_database_keeps_what_became_of_a_reply(told: Told, mail: Answered) -> None:
    first = (await comes(gmail("I object.", mail), LATE)).returned
    reply = await Reply.get(returned_id=first.id)
    second = (await comes(gmail("I object to the changes.", mail), LATE)).returned
    third = (await comes(gmail("What?", mail), LATE)).returned
    columns = {"member_id": told.member.id, "version_id": told.version.id, "recorded_at": LATE}
    refused: list[Awaitable[Any]] = [
        Reply.filter(id=reply.id).update(refusal="no_notice"),
        Reply.filter(id=reply.id).delete(),
        Reply.create(returned_id=third.id, refusal="late", mail_id=reply.mail_id, **columns),
        Reply.create(returned_id=third.id, **columns),
        Reply.create(returned_id=second.id, refusal="late", **columns),
    ]
    for query in refused:
        with pytest.raises(IntegrityError):
            async with transaction():
                await query
    assert await Reply.all().count() == 2


async def test_events_say_what_became_of_it(freezing: Told, milder: Answered) -> None:
    await comes(gmail("I object.", milder))
    [event] = await events("declaration.received")
    assert (event.actor, event.member_id, event.facts["kind"]) == ("system", freezing.member.id, "objection")
    assert POSTED_2 < event.received_at == OBJECTED


async def test_a_declared_objection_is_to_all_changes_and_of_no_other_objection(told: Told) -> None:
    objection = await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=OBJECTED)
    for wrong in ({"purpose": "marketing"}, {"objection_id": objection.id}):
        with pytest.raises(IntegrityError):
            async with transaction():
                await Declaration.create(
                    member_id=told.member.id,
                    version_id=told.version.id,
                    number="7HQ4RX2MC",
                    kind=DeclarationKind.OBJECTION,
                    way=Way.REPLY,
                    received_at=OBJECTED,
                    recorded_at=OBJECTED,
                    sequence=1,
                    **wrong,
                )
