"""The application as its users meet it: over HTTP, on a fresh database, at an hour that the test chooses.

A test is `async def` and may call actions and read rows as well. `client` is nobody yet; `as_staff` and `as_member`
sign in.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.session import request_sign_in, sign_in_member, sign_in_staff
from portal.actions.staff import add_staff
from portal.app import create_app, life
from portal.mail.catcher import Catcher, catching
from portal.settings import Settings
from portal.store.access import OneTimeCode
from portal.store.members import Member
from portal.store.policies import Policy
from portal.store.staff import Role, Staff
from tests.support.clock import Clock
from tests.support.drafting import BY_MAIL, TEXT_1, TEXT_2, person, policy_of, published
from tests.support.noticed import Noticed, noticed_world

BASE_URL = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery staple"
# What a browser says of a form that came from a page of ours.
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}

SignIn = Callable[..., Awaitable[AsyncClient]]
Open = Callable[[], Awaitable[AsyncClient]]


def keep_cookie(browser: AsyncClient, name: str, value: str) -> None:
    """As if the portal had set it."""
    prefix = "__Host-" if browser.base_url.scheme == "https" else ""
    browser.cookies.set(prefix + name, value, domain=browser.base_url.host, path="/")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def catcher(tmp_path: Path) -> AsyncIterator[Catcher]:
    """The relay that takes the application's mail; `caught(catcher.folder)` lists it."""
    async with catching(tmp_path / "mail") as relay:
        yield relay


@pytest.fixture
def settings(database_url: str, tmp_path: Path, catcher: Catcher) -> Settings:
    return Settings(
        data=tmp_path / "data",
        database_url=database_url,
        history=tmp_path / "history",
        base_url=BASE_URL,
        smtp_port=catcher.port,
    )


@pytest.fixture
async def app(settings: Settings, clock: Clock) -> AsyncIterator[Starlette]:
    """The application, started; the database is connected."""
    app = create_app(settings, clock)
    async with life(app):
        yield app


@pytest.fixture
async def open_client(app: Starlette) -> AsyncIterator[Open]:
    """Makes more browsers, each with cookies of its own. They do not follow redirects by themselves."""
    async with AsyncExitStack() as stack:

        async def opened() -> AsyncClient:
            transport = ASGITransport(app, raise_app_exceptions=False)
            client = AsyncClient(transport=transport, base_url=str(app.state.settings.base_url), headers=FROM_OUR_PAGE)
            return await stack.enter_async_context(client)

        yield opened


@pytest.fixture
async def client(open_client: Open) -> AsyncClient:
    """The browser of somebody who has not signed in."""
    return await open_client()


@pytest.fixture
def as_staff(app: Starlette, open_client: Open) -> SignIn:
    """`await as_staff(Role.LEGAL)`: a browser in which somebody with these roles has signed in.

    `name` makes them another person: `await as_staff(Role.LEGAL, name="Bo")` has the address bo@example.com.
    """

    async def signed_in(*roles: Role, name: str = "") -> AsyncClient:
        at = app.state.clock()
        person = name or "-".join(roles) or "nobody"
        email = f"{person.lower()}@example.com"
        if not await Staff.exists(email=email):
            await add_staff(email, person.title(), roles or (Role.OPS,), PASSWORD, by=SYSTEM, at=at)
        browser = await open_client()
        keep_cookie(browser, "staff", await sign_in_staff(email, PASSWORD, at))
        return browser

    return signed_in


@pytest.fixture
def as_member(app: Starlette, open_client: Open) -> SignIn:
    """`await as_member("m-1")`: a browser in which the member with this external id has signed in by a mailed link."""

    async def signed_in(external_id: str) -> AsyncClient:
        at = app.state.clock()
        member = await Member.get(external_id=external_id)
        await request_sign_in(external_id, at)
        code = await OneTimeCode.filter(member_id=member.id, objection_id__isnull=True).order_by("-id").first()
        assert code is not None
        link = app.state.keys.sign_in_link(member.id, code.id)
        browser = await open_client()
        keep_cookie(browser, "member", await sign_in_member(link, app.state.keys, at))
        return browser

    return signed_in


@pytest.fixture
async def privacy(app: Starlette) -> Policy:
    """The policy `privacy` with two versions, of which the second changed marketing, service and a spelling."""
    at = app.state.clock() - timedelta(days=60)
    author, approver = await person("Ann Author", at), await person("Ben Approver", at)
    policy = await policy_of(BY_MAIL, by=author, at=at)
    for text in (TEXT_1, TEXT_2):
        at += timedelta(days=30)
        await published(policy, text, by=author, approver=approver, at=at)
    return policy


@pytest.fixture
async def noticed(app: Starlette) -> Noticed:
    """Two members who were mailed version 2 the day before; see `tests.support.noticed`."""
    return await noticed_world(app)
