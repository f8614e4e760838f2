"""Ops sees which objections wait for what."""

from datetime import timedelta

import pytest
from httpx2 import AsyncClient

from portal.store.answers import Objection
from portal.store.staff import Role
from tests.support.answering import erase_address
from tests.support.clock import Clock
from tests.support.noticed import CLOSES_2, Noticed
from tests.support.objecting import closing, freezing
from tests.web.conftest import SignIn


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


async def shown(ops: AsyncClient, part: str) -> str:
    answer = await ops.get(f"/staff/objections?show={part}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_each_stands_in_its_part_with_number_member_and_due_date(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    freeze, close = await freezing(noticed, clock()), await closing(noticed, clock(), noticed.other)
    page = await shown(ops, "member")
    for words in (close.number, "m2", "22 March 2026, 00:00 (Europe/Berlin)", "1 change: Service", "To be confirmed"):
        assert words in page, words
    assert freeze.number not in page
    page = await shown(ops, "freezes")
    assert freeze.number in page
    assert close.number not in page
    page = await shown(ops, "all")
    assert freeze.number in page
    assert close.number in page


async def test_an_unconfirmed_one_is_the_members_for_48_hours_and_then_for_ops(
    as_staff: SignIn, noticed: Noticed, clock: Clock
) -> None:
    close = await closing(noticed, clock())
    clock.move(hours=48, seconds=-1)
    ops = await as_staff(Role.OPS)
    assert close.number in await shown(ops, "member")
    assert close.number not in await shown(ops, "unconfirmed")
    assert "to be confirmed" not in (await ops.get("/staff")).text
    clock.move(seconds=1)
    ops = await as_staff(Role.OPS)
    assert close.number not in await shown(ops, "member")
    assert close.number in await shown(ops, "unconfirmed")
    assert "1 closing objection is to be confirmed" in (await ops.get("/staff")).text
    assert (await Objection.get(id=close.id)).received_at == close.received_at


async def test_where_no_code_could_be_mailed_it_is_for_ops_at_once(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await erase_address(noticed)
    close = await closing(noticed, clock())
    assert close.number in await shown(ops, "unconfirmed")


async def test_a_confirmed_one_waits_then_is_due_then_overdue(
    ops: AsyncClient, as_staff: SignIn, noticed: Noticed, clock: Clock
) -> None:
    close = await closing(noticed, clock(), confirmed=True)
    for now, part in (
        (CLOSES_2 - timedelta(seconds=1), "closing"),
        (CLOSES_2, "due"),
        (CLOSES_2 + timedelta(days=3), "overdue"),
    ):
        clock.now = now
        ops = await as_staff(Role.OPS)
        parts = {
            name
            for name in ("closing", "due", "overdue", "unconfirmed", "member")
            if close.number in await shown(ops, name)
        }
        assert parts == {part}


async def test_without_a_choice_the_most_pressing_part_is_shown(
    ops: AsyncClient, as_staff: SignIn, noticed: Noticed, clock: Clock
) -> None:
    assert "No objection has been received yet." in (await ops.get("/staff/objections")).text
    await freezing(noticed, clock())
    assert "Confirm that they do." in (await ops.get("/staff/objections")).text
    await closing(noticed, clock(), noticed.other)
    clock.move(hours=48)
    ops = await as_staff(Role.OPS)
    assert "nobody known to be the member has confirmed" in (await ops.get("/staff/objections")).text


async def test_it_can_keep_to_one_version(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    freeze = await freezing(noticed, clock())
    assert freeze.number in await shown(ops, f"all&version={noticed.version.id}")
    assert freeze.number not in await shown(ops, f"all&version={noticed.version.id - 1}")
    assert (await ops.get("/staff/objections?version=99999")).status_code == 404
    assert (await ops.get("/staff/objections?show=nonsense&version=x&page=99")).status_code == 200


@pytest.mark.parametrize("role", [Role.LEGAL, Role.APPROVER, Role.ADMIN])
async def test_other_roles_do_not_see_the_queue(as_staff: SignIn, role: Role) -> None:
    assert (await (await as_staff(role)).get("/staff/objections")).status_code == 403


async def test_whoever_is_not_signed_in_is_sent_to_sign_in(client: AsyncClient) -> None:
    answer = await client.get("/staff/objections?show=due")
    assert answer.headers["location"].startswith("/staff/sign-in?next=/staff/objections")
