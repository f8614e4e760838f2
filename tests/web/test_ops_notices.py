"""Ops sees how far the notices of a version have come, and whom they have not reached."""

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.notice import record_bounce, record_letter, record_refusal
from portal.store.staff import Role
from tests.support.clock import Clock
from tests.support.drafting import ON_SITE
from tests.support.noticed import Noticed, noticed_world
from tests.web.conftest import SignIn


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


async def listed(ops: AsyncClient, noticed: Noticed, state: str) -> str:
    answer = await ops.get(f"/staff/notices/{noticed.version.id}?state={state}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_versions_are_listed_with_their_progress(ops: AsyncClient, noticed: Noticed) -> None:
    page = (await ops.get("/staff/notices")).text
    for words in (
        "Privacy policy, version 2",
        "2 of 2 tried",
        '<progress aria-labelledby="progress-sent" value="2" max="2">',
    ):
        assert words in page, words
    assert "version 1" not in page
    assert f"/staff/notices/{noticed.version.id}" in page


async def test_states_are_counted_and_listed(ops: AsyncClient, noticed: Noticed) -> None:
    page = await listed(ops, noticed, "all")
    for words in ("m1", "m2", "maria@example.org", "22 March 2026, 00:00 (Europe/Berlin)", "100.0%"):
        assert words in page, words
    assert "No notice in this state" in await listed(ops, noticed, "failed")


async def test_a_bounce_is_not_reached_until_the_member_is_told_on_paper(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    ids = (noticed.member.id, noticed.version.id)
    await record_bounce(*ids, by=SYSTEM, at=clock(), note="Mailbox gone")
    for state in ("bounced", "not_reached"):
        page = await listed(ops, noticed, state)
        for words in ("m1", "Mailbox gone", "Bounced", "not running yet"):
            assert words in page, (state, words)
        assert "m2" not in page
    assert "m1<" not in await listed(ops, noticed, "accepted")
    assert "1 member was not reached" in (await ops.get("/staff/notices")).text
    await record_letter(*ids, by=SYSTEM, at=clock())
    assert "No notice in this state" in await listed(ops, noticed, "not_reached")


async def test_a_refusal_is_listed_with_its_code(ops: AsyncClient, app: Starlette, clock: Clock) -> None:
    noticed = await noticed_world(app, mailed=False)
    await record_refusal(noticed.member.id, noticed.version.id, "5.1.1", by=SYSTEM, at=clock())
    page = await listed(ops, noticed, "not_reached")
    for words in ("m1", "5.1.1", "Refused", "1 of 2 tried, 1 to go"):
        assert words in page, words


async def test_what_is_not_mailed_needs_no_mail(ops: AsyncClient, app: Starlette) -> None:
    noticed = await noticed_world(app, ON_SITE, mailed=False)
    assert "2 members, told on the site or in the account. No mail." in (await ops.get("/staff/notices")).text
    page = await listed(ops, noticed, "posted")
    assert "m1" in page
    assert "<progress" not in page


async def test_legal_does_not_see_members_addresses(as_staff: SignIn, noticed: Noticed) -> None:
    legal = await as_staff(Role.LEGAL, Role.APPROVER)
    for address in ("/staff/notices", f"/staff/notices/{noticed.version.id}", "/staff/members"):
        assert (await legal.get(address)).status_code == 403
    assert (await (await as_staff(Role.OPS)).get("/staff/notices/9999")).status_code == 404
