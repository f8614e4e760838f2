"""What is declared by link is received and timed at once, and takes effect when it is confirmed."""

from datetime import timedelta

import pytest

from portal.actions.actor import Actor
from portal.actions.code import MOST_CODES, MOST_CODES_OF_A_MEMBER, MOST_TRIES
from portal.actions.consent import opt_in, opt_out
from portal.actions.declaration import (
    confirm_declaration,
    confirm_declaration_by_code,
    drop_declaration,
    reject_declaration,
    send_declarations_code,
)
from portal.actions.declare import declare_consent, declare_opt_in, take_back
from portal.actions.objection import confirm, file_objection, withdraw
from portal.actions.outcome import close_account, close_for_objection
from portal.actions.terms import governing_terms
from portal.keys import Keys
from portal.rules.errors import RuleBroken
from portal.store.access import OneTimeCode
from portal.store.answers import ConfirmationWay, Consent, Objection, Way
from portal.store.declarations import Decision, Declaration, DeclarationKind
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.standings import opted_out
from tests.actions.conftest import OBJECTED, Told
from tests.support.world import CLOSES_2, DAY, JOINED, events

KEYS = Keys(("a key",))
OPS = Actor("staff", 5)
LATER = OBJECTED + timedelta(hours=1)
LATE = CLOSES_2 + DAY


async def says_yes(told: Told, known_as: ConfirmationWay | None = None) -> Declaration:
    declared = await declare_consent(
        told.member.id, told.version.id, "ai_training", way=Way.LINK, known_as=known_as, by=told.by, at=OBJECTED
    )
    assert declared is not None
    return declared


async def freeze(told: Told) -> Objection:
    return await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=OBJECTED)


async def takes_back(told: Told, objection: Objection) -> Declaration:
    declared = await take_back(objection.id, way=Way.LINK, known_as=None, by=told.by, at=LATE)
    assert declared is not None
    return declared


async def code_of(declared: Declaration) -> str:
    row = await OneTimeCode.filter(declaration_id=declared.id).order_by("-id").first()
    assert row is not None
    return KEYS.code(row.id)


async def version_of_old_data(told: Told) -> int | None:
    asked = await governing_terms("m1", told.policy.slug, "ai_training", JOINED, at=LATE + DAY)
    return asked.answer.version


async def mails(kind: MailKind) -> int:
    return await OutgoingMail.filter(kind=kind).count()


async def test_a_yes_by_link_changes_nothing_and_a_code_is_mailed(told: Told) -> None:
    declared = await says_yes(told)
    assert (declared.received_at, declared.decided_at) == (OBJECTED, None)
    assert await Consent.all().count() == 0
    assert await version_of_old_data(told) == 1
    assert (await mails(MailKind.CONFIRM), await mails(MailKind.CONSENT)) == (1, 0)


async def test_the_code_confirms_it_and_moves_no_instant(told: Told) -> None:
    declared = await says_yes(told)
    confirmed = await confirm_declaration_by_code(declared.id, await code_of(declared), keys=KEYS, by=told.by, at=LATER)
    assert (confirmed.decided_as, confirmed.confirmed_by) == (Decision.CONFIRMED, ConfirmationWay.CODE)
    given = await Consent.get(member_id=told.member.id)
    assert (given.received_at, given.recorded_at, given.way) == (OBJECTED, LATER, Way.LINK)
    assert await version_of_old_data(told) == 2
    assert await mails(MailKind.CONSENT) == 1


async def test_who_is_known_confirms_by_saying_it(told: Told) -> None:
    declared = await says_yes(told, ConfirmationWay.SIGN_IN)
    assert declared.confirmed_by is ConfirmationWay.SIGN_IN
    assert await Consent.all().count() == 1
    assert await mails(MailKind.CONFIRM) == 0


async def test_who_signs_in_confirms_what_waits_and_keeps_its_time(told: Told) -> None:
    waiting = await says_yes(told)
    confirmed = await declare_consent(
        told.member.id,
        told.version.id,
        "ai_training",
        way=Way.ACCOUNT,
        known_as=ConfirmationWay.SIGN_IN,
        by=told.by,
        at=LATER,
    )
    assert confirmed is not None
    assert confirmed.id == waiting.id
    assert (await Consent.get()).received_at == OBJECTED


async def test_saying_it_again_gives_the_first_and_no_second_code(told: Told) -> None:
    assert (await says_yes(told)).id == (await says_yes(told)).id
    assert await mails(MailKind.CONFIRM) == 1
    assert len(await events("declaration.received")) == 1


async def test_where_the_consent_is_given_there_is_nothing_to_declare(told: Told) -> None:
    await says_yes(told, ConfirmationWay.SIGN_IN)
    again = await declare_consent(
        told.member.id, told.version.id, "ai_training", way=Way.LINK, known_as=None, by=told.by, at=LATER
    )
    assert again is None
    assert await Declaration.all().count() == 1


@pytest.mark.parametrize("purpose", ["marketing", "service", "nothing"])
async def test_only_what_the_version_asks_for_is_declared(told: Told, purpose: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        await declare_consent(
            told.member.id, told.version.id, purpose, way=Way.LINK, known_as=None, by=told.by, at=OBJECTED
        )
    assert refused.value.code == "not_asked"


async def test_a_yes_lifts_an_opt_out_in_the_same_transaction(told: Told) -> None:
    await opt_out(told.member.id, "ai_training", way=Way.LINK, by=told.by, at=OBJECTED - DAY)
    await says_yes(told, ConfirmationWay.SIGN_IN)
    assert await opted_out(told.member.id) == frozenset()
    assert await Consent.all().count() == 1


async def test_an_opt_out_made_since_is_the_last_word(told: Told) -> None:
    declared = await says_yes(told)
    await opt_out(told.member.id, "ai_training", way=Way.LINK, by=told.by, at=LATER)
    await confirm_declaration(declared.id, way=ConfirmationWay.SIGN_IN, by=told.by, at=LATER + DAY)
    assert await Consent.all().count() == 1
    assert await opted_out(told.member.id) == {"ai_training"}


async def test_an_opt_out_of_the_same_second_is_the_last_word_too(told: Told) -> None:
    declared = await says_yes(told)
    await opt_out(told.member.id, "ai_training", way=Way.LINK, by=told.by, at=OBJECTED)
    await confirm_declaration(declared.id, way=ConfirmationWay.SIGN_IN, by=told.by, at=LATER)
    assert await opted_out(told.member.id) == {"ai_training"}


async def test_stopping_again_what_is_stopped_takes_back_a_yes_that_waits(told: Told) -> None:
    await opt_out(told.member.id, "ai_training", way=Way.LINK, by=told.by, at=OBJECTED - DAY)
    declared = await says_yes(told)
    for new in (True, False):
        assert await opt_out(told.member.id, "ai_training", way=Way.LINK, by=told.by, at=LATER) is new
    await confirm_declaration(declared.id, way=ConfirmationWay.SIGN_IN, by=told.by, at=LATER + DAY)
    assert await opted_out(told.member.id) == {"ai_training"}


async def test_allowing_again_is_declared_too(told: Told) -> None:
    await opt_out(told.member.id, "ai_training", way=Way.LINK, by=told.by, at=OBJECTED - DAY)
    declared = await declare_opt_in(
        told.member.id, told.version.id, "ai_training", way=Way.LINK, known_as=None, by=told.by, at=OBJECTED
    )
    assert declared is not None
    assert declared.kind is DeclarationKind.OPT_IN
    assert await opted_out(told.member.id) == {"ai_training"}
    await confirm_declaration_by_code(declared.id, await code_of(declared), keys=KEYS, by=told.by, at=LATER)
    assert await opted_out(told.member.id) == frozenset()
    assert await Consent.all().count() == 0


async def test_where_nothing_is_stopped_there_is_nothing_to_allow(told: Told) -> None:
    declared = await declare_opt_in(
        told.member.id, told.version.id, "ai_training", way=Way.LINK, known_as=None, by=told.by, at=OBJECTED
    )
    assert declared is None


async def test_while_it_can_be_made_again_an_objection_is_taken_back_at_once(told: Told) -> None:
    objection = await freeze(told)
    assert await take_back(objection.id, way=Way.LINK, known_as=None, by=told.by, at=LATER) is None
    assert (await Objection.get(id=objection.id)).withdrawn_at == LATER
    assert await Declaration.all().count() == 0


async def test_in_the_last_second_it_needs_no_confirmation_and_in_the_next_it_does(told: Told) -> None:
    objection = await freeze(told)
    declared = await take_back(objection.id, way=Way.LINK, known_as=None, by=told.by, at=CLOSES_2)
    assert declared is not None
    last = CLOSES_2 - timedelta(seconds=1)
    assert await take_back(objection.id, way=Way.LINK, known_as=None, by=told.by, at=last) is None


async def test_after_the_window_it_stays_in_force_until_it_is_confirmed(told: Told) -> None:
    objection = await freeze(told)
    declared = await takes_back(told, objection)
    assert (await Objection.get(id=objection.id)).withdrawn_at is None
    confirmed_at = LATE + timedelta(hours=1)
    await confirm_declaration_by_code(declared.id, await code_of(declared), keys=KEYS, by=told.by, at=confirmed_at)
    ended = await Objection.get(id=objection.id)
    assert (ended.withdrawn_at, ended.withdrawn_recorded_at) == (LATE, confirmed_at)
    assert await mails(MailKind.WITHDRAWAL) == 1


async def test_who_is_signed_in_takes_it_back_at_once(told: Told) -> None:
    objection = await freeze(told)
    await take_back(objection.id, way=Way.ACCOUNT, known_as=ConfirmationWay.SIGN_IN, by=told.by, at=LATE)
    assert (await Objection.get(id=objection.id)).withdrawn_at == LATE


async def test_no_account_is_closed_while_a_withdrawal_waits(told: Told) -> None:
    objection = await file_objection(told.member.id, told.version.id, ["c2"], way=Way.LINK, by=told.by, at=OBJECTED)
    await confirm(objection.id, way=ConfirmationWay.SIGN_IN, by=told.by, at=OBJECTED)
    declared = await takes_back(told, objection)
    with pytest.raises(RuleBroken) as refused:
        await close_for_objection(objection.id, by=OPS, at=LATE + 9 * DAY)
    assert refused.value.code == "withdrawal_declared"
    await reject_declaration(declared.id, by=OPS, at=LATE + 9 * DAY, reason="Called the owner, it was not them.")
    assert await close_for_objection(objection.id, by=OPS, at=LATE + 9 * DAY)


async def test_a_withdrawal_in_another_way_leaves_nothing_to_confirm(told: Told) -> None:
    objection = await freeze(told)
    declared = await takes_back(told, objection)
    code = await code_of(declared)
    await withdraw(objection.id, way=Way.LETTER, by=OPS, at=LATE + DAY)
    assert (await Declaration.get(id=declared.id)).decided_as is Decision.OVERTAKEN
    with pytest.raises(RuleBroken) as refused:
        await confirm_declaration(declared.id, way=ConfirmationWay.SIGN_IN, by=told.by, at=LATE + DAY)
    assert refused.value.code == "declaration_over"
    with pytest.raises(RuleBroken):
        await confirm_declaration_by_code(declared.id, code, keys=KEYS, by=told.by, at=LATE + timedelta(minutes=1))
    assert len(await events("objection.withdrawn")) == 1


async def test_wrong_codes_count_and_are_limited(told: Told) -> None:
    declared = await says_yes(told)
    right = await code_of(declared)
    for left in range(MOST_TRIES - 1, -1, -1):
        with pytest.raises(RuleBroken) as refused:
            await confirm_declaration_by_code(declared.id, "00000000", keys=KEYS, by=told.by, at=LATER)
        assert (refused.value.code, refused.value.facts["tries_left"]) == ("code_wrong", left)
    with pytest.raises(RuleBroken) as refused:
        await confirm_declaration_by_code(declared.id, right, keys=KEYS, by=told.by, at=LATER)
    assert refused.value.code == "code_expired"
    assert await Consent.all().count() == 0


async def test_a_code_for_one_thing_confirms_no_other(told: Told) -> None:
    closing = await file_objection(told.member.id, told.version.id, ["c2"], way=Way.LINK, by=told.by, at=OBJECTED)
    declared = await says_yes(told)
    for_closing = await OneTimeCode.get(objection_id=closing.id)
    with pytest.raises(RuleBroken) as refused:
        await confirm_declaration_by_code(declared.id, KEYS.code(for_closing.id), keys=KEYS, by=told.by, at=LATER)
    assert refused.value.code == "code_wrong"


async def test_codes_cannot_be_asked_for_without_end(told: Told) -> None:
    declared = await says_yes(told)
    for _ in range(MOST_CODES - 1):
        await send_declarations_code(declared.id, by=told.by, at=LATER)
    with pytest.raises(RuleBroken) as refused:
        await send_declarations_code(declared.id, by=told.by, at=LATER)
    assert refused.value.code == "too_often"


async def test_nor_by_saying_and_leaving_it_over_and_over_but_what_is_said_is_received(told: Told) -> None:
    for _ in range(MOST_CODES_OF_A_MEMBER + 2):
        declared = await says_yes(told)
        await drop_declaration(declared.id, by=told.by, at=OBJECTED)
    assert await Declaration.all().count() == MOST_CODES_OF_A_MEMBER + 2
    assert await mails(MailKind.CONFIRM) == MOST_CODES_OF_A_MEMBER


async def test_who_leaves_it_has_changed_nothing_and_can_say_it_again(told: Told) -> None:
    declared = await says_yes(told)
    await drop_declaration(declared.id, by=told.by, at=LATER)
    with pytest.raises(RuleBroken) as refused:
        await confirm_declaration(declared.id, way=ConfirmationWay.SIGN_IN, by=told.by, at=LATER)
    assert refused.value.code == "declaration_over"
    assert (await says_yes(told)).id != declared.id
    assert await Consent.all().count() == 0


async def test_ops_confirms_and_rejects_with_a_reason_only(told: Told) -> None:
    declared = await says_yes(told)
    with pytest.raises(RuleBroken) as refused:
        await confirm_declaration(declared.id, way=ConfirmationWay.OPS, by=OPS, at=LATER, reason=" ")
    assert refused.value.code == "reason_wanted"
    with pytest.raises(RuleBroken) as refused:
        await reject_declaration(declared.id, by=OPS, at=LATER, reason="")
    assert refused.value.code == "reason_wanted"
    confirmed = await confirm_declaration(
        declared.id, way=ConfirmationWay.OPS, by=OPS, at=LATER, reason="Called the owner"
    )
    assert (confirmed.confirmed_by, confirmed.staff_id) == (ConfirmationWay.OPS, 5)


async def test_confirming_twice_is_confirming_once(told: Told) -> None:
    declared = await says_yes(told)
    for _ in range(2):
        await confirm_declaration(declared.id, way=ConfirmationWay.SIGN_IN, by=told.by, at=LATER)
    assert len(await events("declaration.confirmed")) == 1
    assert await Consent.all().count() == 1


async def test_a_closed_account_declares_and_confirms_nothing(told: Told) -> None:
    declared = await says_yes(told)
    code = await code_of(declared)
    await close_account(told.member.id, by=OPS, at=LATER)
    by_code = confirm_declaration_by_code(declared.id, code, keys=KEYS, by=told.by, at=LATER)
    again = declare_opt_in(
        told.member.id, told.version.id, "ai_training", way=Way.LINK, known_as=None, by=told.by, at=LATER
    )
    for attempt in (by_code, says_yes(told), again):
        with pytest.raises(RuleBroken) as refused:
            await attempt
        assert refused.value.code == "account_closed"
    assert await Consent.all().count() == 0


async def test_allowing_what_was_never_asked_needs_no_declaration(told: Told) -> None:
    await opt_out(told.member.id, "marketing", way=Way.LINK, by=told.by, at=OBJECTED)
    assert await opt_in(told.member.id, "marketing", way=Way.LINK, by=told.by, at=LATER)
