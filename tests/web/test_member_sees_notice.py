"""A member saw a notice in the account: recorded once, and never by a link, which anybody may have opened."""

from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.notice import record_bounce
from portal.actions.outcome import close_account
from portal.store.notices import Notice, Sight, SightWay
from tests.support.clock import Clock
from tests.support.noticed import Noticed, noticed_world
from tests.web.conftest import SignIn


async def test_opening_it_from_the_account_records_the_sight(as_member: SignIn, noticed: Noticed, clock: Clock) -> None:
    browser = await as_member("m1")
    assert f'action="{noticed.in_account}/sight"' in (await browser.get("/account")).text
    answer = await browser.post(f"{noticed.in_account}/sight")
    assert (answer.status_code, answer.headers["location"]) == (303, noticed.in_account)
    sight = await Sight.get()
    assert (sight.member_id, sight.way, sight.received_at) == (noticed.member.id, SightWay.ACCOUNT, clock())


async def test_after_a_bounce_it_starts_the_time(as_member: SignIn, noticed: Noticed, clock: Clock) -> None:
    await record_bounce(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock())
    at = clock.move(days=1)
    browser = await as_member("m1")
    assert "starts your time to answer" in (await browser.get(noticed.in_account)).text
    await browser.post(f"{noticed.in_account}/sight")
    notice = await Notice.get(member_id=noticed.member.id, version_id=noticed.version.id)
    assert notice.opens_at == at
    text = (await browser.get(noticed.in_account)).text
    assert "You opened the notice in your account on 3 March 2026, 10:00 (Europe/Berlin)" in text
    assert "Mark as read" not in text


async def test_link_records_no_sight(client: AsyncClient, as_member: SignIn, noticed: Noticed) -> None:
    for browser in (client, await as_member("m1")):
        assert (await browser.post(f"{noticed.by_link()}/sight")).status_code == 404
    assert await Sight.all().count() == 0


async def test_repeated_sight_is_one(as_member: SignIn, noticed: Noticed, clock: Clock) -> None:
    browser = await as_member("m1")
    for _ in range(2):
        assert (await browser.post(f"{noticed.in_account}/sight")).status_code == 303
        clock.move(hours=1)
    assert await Sight.all().count() == 1


async def test_nobody_and_a_closed_account_see_nothing(
    client: AsyncClient, as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    browser = await as_member("m1")
    assert (await client.post(f"{noticed.in_account}/sight")).status_code == 303
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    assert (await browser.post(f"{noticed.in_account}/sight")).status_code == 410
    assert (await browser.post("/account/notices/999/sight")).status_code == 404
    assert await Sight.all().count() == 0


async def test_sight_of_a_notice_that_is_on_its_way_opens_no_window(as_member: SignIn, app: Starlette) -> None:
    noticed = await noticed_world(app, mailed=False)
    browser = await as_member("m1")
    await browser.post(f"{noticed.in_account}/sight")
    notice = await Notice.get(member_id=noticed.member.id, version_id=noticed.version.id)
    assert notice.opens_at is None
    assert "No deadline is running yet" in (await browser.get(noticed.in_account)).text
