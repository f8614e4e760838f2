"""Members sign in by a mailed link; nobody learns by it who is a member."""

from datetime import timedelta

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.keys import Keys
from portal.store.access import MemberSession, OneTimeCode
from portal.store.members import Member
from portal.store.outbox import MailKind, OutgoingMail
from tests.support.clock import Clock
from tests.support.world import make_member, make_policy
from tests.web.conftest import Open, SignIn, keep_cookie


@pytest.fixture
async def member(app: Starlette) -> Member:
    return await make_member(await make_policy(), "m1", app.state.clock(), "m1@example.org")


async def link(app: Starlette) -> str:
    """The address in the newest mail."""
    code = await OneTimeCode.all().order_by("-id").first()
    assert code is not None
    return f"/sign-in/{app.state.keys.sign_in_link(code.member_id, code.id)}"


async def test_the_answer_is_the_same_for_known_and_unknown_addresses(client: AsyncClient, member: Member) -> None:
    known = await client.post("/sign-in", data={"known_as": "M1@Example.org"})
    unknown = await client.post("/sign-in", data={"known_as": "nobody@example.org"})
    assert known.status_code == unknown.status_code == 202
    assert known.text == unknown.text
    assert known.headers == unknown.headers
    assert "If we know this address, a link is on its way." in known.text
    [mail] = await OutgoingMail.all()
    assert (mail.kind, mail.member_id) == (MailKind.SIGN_IN, member.id)


async def test_the_company_s_number_for_a_member_does_as_well(client: AsyncClient, member: Member) -> None:
    await client.post("/sign-in", data={"known_as": "m1"})
    assert await OutgoingMail.filter(member_id=member.id).count() == 1


async def test_two_members_with_one_address_get_a_link_each(client: AsyncClient, member: Member, clock: Clock) -> None:
    other = await make_member(await make_policy("other"), "m2", clock(), "m1@example.org")
    await client.post("/sign-in", data={"known_as": "m1@example.org"})
    assert {mail.member_id for mail in await OutgoingMail.all()} == {member.id, other.id}


@pytest.mark.usefixtures("member")
async def test_opening_the_link_changes_nothing_and_its_button_signs_in(client: AsyncClient, app: Starlette) -> None:
    await client.post("/sign-in", data={"known_as": "m1"})
    address = await link(app)
    for _ in range(2):
        shown = await client.get(address)
        assert shown.status_code == 200
        assert f'action="{address}"' in shown.text
    assert await MemberSession.all().count() == 0
    answer = await client.post(address)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=lax" in answer.headers["set-cookie"]
    assert (await client.get("/sign-in")).headers["location"] == "/account"


@pytest.mark.usefixtures("member")
async def test_a_link_signs_in_once(client: AsyncClient, app: Starlette, open_client: Open) -> None:
    await client.post("/sign-in", data={"known_as": "m1"})
    address = await link(app)
    assert (await client.post(address)).status_code == 303
    stranger = await open_client()
    again = await stranger.post(address)
    assert again.status_code == 410
    assert "This link no longer works" in again.text
    assert 'action="/sign-in"' in again.text
    assert await MemberSession.all().count() == 1


@pytest.mark.usefixtures("member")
async def test_a_link_is_good_for_two_hours(client: AsyncClient, app: Starlette, clock: Clock) -> None:
    await client.post("/sign-in", data={"known_as": "m1"})
    address = await link(app)
    clock.move(hours=2)
    assert (await client.get(address)).status_code == 410
    assert (await client.post(address)).status_code == 410


async def test_forged_and_foreign_links_tell_nothing(client: AsyncClient, app: Starlette, member: Member) -> None:
    await client.post("/sign-in", data={"known_as": "m1"})
    good = (await link(app)).removeprefix("/sign-in/")
    foreign = Keys(("another key",)).sign_in_link(member.id, 1)
    opting_out = app.state.keys.opt_out_link(member.id, 1)
    pages = [(await client.get(f"/sign-in/{bad}")) for bad in (good[:-1], good + "A", foreign, opting_out, "x", "ü")]
    assert {page.status_code for page in pages} == {410}
    assert len({page.text for page in pages}) == 1


@pytest.mark.usefixtures("member")
async def test_an_address_gets_five_links_an_hour_at_most_and_the_answer_stays_the_same(
    client: AsyncClient, clock: Clock
) -> None:
    answers = [await client.post("/sign-in", data={"known_as": "m1@example.org"}) for _ in range(7)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert await OutgoingMail.all().count() == 5
    clock.move(hours=1)
    await client.post("/sign-in", data={"known_as": "m1@example.org"})
    assert await OutgoingMail.all().count() == 6


async def test_one_client_may_ask_thirty_times_an_hour(client: AsyncClient) -> None:
    answers = [await client.post("/sign-in", data={"known_as": f"m{number}"}) for number in range(31)]
    assert [answer.status_code for answer in answers] == [202] * 30 + [429]


async def test_a_nul_in_a_form_is_no_failure(client: AsyncClient) -> None:
    assert (await client.post("/sign-in", data={"known_as": "a\0b"})).status_code == 202


async def test_an_empty_form_says_what_is_missing(client: AsyncClient) -> None:
    answer = await client.post("/sign-in", data={"known_as": " "})
    assert answer.status_code == 422
    assert "Fill this in." in answer.text


@pytest.mark.usefixtures("member")
async def test_a_members_session_ends_by_itself_and_by_signing_out(
    as_member: SignIn, clock: Clock, app: Starlette
) -> None:
    browser = await as_member("m1")
    assert (await browser.get("/sign-in")).status_code == 303
    clock.move(hours=12)
    assert (await browser.get("/sign-in")).status_code == 200
    clock.move(hours=1)
    browser = await as_member("m1")
    cookie = browser.cookies["member"]
    answer = await browser.post("/sign-out")
    assert answer.headers["location"] == "/policies"
    assert "You are signed out." in (await browser.get("/policies")).text
    keep_cookie(browser, "member", cookie)
    assert (await browser.get("/sign-in")).status_code == 200
    assert await MemberSession.filter(ended_at=app.state.clock()).count() == 1


async def test_a_session_is_of_the_member_it_names_only(as_member: SignIn, member: Member, clock: Clock) -> None:
    other = await make_member(await make_policy("other"), "m2", clock() - timedelta(days=1), "m2@example.org")
    browser = await as_member("m1")
    token = browser.cookies["member"].partition(".")[2]
    for forged in (f"{other.id}.{token}", f"{10**30}.{token}", f".{token}", f"{member.id}.", f"-1.{token}"):
        keep_cookie(browser, "member", forged)
        assert (await browser.get("/sign-in")).status_code == 200, forged
