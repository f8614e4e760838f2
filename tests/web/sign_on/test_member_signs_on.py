"""Members sign in by the company's own sign-on (OpenID Connect), and come back to the page that they asked for."""

from urllib.parse import quote

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.store.access import MemberSession
from portal.store.connections import transaction
from portal.store.events import Event
from portal.store.members import Member
from portal.store.staff import Attempt
from portal.web.sign_on.flight import SECONDS
from tests.support.oidc_provider import CLIENT, SECRET, Provider, parameters
from tests.support.world import make_member, make_policy
from tests.web.conftest import SignIn, keep_cookie
from tests.web.sign_on.conftest import begun, changed, signed_in, through

pytestmark = pytest.mark.usefixtures("member")


async def test_who_is_signed_in_at_the_company_is_signed_in_here(
    client: AsyncClient, provider: Provider, member: Member
) -> None:
    answer = await through(client, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert await signed_in(client)
    session = await MemberSession.get()
    assert session.member_id == member.id
    event = await Event.get(action="member.signed_in")
    assert (event.member_id, event.facts["way"]) == (member.id, "sign_on")


async def test_the_request_has_what_the_protocol_wants(client: AsyncClient, provider: Provider) -> None:
    asked = parameters(await begun(client))
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/sign-on/answer"
    assert (asked["response_type"], asked["scope"], asked["client_id"]) == ("code", "openid", CLIENT)
    assert asked["code_challenge_method"] == "S256"
    again = parameters(await begun(client))
    for secret in ("state", "nonce", "code_challenge"):
        assert len(asked[secret]) >= 32
        assert asked[secret] != again[secret]
    assert provider.asked.count("configuration") == 1


async def test_leaving_changes_no_row_and_needs_no_script(client: AsyncClient) -> None:
    page = await client.get("/sign-in?next=/account/details")
    assert 'href="/sign-on?next=/account/details"' in page.text
    assert "Sign in at Example Company" in page.text
    await begun(client)
    assert await Event.all().count() == 0


async def test_the_page_that_was_asked_for_comes_next(client: AsyncClient, provider: Provider) -> None:
    asked = await client.get("/account/details?lang=de")
    assert asked.headers["location"] == "/sign-in?next=/account/details%3Flang%3Dde"
    page = await client.get(asked.headers["location"])
    assert 'href="/sign-on?next=/account/details%3Flang%3Dde"' in page.text
    answer = await through(client, provider, onward="/account/details?lang=de")
    assert answer.headers["location"] == "/account/details?lang=de"


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/" + "x" * 500,
]


async def test_no_address_of_another_site_comes_next(client: AsyncClient, provider: Provider) -> None:
    for elsewhere in ELSEWHERE:
        client.cookies.clear()
        answer = await through(client, provider, onward=elsewhere)
        assert answer.headers["location"] == "/account", elsewhere
        for page in ("/sign-on", "/sign-in"):  # and where somebody is signed in already
            assert (await client.get(f"{page}?next={quote(elsewhere)}")).headers["location"] == "/account", elsewhere


async def test_a_cookie_that_was_there_before_is_not_the_one_that_is_signed_in(
    client: AsyncClient, provider: Provider, as_member: SignIn
) -> None:
    """Session fixation: somebody may have put a cookie there, and know it."""
    keep_cookie(client, "member", "1.made-up")
    await through(client, provider)
    assert client.cookies["member"] != "1.made-up"
    before = (await as_member("m1")).cookies["member"]
    client.cookies.delete("member")
    answer = await provider.sign_in(await begun(client))
    keep_cookie(client, "member", before)  # signed in by mail in another tab, meanwhile
    await client.get(answer)
    assert client.cookies["member"] != before
    assert await signed_in(client)
    keep_cookie(client, "member", before)
    assert not await signed_in(client)


async def test_who_is_signed_in_goes_on_at_once(client: AsyncClient, provider: Provider) -> None:
    await through(client, provider)
    answer = await client.get("/sign-on?next=/account/details")
    assert answer.headers["location"] == "/account/details"


async def test_several_tabs_may_be_on_their_way(client: AsyncClient, provider: Provider) -> None:
    first, second = await begun(client, "/account/details"), await begun(client)
    assert second != first
    assert (await client.get(await provider.sign_in(first))).headers["location"] == "/account/details"


async def test_another_claim_may_name_the_member(client: AsyncClient, provider: Provider, app: Starlette) -> None:
    changed(app, oidc_member_claim="customer")
    policy = await make_policy("other")
    numbered = await make_member(policy, "4711", app.state.clock(), "n@example.org")
    provider.claims = {"customer": 4711}
    assert (await through(client, provider, "somebody")).status_code == 303
    assert (await MemberSession.get()).member_id == numbered.id


@pytest.mark.parametrize(
    ("methods", "secret"), [(["client_secret_post"], SECRET), (["none"], ""), (["client_secret_basic"], SECRET)]
)
async def test_the_portal_shows_who_it_is_as_the_provider_wants_it(
    client: AsyncClient, provider: Provider, app: Starlette, methods: list[str], secret: str
) -> None:
    provider.metadata, provider.public = {"token_endpoint_auth_methods_supported": methods}, not secret
    changed(app, oidc_client_secret=secret)
    assert (await through(client, provider)).status_code == 303


async def test_one_client_may_come_back_three_hundred_times_an_hour(
    client: AsyncClient, provider: Provider, app: Starlette
) -> None:
    state = parameters(await begun(client))["state"]
    assert (await client.get("/sign-on/answer", params={"state": state})).status_code == 403
    async with transaction():
        await Attempt.all().update(tries=300)
    state = parameters(await begun(client))["state"]
    answer = await client.get("/sign-on/answer", params={"state": state, "iss": provider.issuer, "code": "x"})
    assert answer.status_code == 429
    assert "token" not in provider.asked


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: AsyncClient) -> None:
    answer = await client.get("/sign-on?next=/account/details")
    cookie = answer.headers["set-cookie"]
    for attribute in ("HttpOnly", "SameSite=lax", "Path=/", f"Max-Age={SECONDS}"):
        assert attribute in cookie
    for _ in range(5):
        answer = await client.get(f"/sign-on?next=/{'x' * 499}")
    assert len(answer.headers["set-cookie"]) < 4_000
