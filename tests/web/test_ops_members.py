"""Ops finds a member and sees everything known of them."""

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import SYSTEM, Actor
from portal.actions.consent import opt_out
from portal.actions.notice import record_bounce
from portal.store.answers import Way
from portal.store.staff import Role
from tests.support.clock import Clock
from tests.support.noticed import Noticed
from tests.support.objecting import freezing
from tests.web.conftest import SignIn


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("m1", ["m1"]),
        ("M", ["m1", "m2"]),
        ("maria@", ["m1"]),
        ("EXAMPLE.net", ["m2"]),
        ("", ["m1", "m2"]),
        ("%", []),
        ("_1", []),
        ("nobody", []),
    ],
)
@pytest.mark.usefixtures("noticed")
async def test_search_goes_by_id_and_address(ops: AsyncClient, words: str, found: list[str]) -> None:
    page = (await ops.get("/staff/members", params={"q": words})).text
    assert [name for name in ("m1", "m2") if f">{name}</a>" in page] == found


async def test_a_page_shows_all_that_is_known(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    by = Actor("member", noticed.member.id)
    objection = await freezing(noticed, clock())
    await opt_out(noticed.member.id, "marketing", way=Way.ACCOUNT, by=by, at=clock())
    page = (await ops.get(f"/staff/members/{noticed.member.id}")).text
    for words in (
        "maria@example.org",
        "Privacy policy, version 2",
        "on version 1",
        "Version 2",
        "1 March 2026, 10:05 (Europe/Berlin)",
        "22 March 2026, 00:00 (Europe/Berlin) (in 19 days)",
        objection.number,
        "Opted out",
        "Objection received",
        "Record a bounce",
    ):
        assert words in page, words
    assert "noah@example.net" not in page
    assert "Enter an objection" not in page  # one is in force
    assert "Enter an objection" in (await ops.get(f"/staff/members/{noticed.other.id}")).text


async def test_a_bounced_sending_is_named_with_what_it_said(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    await record_bounce(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock(), note="Mailbox gone")
    page = (await ops.get(f"/staff/members/{noticed.member.id}")).text
    for words in ("Mailbox gone", "Bounced", "no end yet"):
        assert words in page, words


async def test_other_roles_see_no_member(as_staff: SignIn, noticed: Noticed) -> None:
    other = await as_staff(Role.LEGAL, Role.APPROVER, Role.ADMIN)
    for address in ("", "addresses", "closure", f"sights?version={noticed.version.id}"):
        assert (await other.get(f"/staff/members/{noticed.member.id}/{address}".rstrip("/"))).status_code == 403


async def test_members_and_notices_that_are_not_there_are_not_found(ops: AsyncClient, noticed: Noticed) -> None:
    assert (await ops.get("/staff/members/99999")).status_code == 404
    for version in ("", "x", "99999", str(noticed.version.id - 1)):
        address = f"/staff/members/{noticed.member.id}/sights?version={version}"
        assert (await ops.get(address)).status_code == 404, version
