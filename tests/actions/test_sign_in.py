"""Signing in when several requests come at once."""

import asyncio

import pytest
from argon2 import PasswordHasher

from portal.actions.actor import SYSTEM, Actor
from portal.actions.password import needs_rehash
from portal.actions.session import (
    digest_of,
    member_of,
    request_sign_in,
    sign_in_member,
    sign_in_staff,
    staff_of,
)
from portal.actions.staff import add_staff, change_roles, disable_staff
from portal.keys import Keys
from portal.rules.errors import RuleBroken
from portal.store.access import MemberSession, OneTimeCode
from portal.store.connections import transaction
from portal.store.contacts import address_digest
from portal.store.members import Address
from portal.store.staff import Staff, StaffSession
from tests.support.world import DAY, at, make_member, make_policy

NOON = at("2026-03-02 12:00")
KEYS = Keys(("a key",))
PASSWORD = "correct horse battery staple"

pytestmark = pytest.mark.usefixtures("store")


async def test_of_two_uses_of_one_link_at_once_one_signs_in() -> None:
    member = await make_member(await make_policy())
    assert await request_sign_in("m1", NOON) == 1
    code = await OneTimeCode.get()
    link = KEYS.sign_in_link(member.id, code.id)
    answers = await asyncio.gather(*(sign_in_member(link, KEYS, NOON) for _ in range(5)), return_exceptions=True)
    cookies = [answer for answer in answers if isinstance(answer, str)]
    assert len(cookies) == 1
    assert {answer.code for answer in answers if isinstance(answer, RuleBroken)} == {"link_invalid"}
    known = await member_of(cookies[0], NOON)
    assert known is not None
    assert known.id == member.id
    assert await MemberSession.all().count() == 1


async def test_a_newer_link_ends_the_older_one() -> None:
    member = await make_member(await make_policy())
    await request_sign_in("m1", NOON)
    first = KEYS.sign_in_link(member.id, (await OneTimeCode.get()).id)
    await request_sign_in("m1", NOON)
    with pytest.raises(RuleBroken):
        await sign_in_member(first, KEYS, NOON)


async def test_an_address_that_was_replaced_brings_no_link() -> None:
    member = await make_member(await make_policy(), address="old@example.org")
    async with transaction():
        await Address.create(
            member_id=member.id,
            address="new@example.org",
            digest=address_digest("new@example.org"),
            received_at=NOON - DAY,
            recorded_at=NOON - DAY,
            sequence=1,
        )
    assert await request_sign_in("old@example.org", NOON) == 0
    assert await request_sign_in("NEW@example.org ", NOON) == 1


async def test_a_password_hash_of_another_time_is_renewed() -> None:
    person = await add_staff("ann@example.com", "Ann", ["ops"], PASSWORD, by=SYSTEM, at=NOON)
    async with transaction():
        await Staff.filter(id=person.id).update(password=PasswordHasher(time_cost=2, memory_cost=64).hash(PASSWORD))
    token = await sign_in_staff("ann@example.com", PASSWORD, NOON)
    assert not needs_rehash((await Staff.get(id=person.id)).password)
    assert await staff_of(token, NOON) is not None


async def test_a_stored_digest_opens_nothing() -> None:
    await add_staff("ann@example.com", "Ann", ["ops"], PASSWORD, by=SYSTEM, at=NOON)
    await sign_in_staff("ann@example.com", PASSWORD, NOON)
    stored = (await StaffSession.get()).token_digest
    assert await staff_of(stored, NOON) is None
    assert digest_of(stored) != stored


async def test_two_admins_cannot_remove_each_other() -> None:
    ann = await add_staff("ann@example.com", "Ann", ["admin"], PASSWORD, by=SYSTEM, at=NOON)
    bo = await add_staff("bo@example.com", "Bo", ["admin"], PASSWORD, by=SYSTEM, at=NOON)
    answers = await asyncio.gather(
        disable_staff(bo.id, by=Actor("staff", ann.id), at=NOON),
        change_roles(ann.id, ["ops"], by=Actor("staff", bo.id), at=NOON),
        return_exceptions=True,
    )
    assert [answer for answer in answers if isinstance(answer, RuleBroken)]
    left = await Staff.filter(disabled_at__isnull=True)
    assert ["admin"] in [person.roles for person in left]
