"""Confirming an objection that closes the account: by the mailed code, or by ops with a reason."""

from datetime import timedelta

import pytest

from portal.actions.actor import Actor
from portal.actions.code import MOST_CODES, MOST_TRIES, send_another_code
from portal.actions.objection import confirm, confirm_by_code, file_objection, withdraw
from portal.keys import Keys
from portal.rules.errors import RuleBroken
from portal.store.access import OneTimeCode
from portal.store.answers import Confirmation, ConfirmationWay, Objection, Way
from tests.actions.conftest import OBJECTED, Told
from tests.support.world import events

KEYS = Keys(("an older key", "the newest key"))
OPS = Actor("staff", 5)


@pytest.fixture
async def closing(told: Told) -> Objection:
    return await file_objection(told.member.id, told.version.id, ["c2"], way=Way.LINK, by=told.by, at=OBJECTED)


async def code_of(objection: Objection) -> str:
    row = await OneTimeCode.filter(objection_id=objection.id).order_by("-id").first()
    assert row is not None
    return KEYS.code(row.id)


async def test_the_mailed_code_confirms_and_moves_no_instant(told: Told, closing: Objection) -> None:
    later = OBJECTED + timedelta(hours=1)
    confirmation = await confirm_by_code(closing.id, await code_of(closing), keys=KEYS, by=told.by, at=later)
    assert confirmation.way is ConfirmationWay.CODE
    await closing.refresh_from_db()
    assert closing.received_at == OBJECTED
    assert len(await events("objection.confirmed")) == 1


async def test_the_code_is_taken_with_spaces_and_after_a_rotation_of_keys(told: Told, closing: Objection) -> None:
    code = await code_of(closing)
    rotated = Keys((*KEYS.secrets, "a key made since"))
    spaced = f"{code[:4]} {code[4:]}"
    assert await confirm_by_code(closing.id, spaced, keys=rotated, by=told.by, at=OBJECTED)


async def test_a_wrong_code_says_how_many_tries_are_left_and_confirms_nothing(told: Told, closing: Objection) -> None:
    with pytest.raises(RuleBroken) as refused:
        await confirm_by_code(closing.id, "00000000", keys=KEYS, by=told.by, at=OBJECTED)
    assert refused.value.code == "code_wrong"
    assert refused.value.facts["tries_left"] == MOST_TRIES - 1
    assert await Confirmation.all().count() == 0


async def test_after_the_last_try_not_even_the_right_code_works(told: Told, closing: Objection) -> None:
    for _ in range(MOST_TRIES):
        with pytest.raises(RuleBroken):
            await confirm_by_code(closing.id, "00000000", keys=KEYS, by=told.by, at=OBJECTED)
    with pytest.raises(RuleBroken) as refused:
        await confirm_by_code(closing.id, await code_of(closing), keys=KEYS, by=told.by, at=OBJECTED)
    assert refused.value.code == "code_expired"
    assert await Confirmation.all().count() == 0


async def test_an_old_code_stops_working_when_another_is_sent(told: Told, closing: Objection) -> None:
    old = await code_of(closing)
    await send_another_code(closing.id, by=told.by, at=OBJECTED + timedelta(minutes=5))
    with pytest.raises(RuleBroken) as refused:
        await confirm_by_code(closing.id, old, keys=KEYS, by=told.by, at=OBJECTED + timedelta(minutes=6))
    assert refused.value.code == "code_wrong"


async def test_a_code_expires(told: Told, closing: Objection) -> None:
    late = OBJECTED + timedelta(hours=2)
    with pytest.raises(RuleBroken) as refused:
        await confirm_by_code(closing.id, await code_of(closing), keys=KEYS, by=told.by, at=late)
    assert refused.value.code == "code_expired"


async def test_codes_cannot_be_asked_for_without_end(told: Told, closing: Objection) -> None:
    for _ in range(MOST_CODES - 1):
        await send_another_code(closing.id, by=told.by, at=OBJECTED)
    with pytest.raises(RuleBroken) as refused:
        await send_another_code(closing.id, by=told.by, at=OBJECTED)
    assert refused.value.code == "too_often"


async def test_confirming_twice_gives_the_first_confirmation(told: Told, closing: Objection) -> None:
    first = await confirm(closing.id, way=ConfirmationWay.SIGN_IN, by=told.by, at=OBJECTED)
    again = await confirm(closing.id, way=ConfirmationWay.OPS, by=OPS, at=OBJECTED, reason="Called back")
    assert again.id == first.id
    assert len(await events("objection.confirmed")) == 1


async def test_ops_confirms_with_a_reason_only(closing: Objection) -> None:
    with pytest.raises(RuleBroken) as refused:
        await confirm(closing.id, way=ConfirmationWay.OPS, by=OPS, at=OBJECTED, reason=" ")
    assert refused.value.code == "reason_wanted"
    confirmation = await confirm(closing.id, way=ConfirmationWay.OPS, by=OPS, at=OBJECTED, reason="Signed letter")
    assert confirmation.staff_id == 5


async def test_a_freeze_needs_no_confirmation(told: Told) -> None:
    freeze = await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=OBJECTED)
    with pytest.raises(RuleBroken) as refused:
        await confirm(freeze.id, way=ConfirmationWay.SIGN_IN, by=told.by, at=OBJECTED)
    assert refused.value.code == "nothing_to_confirm"


async def test_a_withdrawn_objection_cannot_be_confirmed(told: Told, closing: Objection) -> None:
    await withdraw(closing.id, way=Way.LINK, by=told.by, at=OBJECTED)
    with pytest.raises(RuleBroken) as refused:
        await confirm(closing.id, way=ConfirmationWay.SIGN_IN, by=told.by, at=OBJECTED)
    assert refused.value.code == "no_objection"
