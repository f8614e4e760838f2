"""The company's sign-on does not answer, or says nonsense of itself; and how often it is asked."""

from typing import Any

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from tests.support.clock import Clock
from tests.support.oidc_provider import Provider
from tests.web.sign_on.conftest import begun, changed, refused, through

pytestmark = pytest.mark.usefixtures("member")


async def test_what_the_provider_says_of_itself_is_asked_for_once_an_hour(
    client: AsyncClient, provider: Provider, clock: Clock
) -> None:
    await begun(client)
    clock.move(minutes=59)
    await begun(client)
    assert provider.asked.count("configuration") == 1
    clock.move(minutes=1)
    await begun(client)
    assert provider.asked.count("configuration") == 2


@pytest.mark.parametrize("part", ["configuration", "keys"])
async def test_a_provider_that_is_away_is_told_and_asked_again_seconds_later(
    client: AsyncClient, provider: Provider, clock: Clock, part: str
) -> None:
    provider.away = {part}
    answer = await client.get("/sign-on?next=/account/details")
    await refused(client, answer, 503, "sign-in does not answer", "It is not your fault", "discovery")
    assert answer.headers["retry-after"] == "10"
    provider.away = set()
    asked = len(provider.asked)
    assert (await client.get("/sign-on")).status_code == 503
    assert len(provider.asked) == asked
    clock.move(seconds=10)
    await begun(client)


async def test_a_provider_whose_last_answer_fails_is_told(client: AsyncClient, provider: Provider) -> None:
    provider.away = {"token"}
    await refused(client, await through(client, provider), 503, "does not answer", "token_endpoint")


NONSENSE: list[dict[str, Any]] = [
    {"issuer": "https://other.example"},
    {"issuer": None},
    {"authorization_endpoint": "http://far.example/authorize"},
    {"authorization_endpoint": None},
    {"authorization_endpoint": "javascript:alert(1)"},
    {"token_endpoint": 7},
    {"jwks_uri": None},
    {"jwks_uri": "https://[::1"},
]


async def test_a_provider_that_says_nonsense_of_itself_is_not_used(
    client: AsyncClient, provider: Provider, app: Starlette
) -> None:
    for provider.metadata in NONSENSE:
        changed(app)
        await refused(client, await client.get("/sign-on"), 503, "discovery")


async def test_keys_that_are_none_are_not_used(client: AsyncClient, provider: Provider, app: Starlette) -> None:
    for provider.key_set in ({}, {"keys": None}, {"keys": [1]}, {"keys": []}, {"keys": [{"kty": "RSA"}]}, [], "x"):
        changed(app)
        await refused(client, await client.get("/sign-on"), 503, "discovery")


async def test_nobody_listens_there(client: AsyncClient, app: Starlette) -> None:
    changed(app, oidc_issuer="http://127.0.0.1:9")
    await refused(client, await client.get("/sign-on"), 503, "does not answer")
