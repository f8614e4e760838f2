"""The company's sign-on says no, or not what it should: the page says why and offers the mailed link."""

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.outcome import close_account
from portal.store.members import Member
from tests.support.clock import Clock
from tests.support.oidc_provider import Provider
from tests.web.sign_on.conftest import begun, changed, refused, through

pytestmark = pytest.mark.usefixtures("member")


async def test_a_member_who_says_no_is_told_so(client: AsyncClient, provider: Provider) -> None:
    answer = await client.get(await provider.deny(await begun(client, "/account/details")))
    await refused(client, answer, 403, "You did not sign in", 'href="/sign-on?next=/account/details"')
    assert 'name="next" value="/account/details"' in answer.text


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        ("temporarily_unavailable", 503, "answer_temporarily_unavailable"),
        ("server_error", 503, "answer_server_error"),
        ("invalid_scope", 403, "answer_invalid_scope"),
        ("<script>alert(1)</script>", 403, "answer_error"),
    ],
)
async def test_an_error_of_the_provider_is_told_in_our_words(
    client: AsyncClient, provider: Provider, error: str, status: int, reason: str
) -> None:
    answer = await client.get(await provider.deny(await begun(client), error))
    await refused(client, answer, status, reason)
    assert "<script" not in answer.text


async def test_somebody_whom_the_portal_does_not_know_is_offered_the_mailed_link(
    client: AsyncClient, provider: Provider
) -> None:
    await refused(client, await through(client, provider, "m2"), 403, "We do not know this account here")


async def test_a_closed_account_is_told_with_its_day(
    client: AsyncClient, provider: Provider, member: Member, clock: Clock
) -> None:
    await close_account(member.id, by=SYSTEM, at=clock())
    answer = await through(client, provider)
    await refused(client, answer, 410, "Your account is closed", "2 March 2026")


@pytest.mark.parametrize("value", [None, "", True, ["m1"], {"id": "m1"}])
async def test_a_token_without_the_claim_that_names_the_member_signs_nobody_in(
    client: AsyncClient, provider: Provider, app: Starlette, value: object
) -> None:
    changed(app, oidc_member_claim="customer")
    provider.claims = {"customer": value}
    await refused(client, await through(client, provider), 403, "member_claim")


@pytest.mark.parametrize(
    ("methods", "secret"), [(["client_secret_basic", "client_secret_post"], "another"), (None, "another"), (None, "")]
)
async def test_a_portal_that_the_provider_does_not_know_is_told_to_support(
    client: AsyncClient, provider: Provider, app: Starlette, methods: list[str] | None, secret: str
) -> None:
    provider.metadata = {"token_endpoint_auth_methods_supported": methods}
    changed(app, oidc_client_secret=secret)
    await refused(client, await through(client, provider), 403, "token_invalid_client")
