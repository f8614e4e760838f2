"""A portal whose company has a sign-on: the provider runs on a socket, and `m1` is a member."""

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import quote

import pytest
from httpx2 import AsyncClient, Response
from starlette.applications import Starlette

from portal.settings import Settings
from portal.store.access import MemberSession
from portal.store.members import Member
from portal.web.sign_on.provider import Provider as Portals
from tests.support.clock import Clock
from tests.support.oidc_provider import CLIENT, SECRET, Provider, provider_on_a_socket
from tests.support.world import make_member, make_policy

MAILED = 'action="/sign-in"'


@pytest.fixture
async def provider(clock: Clock) -> AsyncIterator[Provider]:
    async with provider_on_a_socket(clock) as provider:
        yield provider


@pytest.fixture
def settings(settings: Settings, provider: Provider) -> Settings:
    return settings.model_copy(
        update={"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    )


@pytest.fixture
async def member(app: Starlette) -> Member:
    return await make_member(await make_policy(), "m1", app.state.clock() - timedelta(days=1), "m1@example.org")


def changed(app: Starlette, **settings: str) -> None:
    """The portal with other settings of its sign-on."""
    app.state.provider = Portals(app.state.settings.model_copy(update=settings))


async def begun(browser: AsyncClient, onward: str = "") -> str:
    """Where the browser is sent."""
    answer = await browser.get(f"/sign-on?next={quote(onward)}" if onward else "/sign-on")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def through(browser: AsyncClient, provider: Provider, sub: str = "m1", onward: str = "") -> Response:
    """The whole way: off to the provider, in there, and back."""
    return await browser.get(await provider.sign_in(await begun(browser, onward), sub))


async def signed_in(browser: AsyncClient) -> bool:
    return (await browser.get("/account")).status_code == 200


async def refused(browser: AsyncClient, answer: Response, status: int, *said: str) -> None:
    """A page of ours that says why, offers the mailed link, and has signed nobody in."""
    assert answer.status_code == status
    for words in (MAILED, *said):
        assert words in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert not await signed_in(browser)
    assert await MemberSession.all().count() == 0
