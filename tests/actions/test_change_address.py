"""An address change in the database: once, in whatever order, and never half."""

import asyncio

import pytest
from tortoise.exceptions import IntegrityError

from portal.actions.actor import Actor
from portal.actions.address_change import (
    ask_for_address,
    confirm_address,
    disown_change,
    hand_change_over,
)
from portal.actions.request import stand_in
from portal.rules.errors import RuleBroken
from portal.store.address_changes import AddressChange, AddressChangeEnd
from portal.store.connections import transaction
from portal.store.contacts import last_address
from portal.store.members import Address
from portal.store.notices import Notice
from portal.store.requests import MemberRequest, RequestEnd
from portal.store.standings import known
from tests.actions.conftest import Told
from tests.support.world import DAY, SENT_2, accept, at, events, make_version

NOW = at("2026-03-05 12:00")
OPS = Actor("staff", 1)


async def asked(told: Told, address: str = "new@example.org") -> AddressChange:
    change = await ask_for_address(told.member.id, address, by=told.by, at=NOW)
    assert change is not None
    return change


async def test_both_say_yes_at_the_same_instant_and_it_is_given_once(told: Told) -> None:
    change = await asked(told)
    await asyncio.gather(
        *[confirm_address(change.id, new=new, by=told.by, at=NOW + DAY) for new in (True, False, True, False)],
        return_exceptions=True,
    )
    assert await Address.filter(member_id=told.member.id).count() == 2
    assert len(await events("address.given")) == 1
    assert (await AddressChange.get(id=change.id)).ended_as is AddressChangeEnd.CONFIRMED


async def test_a_yes_and_a_no_at_the_same_instant_come_to_one_of_both(told: Told) -> None:
    change = await asked(told)
    await confirm_address(change.id, new=True, by=told.by, at=NOW)
    said = await asyncio.gather(
        confirm_address(change.id, new=False, by=told.by, at=NOW),
        disown_change(change.id, by=told.by, at=NOW),
        return_exceptions=True,
    )
    refused = [one for one in said if isinstance(one, RuleBroken)]
    assert [one.code for one in refused] == ["change_over"]
    given = await Address.filter(member_id=told.member.id).count() == 2
    ended = (await AddressChange.get(id=change.id)).ended_as
    assert ended is (AddressChangeEnd.CONFIRMED if given else AddressChangeEnd.DISOWNED)


async def test_asking_at_the_same_instant_leaves_one_that_waits(told: Told) -> None:
    addresses = [f"new{number}@example.org" for number in range(4)]
    await asyncio.gather(*[ask_for_address(told.member.id, one, by=told.by, at=NOW) for one in addresses])
    assert await AddressChange.filter(member_id=told.member.id, ended_at__isnull=True).count() == 1


async def test_handing_over_at_the_same_instant_makes_one_request(told: Told) -> None:
    change = await asked(told)
    await confirm_address(change.id, new=True, by=told.by, at=NOW)
    made = await asyncio.gather(*[hand_change_over(told.member.id, by=told.by, at=NOW) for _ in range(3)])
    assert len({request.id for request in made}) == 1
    assert len(await events("request.received")) == 1


async def test_ops_and_the_old_address_say_yes_at_the_same_instant(told: Told) -> None:
    change = await asked(told)
    await confirm_address(change.id, new=True, by=told.by, at=NOW)
    request = await hand_change_over(told.member.id, by=told.by, at=NOW + DAY)
    assert (request.received_at, request.recorded_at) == (NOW, NOW + DAY)
    await asyncio.gather(
        stand_in(request.id, "Called.", by=OPS, at=NOW),
        confirm_address(change.id, new=False, by=told.by, at=NOW),
        return_exceptions=True,
    )
    assert len(await events("address.given")) == 1
    assert (await MemberRequest.get(id=request.id)).ended_as is RequestEnd.ANSWERED


async def test_a_sending_to_the_old_address_counts_until_the_change_does(told: Told) -> None:
    """Rules: a sending counts at the last address that the member gave by then, which is the confirmed one."""
    change = await asked(told)
    await confirm_address(change.id, new=True, by=told.by, at=NOW)
    third = await make_version(told.policy, NOW, {"d1": ["marketing"]})
    await accept(await Notice.get(member_id=told.member.id, version_id=third.id), NOW + DAY)
    await confirm_address(change.id, new=False, by=told.by, at=NOW + 2 * DAY)
    standing = (await known(told.member.id, told.policy.id)).standing
    assert standing.deliveries[2].sent == (SENT_2,)
    assert standing.deliveries[3].sent == (NOW + DAY,)
    last = await last_address(told.member.id)
    assert last is not None
    assert (last.address, last.received_at) == ("new@example.org", NOW + 2 * DAY)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ended_at": NOW, "ended_as": AddressChangeEnd.CONFIRMED},
        {"ended_at": NOW},
        {"address": "other@example.org"},
        {"expires_at": NOW + 30 * DAY},
    ],
)
async def test_the_database_refuses_what_no_action_does(told: Told, wrong: dict[str, object]) -> None:
    change = await asked(told)
    with pytest.raises(IntegrityError):
        async with transaction():
            await AddressChange.filter(id=change.id).update(**wrong)


async def test_the_database_keeps_what_was_confirmed_and_how_it_ended(told: Told) -> None:
    change = await asked(told)
    for new in (True, False):
        await confirm_address(change.id, new=new, by=told.by, at=NOW)
    for wrong in ({"new_confirmed_at": None}, {"ended_at": None, "ended_as": None}, {"ended_as": "cancelled"}):
        with pytest.raises(IntegrityError):
            async with transaction():
                await AddressChange.filter(id=change.id).update(**wrong)
    with pytest.raises(IntegrityError):
        async with transaction():
            await AddressChange.filter(id=change.id).delete()
    async with transaction():  # but it can be erased
        await AddressChange.filter(id=change.id).update(address="")
