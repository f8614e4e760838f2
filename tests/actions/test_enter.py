"""What ops enter for a member: the member's own deed, received when the letter was, and the letter with it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from tortoise.exceptions import IntegrityError

from portal.actions.actor import SYSTEM, Actor
from portal.actions.consent import opt_in, opt_out
from portal.actions.declare import declare_consent
from portal.actions.enter_choice import enter_consent, enter_opt_in, enter_opt_out
from portal.actions.enter_objection import (
    enter_amendment,
    enter_confirmation,
    enter_confirmed_declaration,
    enter_objection,
    enter_withdrawal,
)
from portal.actions.enter_request import enter_request
from portal.actions.objection import file_objection
from portal.actions.outcome import close_account
from portal.actions.rehearsal import rehearsed
from portal.actions.submission import Arrival
from portal.rules.errors import RuleBroken
from portal.store.answers import Confirmation, ConfirmationWay, Consent, Direction, Objection, OptOut, Way
from portal.store.connections import transaction
from portal.store.declarations import Decision, Declaration
from portal.store.events import Event
from portal.store.members import Member, Remark
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.requests import MemberRequest, RequestKind
from portal.store.standings import opted_out
from portal.store.statement import execute
from portal.store.submissions import Submission, SubmissionKind
from tests.actions.conftest import OBJECTED, Told
from tests.support.world import CLOSES_2, DAY, JOINED, events

OPS = Actor("staff", 7)
ARRIVED = OBJECTED
ENTERED = ARRIVED + 2 * DAY
LETTER = Arrival(Way.LETTER, ARRIVED, "Folder 12", reason="Called back.")
LATE = replace(LETTER, received_at=CLOSES_2)
ANOTHER = (
    "INSERT INTO submission (member_id, number, staff_id, reference_id, sequence, kind, way, purpose, received_at,"
    " recorded_at) SELECT member_id, number, staff_id, reference_id, 0,"
)


async def mails(kind: MailKind) -> int:
    return await OutgoingMail.filter(kind=kind).count()


async def refused_as(deed: object) -> str:
    with pytest.raises(RuleBroken) as broken:
        await deed  # type: ignore[misc]
    return broken.value.code


async def test_an_objection_counts_from_its_arrival_and_tells_of_its_letter(told: Told) -> None:
    arrival = replace(LETTER, representative="Rita Roe", remark="In blue ink.")
    entered = await enter_objection(told.member.id, told.version.id, ["c1"], arrival, by=OPS, at=ENTERED)
    objection = await Objection.get()
    assert (objection.received_at, objection.recorded_at, objection.way) == (ARRIVED, ENTERED, Way.LETTER)
    assert (entered.objection_id, entered.number, entered.staff_id) == (objection.id, objection.number, 7)
    assert (entered.received_at, entered.recorded_at) == (ARRIVED, ENTERED)
    texts = {row.id: row.text for row in await Remark.all()}
    assert texts[entered.reference_id] == "Folder 12"
    assert (texts[entered.representative_id or 0], texts[entered.remark_id or 0]) == ("Rita Roe", "In blue ink.")
    assert await mails(MailKind.RECEIPT) == 1
    [event] = await events("submission.entered")
    assert (event.id, event.actor, event.received_at) == (entered.sequence, "staff:7", ARRIVED)
    assert event.facts == {"kind": "objection", "number": objection.number, "way": "letter", "files": []}


@pytest.mark.parametrize("way", [Way.LETTER, Way.CALL, Way.IN_PERSON, Way.REPLY, Way.EMAIL])
async def test_each_way_is_kept_with_the_answer_itself(told: Told, way: Way) -> None:
    arrival = replace(LETTER, way=way)
    await enter_objection(told.member.id, told.version.id, ["c1"], arrival, by=OPS, at=ENTERED)
    await enter_request(told.member.id, RequestKind.ACCESS, arrival, by=OPS, at=ENTERED)
    await enter_consent(told.member.id, told.version.id, "ai_training", arrival, by=OPS, at=ENTERED)
    kept = [(await model.get()).way for model in (Objection, MemberRequest, Declaration, Consent)]
    assert kept == [way] * 4


async def test_the_last_second_is_in_time_and_the_next_is_not(told: Told) -> None:
    late = enter_objection(told.member.id, told.version.id, [], LATE, by=OPS, at=CLOSES_2 + DAY)
    assert await refused_as(late) == "late"
    assert not await Submission.exists()
    in_time = replace(LETTER, received_at=CLOSES_2 - timedelta(seconds=1))
    await enter_objection(told.member.id, told.version.id, [], in_time, by=OPS, at=CLOSES_2 + DAY)
    assert (await Objection.get()).closing


@pytest.mark.parametrize(
    ("arrival", "by", "code"),
    [
        (replace(LETTER, received_at=ENTERED + DAY), OPS, "not_yet_received"),
        (replace(LETTER, reference="  "), OPS, "note_wanted"),
        (replace(LETTER, way=Way.LINK), OPS, "way_wanted"),
        (LETTER, SYSTEM, "staff_only"),
    ],
)
async def test_what_is_not_in_order_enters_nothing_by_half(told: Told, arrival: Arrival, by: Actor, code: str) -> None:
    deed = enter_objection(told.member.id, told.version.id, [], arrival, by=by, at=ENTERED)
    assert await refused_as(deed) == code
    assert not await Objection.exists()
    assert not await Event.filter(action="objection.filed").exists()
    assert not await OutgoingMail.exists()


async def test_nothing_arrived_before_the_member_joined_or_in_the_future(told: Told) -> None:
    early = replace(LETTER, received_at=JOINED - DAY)
    assert await refused_as(enter_opt_out(told.member.id, "marketing", early, by=OPS, at=ENTERED)) == "before_joining"
    ahead = replace(LETTER, received_at=ENTERED + DAY)
    assert await refused_as(enter_opt_out(told.member.id, "marketing", ahead, by=OPS, at=ENTERED)) == "in_the_future"
    assert not await OptOut.exists()


async def test_a_withdrawal_counts_from_its_arrival(told: Told) -> None:
    filed = await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=ARRIVED)
    arrival = replace(LETTER, received_at=ARRIVED + timedelta(hours=1), reason="")
    entered = await enter_withdrawal(filed.id, arrival, by=OPS, at=ENTERED)
    objection = await Objection.get()
    assert (objection.withdrawn_at, objection.withdrawn_recorded_at) == (ARRIVED + timedelta(hours=1), ENTERED)
    assert (entered.kind, entered.number, entered.declaration_id) == (SubmissionKind.WITHDRAWAL, filed.number, None)
    assert await mails(MailKind.WITHDRAWAL) == 1


async def test_a_withdrawal_when_time_is_over_takes_a_reason(told: Told) -> None:
    filed = await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=ARRIVED)
    without = enter_withdrawal(filed.id, replace(LATE, reason=" "), by=OPS, at=CLOSES_2 + DAY)
    assert await refused_as(without) == "reason_wanted"
    assert (await Objection.get()).withdrawn_at is None
    entered = await enter_withdrawal(filed.id, LATE, by=OPS, at=CLOSES_2 + DAY)
    declared = await Declaration.get(id=entered.declaration_id)
    assert (declared.decided_as, declared.confirmed_by) == (Decision.CONFIRMED, ConfirmationWay.OPS)
    assert (declared.received_at, (await Objection.get()).withdrawn_at) == (CLOSES_2, CLOSES_2)


async def test_a_letter_of_the_window_takes_no_reason_however_late_it_is_entered(told: Told) -> None:
    filed = await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=ARRIVED)
    await enter_withdrawal(filed.id, replace(LETTER, reason=""), by=OPS, at=CLOSES_2 + 5 * DAY)
    assert (await Objection.get()).withdrawn_at == ARRIVED


async def test_a_withdrawal_cannot_have_come_before_its_objection(told: Told) -> None:
    filed = await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=ARRIVED)
    early = replace(LETTER, received_at=ARRIVED - timedelta(seconds=1))
    assert await refused_as(enter_withdrawal(filed.id, early, by=OPS, at=ENTERED)) == "before_objection"


async def test_an_amendment_takes_its_place_at_its_arrival_or_leaves_both(told: Told) -> None:
    filed = await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=ARRIVED)
    for keys, arrival, code in (
        (["c2"], LATE, "late"),
        (["c2"], replace(LETTER, received_at=ARRIVED - DAY), "before_objection"),
        (["c1"], LETTER, "nothing_amended"),
        (["c2"], replace(LETTER, reference=" "), "note_wanted"),
    ):
        assert await refused_as(enter_amendment(filed.id, keys, arrival, by=OPS, at=CLOSES_2 + DAY)) == code
    assert (await Objection.get()).withdrawn_at is None
    entered = await enter_amendment(filed.id, ["c2"], LETTER, by=OPS, at=CLOSES_2 + DAY)
    before, amended = await Objection.all().order_by("id")
    assert (before.withdrawn_at, amended.received_at, amended.amends_id) == (ARRIVED, ARRIVED, before.id)
    assert (amended.closing, entered.objection_id, entered.kind) == (True, amended.id, SubmissionKind.OBJECTION)


async def test_a_confirmation_has_its_own_time_and_moves_no_other(told: Told) -> None:
    filed = await file_objection(told.member.id, told.version.id, ["c2"], way=Way.LINK, by=told.by, at=ARRIVED)
    call = replace(LETTER, way=Way.CALL, received_at=ARRIVED + DAY)
    entered = await enter_confirmation(filed.id, call, by=OPS, at=ENTERED)
    confirmation = await Confirmation.get()
    assert (confirmation.received_at, confirmation.recorded_at) == (ARRIVED + DAY, ENTERED)
    assert (confirmation.way, confirmation.staff_id) == (ConfirmationWay.OPS, 7)
    assert (await Objection.get()).received_at == ARRIVED
    assert (entered.kind, entered.objection_id) == (SubmissionKind.CONFIRMATION, filed.id)
    assert await refused_as(enter_confirmation(filed.id, call, by=OPS, at=ENTERED)) == "confirmed"
    assert await Submission.all().count() == 1


async def test_a_declaration_is_confirmed_by_a_call(told: Told) -> None:
    declared = await declare_consent(
        told.member.id, told.version.id, "ai_training", way=Way.LINK, known_as=None, by=told.by, at=ARRIVED
    )
    assert declared is not None
    await enter_confirmed_declaration(declared.id, LETTER, by=OPS, at=ENTERED)
    assert (await Consent.get()).received_at == ARRIVED
    again = enter_confirmed_declaration(declared.id, LETTER, by=OPS, at=ENTERED)
    assert await refused_as(again) == "declaration_over"


async def test_an_opt_out_counts_from_its_arrival_and_has_a_receipt(told: Told) -> None:
    entered = await enter_opt_out(told.member.id, "marketing", LETTER, by=OPS, at=ENTERED)
    row = await OptOut.get()
    assert (row.direction, row.received_at, row.recorded_at) == (Direction.OUT, ARRIVED, ENTERED)
    assert (entered.kind, entered.purpose, len(entered.number)) == (SubmissionKind.OPT_OUT, "marketing", 9)
    [mail] = await OutgoingMail.filter(kind=MailKind.OPT_OUT)
    assert mail.about == {"submission": entered.id}
    again = enter_opt_out(told.member.id, "marketing", LETTER, by=OPS, at=ENTERED)
    assert await refused_as(again) == "no_effect"


async def test_what_the_member_turned_since_is_their_last_word(told: Told) -> None:
    await opt_out(told.member.id, "marketing", way=Way.LINK, by=told.by, at=ARRIVED + timedelta(hours=1))
    await opt_in(told.member.id, "marketing", way=Way.LINK, by=told.by, at=ARRIVED + timedelta(hours=2))
    await enter_opt_out(told.member.id, "marketing", LETTER, by=OPS, at=ENTERED)
    assert await opted_out(told.member.id) == frozenset()
    assert await opted_out(told.member.id, ARRIVED + timedelta(hours=1)) == {"marketing"}
    await opt_out(told.member.id, "marketing", way=Way.LINK, by=told.by, at=ENTERED)
    older = enter_opt_in(told.member.id, "marketing", LETTER, by=OPS, at=ENTERED)
    assert await refused_as(older) == "no_effect"
    assert await opted_out(told.member.id) == {"marketing"}


async def test_the_end_of_an_opt_out_takes_a_reason_where_a_consent_is_asked_for(told: Told) -> None:
    for purpose in ("marketing", "ai_training"):
        await opt_out(told.member.id, purpose, way=Way.LINK, by=told.by, at=ARRIVED - DAY)
    await enter_opt_in(told.member.id, "marketing", replace(LETTER, reason=""), by=OPS, at=ENTERED)
    bare = enter_opt_in(told.member.id, "ai_training", replace(LETTER, reason=""), by=OPS, at=ENTERED)
    assert await refused_as(bare) == "reason_wanted"
    assert await opted_out(told.member.id) == {"ai_training"}
    entered = await enter_opt_in(told.member.id, "ai_training", LETTER, by=OPS, at=ENTERED)
    assert await opted_out(told.member.id) == frozenset()
    assert entered.declaration_id is not None
    assert (await mails(MailKind.OPT_OUT), await mails(MailKind.CONSENT)) == (1, 1)


async def test_a_consent_takes_a_reason_and_is_given_once(told: Told) -> None:
    bare = enter_consent(told.member.id, told.version.id, "ai_training", replace(LETTER, reason=""), by=OPS, at=ENTERED)
    assert await refused_as(bare) == "reason_wanted"
    entered = await enter_consent(told.member.id, told.version.id, "ai_training", LETTER, by=OPS, at=ENTERED)
    consent, declared = await Consent.get(), await Declaration.get()
    assert (consent.received_at, declared.received_at, declared.staff_id) == (ARRIVED, ARRIVED, 7)
    assert (entered.number, entered.declaration_id) == (declared.number, declared.id)
    assert await mails(MailKind.CONSENT) == 1
    again = enter_consent(told.member.id, told.version.id, "ai_training", LETTER, by=OPS, at=ENTERED)
    assert await refused_as(again) == "no_effect"


async def test_a_request_and_a_letter_that_reminds_of_it(told: Told) -> None:
    first = await enter_request(told.member.id, RequestKind.ACCESS, LETTER, by=OPS, at=ENTERED)
    twice = await enter_request(told.member.id, RequestKind.ACCESS, LETTER, by=OPS, at=ENTERED)
    reminder = replace(LETTER, received_at=ARRIVED + DAY, reference="Folder 13")
    other = await enter_request(told.member.id, RequestKind.ACCESS, reminder, by=OPS, at=ENTERED)
    assert first.id == twice.id != other.id
    assert first.request_id == other.request_id
    assert (await MemberRequest.get()).received_at == ARRIVED
    assert await mails(MailKind.REQUEST) == 1


async def test_a_closed_account_answers_nothing_but_may_ask(told: Told) -> None:
    await close_account(told.member.id, by=OPS, at=ARRIVED)
    after = replace(LETTER, received_at=ENTERED)
    for deed in (
        enter_objection(told.member.id, told.version.id, [], after, by=OPS, at=ENTERED),
        enter_opt_out(told.member.id, "marketing", after, by=OPS, at=ENTERED),
        enter_consent(told.member.id, told.version.id, "ai_training", after, by=OPS, at=ENTERED),
        enter_request(told.member.id, RequestKind.CLOSING, after, by=OPS, at=ENTERED),
    ):
        assert await refused_as(deed) == "account_closed"
    await enter_request(told.member.id, RequestKind.EXPORT, after, by=OPS, at=ENTERED)
    assert [row.kind for row in await Submission.all()] == [SubmissionKind.EXPORT]


async def test_a_rehearsal_says_what_would_be_and_leaves_nothing(told: Told) -> None:
    entered = await rehearsed(
        lambda: enter_objection(told.member.id, told.version.id, ["c2"], LETTER, by=OPS, at=ENTERED)
    )
    assert entered.kind is SubmissionKind.OBJECTION
    late = rehearsed(lambda: enter_objection(told.member.id, told.version.id, [], LATE, by=OPS, at=CLOSES_2 + DAY))
    assert await refused_as(late) == "late"
    for model in (Submission, Objection, OutgoingMail, Event, Remark):
        assert not await model.exists(), model


async def test_the_same_letter_entered_by_several_at_once_is_entered_once(told: Told) -> None:
    deeds = [enter_objection(told.member.id, told.version.id, ["c1"], LETTER, by=OPS, at=ENTERED) for _ in range(4)]
    answers = await asyncio.gather(*deeds, return_exceptions=True)
    assert sorted(type(one).__name__ for one in answers) == ["RuleBroken"] * 3 + ["Submission"]
    requests = [enter_request(told.member.id, RequestKind.EXPORT, LETTER, by=OPS, at=ENTERED) for _ in range(4)]
    assert len({one.id for one in await asyncio.gather(*requests)}) == 1
    assert (await Submission.all().count(), await MemberRequest.all().count()) == (2, 1)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE submission SET way = 'call'",
        "UPDATE submission SET received_at = recorded_at",
        "DELETE FROM submission",
        f"{ANOTHER} 'opt_out', way, '', received_at, recorded_at FROM submission",
        f"{ANOTHER} 'opt_out', 'link', 'x', received_at, recorded_at FROM submission",
        f"{ANOTHER} 'opt_out', way, 'x', recorded_at, received_at FROM submission",
        f"{ANOTHER} 'objection', way, 'x', received_at, recorded_at FROM submission",
        f"{ANOTHER} 'wish', way, 'x', received_at, recorded_at FROM submission",
    ],
)
async def test_the_database_refuses_to_alter_one_or_to_take_one_that_is_not_whole(told: Told, change: str) -> None:
    await enter_opt_out(told.member.id, "marketing", LETTER, by=OPS, at=ENTERED)
    with pytest.raises(IntegrityError):
        async with transaction() as connection:
            await execute(connection, change)


async def test_the_database_refuses_a_submission_about_what_another_member_said(told: Told) -> None:
    filed = await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=ARRIVED)
    entered = await enter_opt_out(told.member.id, "marketing", LETTER, by=OPS, at=ENTERED)
    async with transaction():
        other = await Member.create(external_id="m9", recorded_at=ENTERED)
    with pytest.raises(IntegrityError, match="its own member"):
        async with transaction() as connection:
            await execute(
                connection,
                "INSERT INTO submission (member_id, number, kind, way, staff_id, purpose, reference_id, objection_id,"
                " received_at, recorded_at, sequence)"
                f" SELECT {other.id}, number, 'objection', way, staff_id, '', reference_id, {filed.id},"
                f" received_at, recorded_at, 0 FROM submission WHERE id = {entered.id}",
            )
