"""A member stops a purpose: from a notice, in the account, or with the single click of a mailed link."""

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import SYSTEM
from portal.actions.outcome import close_account
from portal.actions.terms import governing_terms
from portal.rules.governing import Basis
from portal.store.answers import Direction, OptOut, Way
from portal.store.events import Event
from portal.store.members import Member
from tests.support.clock import Clock
from tests.support.noticed import Noticed
from tests.web.conftest import SignIn


def link_of(noticed: Noticed, member: Member | None = None, epoch: int = 1) -> str:
    whose = member or noticed.member
    return f"/opt-out/{noticed.app.state.keys.opt_out_link(whose.id, epoch)}?purpose=marketing"


async def test_page_behind_the_mailed_link_is_one_button_and_changes_nothing(
    client: AsyncClient, noticed: Noticed
) -> None:
    answer = await client.get(link_of(noticed))
    assert answer.status_code == 200
    assert answer.text.count('<button class="button primary"') == 1
    assert "Your account stays open." in answer.text
    assert await OptOut.all().count() == 0


async def test_one_click_stops_it_for_all_data(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    answer = await client.post(link_of(noticed), data={"purpose": "marketing", "turn": "out"})
    assert answer.status_code == 303
    assert "You have opted out of Marketing" in (await client.get(answer.headers["location"])).text
    row = await OptOut.get()
    assert (row.member_id, row.way, row.direction) == (noticed.member.id, Way.LINK, Direction.OUT)
    governs = await governing_terms("m1", "privacy", "marketing", clock(), at=clock())
    assert (governs.answer.allowed, governs.answer.basis) == (False, Basis.OPTED_OUT)


async def test_undo_is_one_click_too(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    await client.post(link_of(noticed), data={"purpose": "marketing", "turn": "out"})
    clock.move(minutes=1)
    await client.post(link_of(noticed), data={"purpose": "marketing", "turn": "in"})
    assert (await governing_terms("m1", "privacy", "marketing", clock(), at=clock())).answer.allowed


async def test_mail_programs_own_button_needs_no_browser(client: AsyncClient, noticed: Noticed) -> None:
    del client.headers["Sec-Fetch-Site"]
    answer = await client.post(link_of(noticed), data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code < 400
    assert (await OptOut.get()).purpose == "marketing"


async def test_repeated_click_is_one_opt_out(client: AsyncClient, noticed: Noticed) -> None:
    for _ in range(2):
        assert (await client.post(link_of(noticed), data={"purpose": "marketing"})).status_code == 303
    assert await OptOut.all().count() == 1
    assert await Event.filter(action="purpose.opted_out").count() == 1


async def test_purpose_that_the_account_cannot_do_without_is_left_alone(client: AsyncClient, noticed: Noticed) -> None:
    await client.post(link_of(noticed), data={"purpose": "service"})
    assert await OptOut.all().count() == 0


async def test_revoked_and_forged_links_and_those_of_closed_accounts_get_the_same_page(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await close_account(noticed.other.id, by=SYSTEM, at=clock())
    links = [
        link_of(noticed, epoch=2),
        link_of(noticed, noticed.other),
        "/opt-out/forged",
        f"/opt-out/{noticed.token()}",
    ]
    for link in links:
        assert (await client.get(link)).status_code == 404
        answer = await client.post(link, data={"purpose": "marketing"})
        assert answer.status_code == 404
        assert "This link does not work" in answer.text
    assert await OptOut.all().count() == 0


async def test_switch_in_the_account_stops_and_allows_again(as_member: SignIn, noticed: Noticed, clock: Clock) -> None:
    browser = await as_member("m1")
    answer = await browser.post("/account/opt-outs", data={"purpose": "marketing", "turn": "out"})
    assert answer.status_code == 303
    text = (await browser.get("/account")).text
    assert "Allow Marketing again" in text
    clock.move(minutes=1)
    await browser.post("/account/opt-outs", data={"purpose": "marketing", "turn": "in"})
    assert "Opt out of Marketing" in (await browser.get("/account")).text
    assert [row.way for row in await OptOut.all()] == [Way.ACCOUNT, Way.ACCOUNT]


async def test_from_a_notice_by_link(client: AsyncClient, noticed: Noticed) -> None:
    answer = await client.post(f"{noticed.by_link()}/opt-outs", data={"purpose": "marketing", "turn": "out"})
    assert answer.status_code == 303
    text = (await client.get(noticed.by_link())).text
    assert "You have opted out of Marketing" in text
    assert "You have opted out of this, so we do not do it under any version." in text


@pytest.mark.parametrize("form", [{}, {"purpose": ""}, {"purpose": "marketing", "turn": "sideways"}])
async def test_form_that_names_nothing_stops_nothing(
    client: AsyncClient, as_member: SignIn, noticed: Noticed, form: dict[str, str]
) -> None:
    browser = await as_member("m1")
    await browser.post("/account/opt-outs", data=form)
    await client.post(f"{noticed.by_link()}/opt-outs", data=form)
    assert await OptOut.all().count() == 0


@pytest.mark.parametrize("purpose", ["service", "nosuch"])
async def test_purpose_that_cannot_be_stopped_is_refused(as_member: SignIn, noticed: Noticed, purpose: str) -> None:
    browser = await as_member("m1")
    answer = await browser.post(f"{noticed.in_account}/opt-outs", data={"purpose": purpose})
    assert answer.status_code == 409
    assert await OptOut.all().count() == 0


async def test_nobody_and_a_closed_account_stop_nothing(
    client: AsyncClient, as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    browser = await as_member("m1")
    assert (await client.post("/account/opt-outs", data={"purpose": "marketing"})).status_code == 303
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    assert (await browser.post("/account/opt-outs", data={"purpose": "marketing"})).status_code == 410
    assert await OptOut.all().count() == 0
