"""The company's site hands a member over with a signed token: by an address with a button, or by a form."""

from datetime import timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.outcome import close_account
from portal.actions.sign_on import KEPT, forget_spent_tokens
from portal.settings import Settings
from portal.store.access import MemberSession, SpentToken
from portal.store.connections import transaction
from portal.store.events import Event
from portal.store.members import Member
from portal.store.staff import Attempt
from tests.support.clock import Clock
from tests.support.company_keys import SECRET, hand_over
from tests.support.world import make_member, make_policy
from tests.web.conftest import BASE_URL, Open, keep_cookie

SITE = "https://www.example.com"
FROM_THE_SITE = {"Sec-Fetch-Site": "cross-site", "Origin": SITE}
CONTINUE = ">Continue</button>"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    more = {"hand_over_secret": SECRET, "hand_over_url": f"{SITE}/privacy?from=portal"}
    return settings.model_copy(update=more)


@pytest.fixture
async def member(app: Starlette) -> Member:
    return await make_member(await make_policy(), "m1", app.state.clock() - timedelta(days=1), "m1@example.org")


pytestmark = pytest.mark.usefixtures("member")


@pytest.fixture
def token(clock: Clock) -> str:
    return hand_over(clock(), BASE_URL)


async def press(browser: AsyncClient, token: str, **more: str) -> Response:
    """The button of our own page."""
    return await browser.post("/hand-over", data={"token": token, **more})


async def signed_in(browser: AsyncClient) -> bool:
    return (await browser.get("/account")).status_code == 200


async def test_the_address_shows_a_button_and_changes_nothing(client: AsyncClient, token: str) -> None:
    for method in ("GET", "HEAD", "GET"):
        shown = await client.request(method, "/hand-over", params={"token": token, "next": "/account/details"})
        assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    assert CONTINUE in shown.text
    assert "with the customer number m1" in shown.text
    assert await SpentToken.all().count() == await MemberSession.all().count() == await Event.all().count() == 0
    answer = await press(client, token, next="/account/details")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/details")
    assert await signed_in(client)


async def test_a_form_of_the_companys_own_page_signs_in_at_once(
    client: AsyncClient, token: str, member: Member
) -> None:
    answer = await client.post("/hand-over", data={"token": token}, headers=FROM_THE_SITE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert (await MemberSession.get()).member_id == member.id
    assert (await Event.get(action="member.signed_in")).facts["way"] == "hand_over"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://www.example.com", f"{SITE}.evil.example"])
async def test_a_form_of_any_other_page_shows_the_button_only(client: AsyncClient, token: str, origin: str) -> None:
    """Else another site could sign people in as somebody whom it has a token of, and watch what they do."""
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": origin}
    shown = await client.post("/hand-over", data={"token": token}, headers=headers)
    assert shown.status_code == 200
    assert CONTINUE in shown.text
    assert await SpentToken.all().count() == 0
    assert not await signed_in(client)
    assert (await press(client, token)).status_code == 303


async def test_a_token_signs_in_once(client: AsyncClient, token: str, open_client: Open) -> None:
    assert (await press(client, token)).status_code == 303
    stranger = await open_client()
    for answer in (await press(stranger, token), await stranger.get("/hand-over", params={"token": token})):
        assert answer.status_code == 410
        assert "This link no longer works" in answer.text
        assert 'action="/sign-in"' in answer.text
        assert f'href="{SITE}/privacy?from=portal"' in answer.text
    assert await MemberSession.all().count() == 1


async def test_two_tokens_with_one_id_are_one(client: AsyncClient, clock: Clock, open_client: Open) -> None:
    assert (await press(client, hand_over(clock(), BASE_URL, jti="7"))).status_code == 303
    assert (await press(await open_client(), hand_over(clock(), BASE_URL, jti="7"))).status_code == 410


@pytest.mark.parametrize(
    ("changed", "status", "reason"),
    [
        ({"aud": "https://other.example"}, 403, "aud"),
        ({"exp": 1_000}, 410, "expired"),
        ({"exp": 9_999_999_999}, 403, "too_long"),
        ({"jti": None}, 403, "jti"),
    ],
)
async def test_a_token_that_is_not_in_order_signs_nobody_in(
    client: AsyncClient, clock: Clock, changed: dict[str, Any], status: int, reason: str
) -> None:
    token = hand_over(clock(), BASE_URL, **changed)
    for answer in (await client.get("/hand-over", params={"token": token}), await press(client, token)):
        assert answer.status_code == status
        assert f"<code>{reason}</code>" in answer.text
        assert 'action="/sign-in"' in answer.text
    assert not await signed_in(client)
    assert await SpentToken.all().count() == 0


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "ü", "x" * 5_000])
async def test_what_is_no_token_signs_nobody_in(client: AsyncClient, token: str) -> None:
    for answer in (await client.get("/hand-over", params={"token": token}), await press(client, token)):
        assert answer.status_code == 403
        assert "We could not sign you in" in answer.text


async def test_somebody_whom_the_portal_does_not_know_keeps_the_token(client: AsyncClient, clock: Clock) -> None:
    token = hand_over(clock(), BASE_URL, sub="m2")
    answer = await press(client, token)
    assert answer.status_code == 403
    assert "We do not know this account here" in answer.text
    assert await SpentToken.all().count() == 0
    await make_member(await make_policy("other"), "m2", clock(), "m2@example.org")  # imported a moment later
    assert (await press(client, token)).status_code == 303


async def test_a_closed_account_is_told_with_its_day(
    client: AsyncClient, token: str, member: Member, clock: Clock
) -> None:
    await close_account(member.id, by=SYSTEM, at=clock())
    answer = await press(client, token)
    assert answer.status_code == 410
    assert "It was closed on 2 March 2026" in answer.text
    assert not await signed_in(client)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "x"])
async def test_no_address_of_another_site_comes_next(client: AsyncClient, token: str, elsewhere: str) -> None:
    assert (await press(client, token, next=elsewhere)).headers["location"] == "/account"


async def test_the_session_that_was_there_before_is_over(client: AsyncClient, clock: Clock) -> None:
    await press(client, hand_over(clock(), BASE_URL))
    before = client.cookies["member"]
    await press(client, hand_over(clock(), BASE_URL))
    assert client.cookies["member"] != before
    client.cookies.clear()
    keep_cookie(client, "member", before)
    assert not await signed_in(client)


async def test_used_tokens_are_forgotten_when_none_could_be_used_again(
    client: AsyncClient, token: str, clock: Clock
) -> None:
    await press(client, token)
    expires_at = (await SpentToken.get()).expires_at
    await forget_spent_tokens(expires_at + KEPT - timedelta(seconds=1))
    assert await SpentToken.all().count() == 1
    await forget_spent_tokens(expires_at + KEPT)
    assert await SpentToken.all().count() == 0
    clock.now = expires_at + KEPT
    assert (await press(client, token)).status_code == 410


async def test_the_sweep_forgets_them(client: AsyncClient, token: str, clock: Clock, app: Starlette) -> None:
    await press(client, token)
    clock.move(hours=2)
    await app.state.jobs.sweep()
    assert await SpentToken.all().count() == 0


async def test_one_client_may_come_three_hundred_times_an_hour(client: AsyncClient, token: str) -> None:
    await press(client, "x")
    async with transaction():
        await Attempt.all().update(tries=300)
    assert (await press(client, token)).status_code == 429
    assert not await signed_in(client)


async def test_the_sign_in_page_leads_to_the_companys_site(client: AsyncClient) -> None:
    page = (await client.get("/sign-in?next=/account/details")).text
    assert f'href="{SITE}/privacy?from=portal&amp;next=/account/details"' in page
    assert "Go to Example Company and come back signed in" in page


async def test_without_a_key_there_is_no_such_page(client: AsyncClient, app: Starlette, token: str) -> None:
    app.state.company_keys = app.state.settings.model_copy(update={"hand_over_secret": ""}).company_keys
    assert (await client.get("/hand-over", params={"token": token})).status_code == 404
    assert (await press(client, token)).status_code == 404
