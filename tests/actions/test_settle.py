"""Outcomes: freezes confirmed by the company's systems, and accounts closed."""

import asyncio

import pytest
from tortoise.exceptions import IntegrityError

from portal.actions.actor import Actor
from portal.actions.objection import confirm, file_objection, withdraw
from portal.actions.outcome import close_account, close_for_objection, settle_freeze
from portal.rules.errors import RuleBroken
from portal.store.answers import ConfirmationWay, Objection, Way
from portal.store.connections import transaction
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.outcomes import Closure, Settlement
from tests.actions.conftest import OBJECTED, Told
from tests.support.world import CLOSES_2, DAY, events

OPS = Actor("staff", 5)


async def objects(told: Told, change: str) -> Objection:
    return await file_objection(told.member.id, told.version.id, [change], way=Way.LINK, by=told.by, at=OBJECTED)


@pytest.fixture
async def confirmed(told: Told) -> Objection:
    objection = await objects(told, "c2")
    await confirm(objection.id, way=ConfirmationWay.SIGN_IN, by=told.by, at=OBJECTED)
    return objection


async def test_a_freeze_is_settled_once(told: Told) -> None:
    freeze = await objects(told, "c1")
    first = await settle_freeze(freeze.id, by=OPS, at=OBJECTED + DAY, note="CRM and newsletter")
    again = await settle_freeze(freeze.id, by=OPS, at=OBJECTED + 2 * DAY)
    assert again.id == first.id
    assert await Settlement.all().count() == 1
    assert len(await events("freeze.settled")) == 1


async def test_a_closure_is_no_freeze_to_settle(confirmed: Objection) -> None:
    with pytest.raises(RuleBroken) as refused:
        await settle_freeze(confirmed.id, by=OPS, at=OBJECTED)
    assert refused.value.code == "not_a_freeze"


async def test_an_account_is_closed_when_the_objection_falls_due(told: Told, confirmed: Objection) -> None:
    closure = await close_for_objection(confirmed.id, by=OPS, at=CLOSES_2)
    assert (closure.member_id, closure.received_at) == (told.member.id, CLOSES_2)
    assert await OutgoingMail.filter(kind=MailKind.CLOSED).count() == 1
    assert len(await events("account.closed")) == 1


async def test_not_before_it_is_due_unless_the_member_asks(confirmed: Objection) -> None:
    with pytest.raises(RuleBroken) as refused:
        await close_for_objection(confirmed.id, by=OPS, at=CLOSES_2 - DAY)
    assert refused.value.code == "not_due"
    assert refused.value.facts["due_at"] == CLOSES_2
    assert await Closure.all().count() == 0
    assert await close_for_objection(confirmed.id, by=OPS, at=CLOSES_2 - DAY, early=True)


async def test_an_unconfirmed_objection_closes_no_account(told: Told) -> None:
    objection = await objects(told, "c2")
    with pytest.raises(RuleBroken) as refused:
        await close_for_objection(objection.id, by=OPS, at=CLOSES_2)
    assert refused.value.code == "not_confirmed"
    with pytest.raises(IntegrityError, match="once it is confirmed"):
        async with transaction():
            await Closure.create(
                member_id=told.member.id,
                objection_id=objection.id,
                received_at=CLOSES_2,
                recorded_at=CLOSES_2,
                sequence=1,
            )


async def test_a_freeze_closes_no_account(told: Told) -> None:
    freeze = await objects(told, "c1")
    with pytest.raises(RuleBroken) as refused:
        await close_for_objection(freeze.id, by=OPS, at=CLOSES_2)
    assert refused.value.code == "not_a_closure"


async def test_a_second_closing_is_refused(told: Told, confirmed: Objection) -> None:
    await close_for_objection(confirmed.id, by=OPS, at=CLOSES_2)
    for attempt in (
        close_for_objection(confirmed.id, by=OPS, at=CLOSES_2),
        close_account(told.member.id, by=OPS, at=CLOSES_2),
    ):
        with pytest.raises(RuleBroken) as refused:
            await attempt
        assert refused.value.code == "account_closed"
    assert await Closure.all().count() == 1


async def test_closing_and_withdrawing_at_the_same_instant_never_both(told: Told, confirmed: Objection) -> None:
    answers = await asyncio.gather(
        close_for_objection(confirmed.id, by=OPS, at=CLOSES_2),
        withdraw(confirmed.id, way=Way.LINK, by=told.by, at=CLOSES_2),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, RuleBroken) for answer in answers) == 1
    closed = await Closure.all().count()
    withdrawn = await Objection.filter(withdrawn_at__isnull=False).count()
    assert closed + withdrawn == 1
