"""Taking an objection back."""

import asyncio

import pytest

from portal.actions.objection import file_objection, withdraw
from portal.actions.outcome import close_account
from portal.rules.errors import RuleBroken
from portal.store.answers import Objection, Way
from portal.store.outbox import MailKind, OutgoingMail
from tests.actions.conftest import OBJECTED, Told
from tests.support.world import CLOSES_2, DAY, events


@pytest.fixture
async def freeze(told: Told) -> Objection:
    return await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=OBJECTED)


async def test_a_withdrawal_is_timed_recorded_and_receipted(told: Told, freeze: Objection) -> None:
    taken_back = await withdraw(freeze.id, way=Way.LINK, by=told.by, at=OBJECTED + DAY)
    assert taken_back.withdrawn_at == OBJECTED + DAY
    assert len(await events("objection.withdrawn")) == 1
    assert await OutgoingMail.filter(kind=MailKind.WITHDRAWAL).count() == 1


async def test_a_freeze_can_be_withdrawn_after_the_window_has_closed(told: Told, freeze: Objection) -> None:
    assert await withdraw(freeze.id, way=Way.LINK, by=told.by, at=CLOSES_2 + 100 * DAY)


async def test_a_second_withdrawal_is_refused_and_changes_nothing(told: Told, freeze: Objection) -> None:
    await withdraw(freeze.id, way=Way.LINK, by=told.by, at=OBJECTED + DAY)
    with pytest.raises(RuleBroken) as refused:
        await withdraw(freeze.id, way=Way.LINK, by=told.by, at=OBJECTED + 2 * DAY)
    assert refused.value.code == "no_objection"
    await freeze.refresh_from_db()
    assert freeze.withdrawn_at == OBJECTED + DAY


async def test_of_two_withdrawals_at_the_same_instant_one_counts(told: Told, freeze: Objection) -> None:
    answers = await asyncio.gather(
        *(withdraw(freeze.id, way=Way.LINK, by=told.by, at=OBJECTED) for _ in range(5)), return_exceptions=True
    )
    assert [a.code for a in answers if isinstance(a, RuleBroken)] == ["no_objection"] * 4
    assert len(await events("objection.withdrawn")) == 1


async def test_after_the_closing_of_the_account_nothing_is_withdrawn(told: Told, freeze: Objection) -> None:
    await close_account(told.member.id, by=told.by, at=OBJECTED)
    with pytest.raises(RuleBroken) as refused:
        await withdraw(freeze.id, way=Way.LINK, by=told.by, at=OBJECTED + DAY)
    assert refused.value.code == "account_closed"


async def test_an_unknown_objection_is_none_in_force(told: Told) -> None:
    with pytest.raises(RuleBroken) as refused:
        await withdraw(999, way=Way.LINK, by=told.by, at=OBJECTED)
    assert refused.value.code == "no_objection"
