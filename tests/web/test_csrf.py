"""A form that another site's page sends is refused; what a browser says of itself decides."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.applications import Starlette

from portal.app import create_app
from portal.settings import Settings
from portal.store.staff import Role
from tests.web.conftest import BASE_URL, SignIn

OWN = {"origin": BASE_URL}


@pytest.fixture
async def send(app: Starlette) -> Callable[..., Awaitable[Response]]:
    """Sends a form from nowhere: with the headers given and no others."""

    async def sent(address: str, headers: dict[str, str], to: Starlette = app, base_url: str = BASE_URL) -> Response:
        async with AsyncClient(transport=ASGITransport(to), base_url=base_url) as browser:
            return await browser.post(address, data={"known_as": "x"}, headers=headers)

    return sent


Send = Callable[..., Awaitable[Response]]


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": "null"},
        {"origin": BASE_URL},
        {"origin": BASE_URL.upper()},
        {},
    ],
)
async def test_our_own_pages_forms_are_taken(send: Send, headers: dict[str, str]) -> None:
    assert (await send("/sign-in", headers)).status_code == 202


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": BASE_URL},
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:8001"},
        {"origin": BASE_URL + ".evil.example"},
    ],
)
@pytest.mark.parametrize(
    "address", ["/sign-in", "/sign-out", "/staff/sign-in", "/n/token/objections", "/opt-out/token"]
)
async def test_other_sites_forms_are_refused_with_a_page(send: Send, headers: dict[str, str], address: str) -> None:
    answer = await send(address, headers)
    assert answer.status_code == 403
    assert "The form was sent from another site’s page." in answer.text
    assert answer.headers["content-security-policy"]


async def test_a_refused_form_does_nothing(as_staff: SignIn) -> None:
    admin = await as_staff(Role.ADMIN)
    refused = await admin.post("/staff/tokens", data={"name": "x"}, headers={"sec-fetch-site": "cross-site"})
    assert refused.status_code == 403
    assert "No system has a token" in (await admin.get("/staff/tokens")).text


async def test_reading_is_free_for_all(send: Send, client: AsyncClient) -> None:
    answer = await client.get("/policies", headers={"sec-fetch-site": "cross-site", "origin": "https://evil.example"})
    assert answer.status_code == 200


async def test_an_origin_of_null_needs_an_address_that_is_the_key_itself(
    send: Send, settings: Settings, app: Starlette, tmp_path: Path
) -> None:
    """Browsers that send no Sec-Fetch-Site say `null` under our Referrer-Policy, also from our own pages."""
    assert (await send("/sign-in", {"origin": "null"})).status_code == 202
    over_tls = create_app(settings.model_copy(update={"base_url": "https://privacy.example.com"}), app.state.clock)
    over_tls.state.jobs = app.state.jobs
    base = "https://privacy.example.com"
    assert (await send("/sign-in", {"origin": "null"}, over_tls, base)).status_code == 403
    assert (await send("/sign-in", {"origin": base}, over_tls, base)).status_code == 202
    assert (await send("/opt-out/token", {"origin": "null"}, over_tls, base)).status_code != 403


async def test_behind_a_proxy_the_public_address_is_the_origin_too(
    send: Send, settings: Settings, app: Starlette
) -> None:
    public = "https://privacy.example.com"
    behind = create_app(settings.model_copy(update={"base_url": public}), app.state.clock)
    behind.state.jobs = app.state.jobs
    assert (await send("/sign-in", {"origin": public}, behind, "http://10.0.0.7:8000")).status_code == 202
