"""Requests in the database: one open of a kind, ended once, due when the rules say."""

import asyncio
from datetime import timedelta

import pytest
from tortoise.exceptions import IntegrityError

from portal.actions.actor import Actor
from portal.actions.outcome import close_account
from portal.actions.request import answer_request, ask, close_on_request, refuse_request, withdraw_request
from portal.rules.errors import RuleBroken
from portal.rules.request import answer_by
from portal.store.answers import Way
from portal.store.connections import transaction
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.outcomes import Closure
from portal.store.requests import MemberRequest, RequestEnd, RequestKind
from tests.actions.conftest import Told
from tests.support.world import at, events

NOW = at("2026-03-05 12:00")
OPS = Actor("staff", 1)


async def asked(told: Told, kind: RequestKind = RequestKind.ACCESS) -> MemberRequest:
    return await ask(told.member.id, kind, way=Way.ACCOUNT, by=told.by, at=NOW)


async def test_asking_at_the_same_instant_makes_one_request(told: Told) -> None:
    made = await asyncio.gather(*[asked(told) for _ in range(4)])
    assert len({request.id for request in made}) == 1
    assert await OutgoingMail.filter(kind=MailKind.REQUEST).count() == 1
    assert len(await events("request.received")) == 1


async def test_it_is_due_as_the_rules_say_in_the_zone_of_the_policy(told: Told) -> None:
    request = await asked(told)
    assert request.due_at == answer_by(NOW, ["America/New_York"]).closes_at


async def test_an_answer_a_refusal_and_a_withdrawal_at_the_same_instant_come_to_one(told: Told) -> None:
    request = await asked(told)
    said = await asyncio.gather(
        answer_request(request.id, "Sent.", by=OPS, at=NOW),
        refuse_request(request.id, "No.", by=OPS, at=NOW),
        withdraw_request(request.id, by=told.by, at=NOW),
        return_exceptions=True,
    )
    assert [one.code for one in said if isinstance(one, RuleBroken)] == ["request_ended"] * 2
    ended = [event for end in RequestEnd for event in await events(f"request.{end}")]
    assert len(ended) == 1


async def test_closing_and_taking_it_back_at_the_same_instant_come_to_one(told: Told) -> None:
    request = await asked(told, RequestKind.CLOSING)
    said = await asyncio.gather(
        close_on_request(request.id, by=OPS, at=NOW),
        withdraw_request(request.id, by=told.by, at=NOW),
        return_exceptions=True,
    )
    assert len([one for one in said if isinstance(one, RuleBroken)]) == 1
    closed = await Closure.exists(member_id=told.member.id)
    assert (await MemberRequest.get(id=request.id)).ended_as is (
        RequestEnd.ANSWERED if closed else RequestEnd.WITHDRAWN
    )


async def test_only_a_request_to_close_closes(told: Told) -> None:
    request = await asked(told)
    with pytest.raises(RuleBroken, match="does not ask for closing"):
        await close_on_request(request.id, by=OPS, at=NOW)
    assert not await Closure.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"due_at": NOW + timedelta(days=90)},
        {"number": "OTHER"},
        {"ended_at": NOW},
        {"received_at": NOW - timedelta(days=9)},
    ],
)
async def test_the_database_refuses_what_no_action_does(told: Told, wrong: dict[str, object]) -> None:
    request = await asked(told)
    with pytest.raises(IntegrityError):
        async with transaction():
            await MemberRequest.filter(id=request.id).update(**wrong)


async def test_the_database_keeps_the_end_of_a_request(told: Told) -> None:
    request = await asked(told)
    await answer_request(request.id, "Sent.", by=OPS, at=NOW)
    with pytest.raises(IntegrityError):
        async with transaction():
            await MemberRequest.filter(id=request.id).update(ended_as="refused")
    with pytest.raises(IntegrityError):
        async with transaction():
            await MemberRequest.filter(id=request.id).delete()


async def test_the_database_takes_no_request_to_close_a_closed_account(told: Told) -> None:
    await close_account(told.member.id, by=OPS, at=NOW)
    with pytest.raises(IntegrityError):
        async with transaction():
            await MemberRequest.create(
                member_id=told.member.id,
                number="X",
                kind=RequestKind.CLOSING,
                way=Way.ACCOUNT,
                received_at=NOW,
                recorded_at=NOW,
                sequence=0,
                due_at=NOW + timedelta(days=30),
            )
