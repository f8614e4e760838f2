"""The banner on a page of the company's own: it appears, can be read and sent away, and records by a press alone."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import Story
from tests.browser.test_accessible import AXE, DESK, PHONE, RULES, sideways, violations
from tests.browser.test_object_with_the_keyboard import tab_to
from tests.support.company_site import CompanySite, company_site

STATIC = Path(__file__).parents[2] / "static"
TOKEN = re.compile(r"cop_[\w-]{43}")
# Each test has a member of its own, whose latest notice is unseen, and who reads English, or what is not translated.
READER, PRESSER, UNLUCKY, TYPIST, LEAVER = 14, 17, 18, 19, 13


@pytest.fixture(scope="module")
def site(story: Story, signed_in: Callable[[str], BrowserContext]) -> Iterator[CompanySite]:
    """The company's site, with a token that an admin made for it."""
    page = signed_in("admin").new_page()
    page.goto("/staff/tokens")
    page.get_by_label("System").fill("account pages")
    for scope in ("Notices", "Links", "Sights"):
        page.get_by_label(scope).check()
    page.get_by_role("button", name="Make a token").click()
    token = TOKEN.search(page.inner_text("main"))
    page.close()
    assert token
    with company_site(story.site, token[0]) as found:
        yield found


@pytest.fixture
def open_page(site: CompanySite, story: Story, chromium: Browser) -> Iterator[Callable[[int], Page]]:
    """The account page of one of the members; whatever the browser complains of fails the test."""
    context, complaints = chromium.new_context(base_url=site.address), []

    def opened(member: int) -> Page:
        site.member = story.cast.everyone[member].external_id
        site.sent.clear()
        page = context.new_page()
        page.set_viewport_size(DESK)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/")
        return page

    yield opened
    context.close()
    assert [said for said in complaints if "status of 503" not in said and "favicon" not in said] == []


def banner_of(page: Page) -> Locator:
    return page.get_by_role("region", name="Changes to our terms")


def test_it_appears_and_showing_it_records_nothing(site: CompanySite, open_page: Callable[[int], Page]) -> None:
    page = open_page(READER)
    banner = banner_of(page)
    expect(banner).to_be_visible()
    expect(banner).to_contain_text("version 3")
    link = banner.get_by_role("link", name="Read what changes and answer").first
    assert link.get_attribute("href", timeout=1_000).startswith(f"{site.portal}/n/")  # type: ignore[union-attr]
    assert "cop_" not in page.content()
    page.reload()
    expect(banner).to_be_visible()
    assert site.asked.count("/my-notices") >= 2
    assert site.sent == []
    assert site.is_seen() is False


def test_the_button_records_the_sight_and_the_banner_says_so(
    site: CompanySite, open_page: Callable[[int], Page]
) -> None:
    page = open_page(PRESSER)
    banner = banner_of(page)
    press = banner.get_by_role("button", name="I have seen this").first
    expect(press).to_be_visible()
    assert site.is_seen() is False
    press.click()
    expect(banner.get_by_role("status")).to_have_text("Thank you. It is recorded that you have seen this.")
    expect(banner.get_by_role("button", name="Close")).to_be_focused()
    assert site.sent == ["/seen"]
    assert site.is_seen() is True
    assert page.url == f"{site.address}/"


def test_what_did_not_work_is_said_and_can_be_tried_again(site: CompanySite, open_page: Callable[[int], Page]) -> None:
    page = open_page(UNLUCKY)
    banner = banner_of(page)
    press = banner.get_by_role("button", name="I have seen this").first
    site.broken = True
    try:
        press.click()
        expect(banner.get_by_role("status")).to_have_text("That did not work. Try again in a moment.")
    finally:
        site.broken = False
    assert site.is_seen() is False
    press.click()
    expect(banner.get_by_role("status")).to_contain_text("Thank you.")
    assert site.is_seen() is True


def test_the_keyboard_alone_will_do(site: CompanySite, open_page: Callable[[int], Page]) -> None:
    page = open_page(TYPIST)
    expect(banner_of(page)).to_be_visible()
    assert page.evaluate("document.activeElement === document.body")  # it takes no focus by itself
    tab_to(page, ".policy-notices-close")
    tab_to(page, ".policy-notice-link")
    tab_to(page, ".policy-notice-seen")
    page.keyboard.press("Enter")
    expect(banner_of(page).get_by_role("status")).to_contain_text("Thank you.")
    assert site.is_seen() is True
    page.keyboard.press("Escape")
    expect(banner_of(page)).to_have_count(0)
    expect(page.locator("main")).to_be_focused()


def test_sent_away_it_stays_away_for_this_visit_and_nothing_is_recorded(
    site: CompanySite, open_page: Callable[[int], Page], chromium: Browser
) -> None:
    page = open_page(LEAVER)
    banner_of(page).get_by_role("button", name="Close").click()
    expect(banner_of(page)).to_have_count(0)
    expect(page.locator("main")).to_be_focused()
    asked = site.asked.count("/my-notices")
    with page.expect_response("**/my-notices"):
        page.reload()
    page.wait_for_timeout(200)
    expect(banner_of(page)).to_have_count(0)
    assert site.asked.count("/my-notices") == asked + 1
    assert page.evaluate("[sessionStorage.length, localStorage.length, document.cookie]") == [1, 0, ""]
    assert (site.sent, site.is_seen()) == ([], False)
    # Another visit is another session.
    again = chromium.new_page(base_url=site.address)
    again.goto("/")
    expect(banner_of(again)).to_be_visible()
    again.close()


def test_it_is_accessible_in_light_in_the_dark_and_on_a_phone(open_page: Callable[[int], Page]) -> None:
    page = open_page(READER)
    expect(banner_of(page)).to_be_visible()
    page.evaluate(AXE)
    # The checker may not fetch the sheet again: the page's policy forbids it, as it should.
    rules = RULES | {"preload": False}
    for size in (DESK, PHONE):
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            assert violations(page, rules) == []
            assert sideways(page) == []


def test_the_script_is_small_and_neither_needs_what_a_strict_page_forbids() -> None:
    script = (STATIC / "notice-banner.js").read_text(encoding="utf-8")
    assert len(script.encode()) < 3_000
    assert len((STATIC / "notice-banner.css").read_bytes()) < 3_000
    assert not re.search(r"innerHTML|eval\(|Function\(|\.style\b|import\b|localStorage|cookie", script)
