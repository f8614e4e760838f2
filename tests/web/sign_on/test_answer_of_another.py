"""An answer of the company's sign-on that was stolen, kept, made up or meant for another browser signs nobody in."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from portal.store.access import MemberSession
from portal.web.sign_on.flight import SECONDS
from tests.support.clock import Clock
from tests.support.oidc_provider import Provider, parameters
from tests.web.conftest import Open, keep_cookie
from tests.web.sign_on.conftest import MAILED, begun, refused, through

pytestmark = pytest.mark.usefixtures("member")


async def test_an_answer_works_once_and_its_second_use_harms_nobody(
    client: AsyncClient, provider: Provider, open_client: Open
) -> None:
    address = await provider.sign_in(await begun(client))
    assert (await client.get(address)).status_code == 303
    assert (await client.get(address)).headers["location"] == "/account"  # somebody pressed Back
    stranger = await open_client()
    again = await stranger.get(address)
    assert again.status_code == 400
    assert MAILED in again.text
    assert await MemberSession.all().count() == 1


async def test_a_code_that_was_used_before_is_refused(
    client: AsyncClient, provider: Provider, open_client: Open
) -> None:
    """Somebody has got hold of a member's answer, and puts its code into an answer of their own."""
    stolen = parameters(await provider.sign_in(await begun(client)))["code"]
    thief = await open_client()
    own = parameters(await provider.sign_in(await begun(thief), "m2"))
    for forgets in (False, True):  # the proof of RFC 7636 holds even where the provider takes codes twice
        provider.forgets_codes = forgets
        answer = await thief.get("/sign-on/answer", params=own | {"code": stolen})
        if not forgets:
            await refused(thief, answer, 403, "We could not sign you in", "token_invalid_grant")
            own = parameters(await provider.sign_in(await begun(thief), "m2"))
    await refused(thief, answer, 403, "We could not sign you in", "token_invalid_grant")


async def test_an_answer_that_another_browser_waits_for_signs_nobody_in(
    client: AsyncClient, provider: Provider, open_client: Open
) -> None:
    address = await provider.sign_in(await begun(client))
    stranger = await open_client()
    await refused(stranger, await stranger.get(address), 400, "This sign-in is over")
    await begun(stranger)  # one that waits for an answer of its own
    await refused(stranger, await stranger.get(address), 400, "This sign-in is over")


@pytest.mark.parametrize("state", ["", "made-up", "ü"])
async def test_a_wrong_state_signs_nobody_in(client: AsyncClient, provider: Provider, state: str) -> None:
    own = parameters(await provider.sign_in(await begun(client)))
    await refused(client, await client.get("/sign-on/answer", params=own | {"state": state}), 400, "is over")
    assert "token" not in provider.asked


async def test_after_half_an_hour_it_is_over(client: AsyncClient, provider: Provider, clock: Clock) -> None:
    address = await provider.sign_in(await begun(client))
    clock.move(seconds=SECONDS)
    await refused(client, await client.get(address), 400, "This sign-in is over")


@pytest.mark.parametrize(
    ("metadata", "answers"),
    [
        ({}, {"iss": "https://other.example"}),
        ({}, {"iss": None}),  # it said that it names itself
        ({"authorization_response_iss_parameter_supported": False}, {"iss": "https://other.example"}),
    ],
)
async def test_an_answer_of_another_provider_is_refused(
    client: AsyncClient, provider: Provider, metadata: dict[str, Any], answers: dict[str, str | None]
) -> None:
    """RFC 9207."""
    provider.metadata, provider.answers = metadata, answers
    await refused(client, await through(client, provider), 403, "answer_iss")
    assert "token" not in provider.asked


async def test_a_provider_that_does_not_name_itself_need_not(client: AsyncClient, provider: Provider) -> None:
    provider.metadata, provider.answers = {"authorization_response_iss_parameter_supported": False}, {"iss": None}
    assert (await through(client, provider)).status_code == 303


@pytest.mark.parametrize("cookie", ["", "x", "x.y.z", "W10.AAAA"])
async def test_a_forged_cookie_is_no_cookie(client: AsyncClient, provider: Provider, cookie: str) -> None:
    address = await provider.sign_in(await begun(client))
    keep_cookie(client, "sign-on", cookie)
    await refused(client, await client.get(address), 400, "This sign-in is over")
