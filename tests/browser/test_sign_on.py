"""Signing in through the company's site, in a browser: away and back, with and without JavaScript."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette

from portal.demo.clock import StoryClock
from portal.demo.server import COMPANY, serving
from portal.store.policies import Purpose
from portal.web.clock import now
from tests.browser.alone import said, served_alone
from tests.browser.test_accessible import AXE, DESK, PHONE, RULES, sideways, violations
from tests.support.company_keys import SECRET
from tests.support.oidc_provider import CLIENT, provider_on_a_socket
from tests.support.oidc_provider import SECRET as CLIENT_SECRET
from tests.support.world import make_member, make_policy


@dataclass(frozen=True)
class Company:
    """A company whose members sign in at its own `site`; `clicks` are addresses out of its mails, one a test."""

    site: str
    portal: str
    clicks: list[str]


async def serve(data: Path, end: Connection) -> None:
    """Says where the company is, and serves it."""
    clock = StoryClock(now())
    clock.run_on()
    async with provider_on_a_socket(clock) as provider:
        sign_on: dict[str, Any] = {
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": CLIENT_SECRET,
            "hand_over_secret": SECRET,
            "hand_over_url": f"{provider.issuer}/privacy",
        }
        async with serving(data, clock, **sign_on) as app:
            provider.portal = app.state.settings.base_url
            await said(end, Company(provider.issuer, provider.portal, await clicks(app)))


async def clicks(app: Starlette) -> list[str]:
    """A link to opt out of marketing for each of a few members."""
    policy, joined_at = await make_policy(), app.state.clock() - timedelta(days=1)
    purpose = await Purpose.get(key="marketing")
    members = [await make_member(policy, name, joined_at, f"{name}@example.org") for name in ("m1", "m3", "m4")]
    links = [app.state.keys.unsubscribe_link(member.id, purpose.id, member.link_epoch) for member in members]
    return [f"/unsubscribe/{link}" for link in links]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with served_alone(serve, tmp_path_factory.mktemp("company")) as found:
        yield found


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request: pytest.FixtureRequest, chromium: Browser, company: Company) -> Iterator[Page]:
    """A browser; whatever it complains of fails the test."""
    context = chromium.new_context(base_url=company.portal, java_script_enabled=request.param)
    page, complaints = context.new_page(), []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert [said for said in complaints if "status of" not in said and "favicon" not in said] == []


def test_away_to_the_companys_sign_in_and_back_to_the_page_that_was_asked_for(page: Page) -> None:
    page.goto("/account/details")
    page.get_by_role("link", name=f"Sign in at {COMPANY}").click()
    expect(page.get_by_role("heading", name="Sign in at the company")).to_be_visible()
    page.get_by_role("button", name="I am m1").click()
    expect(page).to_have_url(f"{page.url.split('/account')[0]}/account/details")
    expect(page.get_by_role("heading", name="Your details")).to_be_visible()
    page.go_back()  # to the company's page, or to the answer, which is taken once
    page.goto("/account")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_who_breaks_it_off_may_have_a_link_mailed_or_try_again(page: Page) -> None:
    page.goto("/account/details")
    page.get_by_role("link", name=f"Sign in at {COMPANY}").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="You did not sign in")).to_be_visible()
    expect(page.get_by_label("Your mail address, or your customer number")).to_be_visible()
    page.get_by_role("link", name="Try again").click()
    page.get_by_role("button", name="I am m1").click()
    expect(page.get_by_role("heading", name="Your details")).to_be_visible()


def test_who_is_no_member_is_told_and_may_have_a_link_mailed(page: Page) -> None:
    page.goto("/sign-on")
    page.get_by_role("button", name="I am m2").click()
    expect(page.get_by_role("heading", name="We do not know this account here")).to_be_visible()
    page.get_by_label("Your mail address, or your customer number").fill("m1")
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()


def test_the_companys_page_hands_over_by_its_form(page: Page) -> None:
    page.goto("/account/details")
    page.get_by_role("link", name=f"Go to {COMPANY} and come back signed in").click()
    page.get_by_role("button", name="My privacy").click()
    expect(page.get_by_role("heading", name="Your details")).to_be_visible()


def test_an_address_with_a_token_asks_once_more_and_works_once(page: Page, company: Company) -> None:
    page.goto(f"{company.site}/privacy")
    page.get_by_role("link", name="My privacy, by address").click()
    address = page.url
    expect(page.get_by_text("where you are signed in with the customer number m1")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    page.goto(address)
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()


def test_one_click_in_a_companys_mail(page: Page, company: Company) -> None:
    page.goto(company.clicks.pop())
    page.get_by_role("button", name="Opt out of Marketing").click()
    expect(page.get_by_role("heading", name="You have opted out of Marketing")).to_be_visible()
    page.get_by_role("link", name="sign in to your account").click()
    expect(page.get_by_role("heading", name="Your account", exact=True)).to_be_visible()


def test_the_pages_are_accessible_on_a_desk_and_on_a_phone(chromium: Browser, company: Company) -> None:
    page = chromium.new_page(base_url=company.portal)
    page.goto(f"{company.site}/privacy")
    token = page.get_by_role("link", name="My privacy, by address").get_attribute("href")
    assert token
    for address in ("/sign-in?next=/account", "/sign-on/answer", token, "/hand-over?token=x", company.clicks.pop()):
        page.goto(address)
        page.evaluate(AXE)
        for size in (DESK, PHONE):
            for scheme in ("light", "dark"):
                page.set_viewport_size(size)
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
                assert violations(page, RULES) == [], address
                assert sideways(page) == [], address
    page.close()
