"""What a member does in the account, on a phone and at a desk, without scripts: each page and state is accessible."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from portal.demo.cast import OPS
from portal.demo.people import Person
from tests.browser.conftest import Story, sign_in_as, sign_in_as_member
from tests.browser.test_accessible import AXE, CONTRAST, DESK, PHONE, RULES, sideways, violations
from tests.browser.test_object_with_the_keyboard import tab_to

NARROW = ViewportSize(width=320, height=640)
Open = Callable[..., BrowserContext]


@dataclass
class Visit:
    """A member's browser without scripts, and a second one with them, in which the same page is looked at by axe."""

    page: Page
    judge: Page

    def judged(self) -> None:
        """The page as it stands, in light, in the dark, on a phone and at 320 px."""
        self.judge.context.clear_cookies()
        self.judge.context.add_cookies(self.page.context.cookies())  # type: ignore[arg-type]
        self.judge.set_viewport_size(DESK)
        self.judge.emulate_media(color_scheme="light", reduced_motion="reduce")
        self.judge.goto(self.page.url)
        self.judge.evaluate(AXE)
        assert violations(self.judge, RULES) == []
        self.judge.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert violations(self.judge, CONTRAST) == []
        for size in (PHONE, NARROW):
            self.judge.set_viewport_size(size)
            assert sideways(self.judge) == []
            assert violations(self.judge, RULES) == []

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_load_state()


@pytest.fixture
def visit(open_browser: Open) -> Callable[[ViewportSize], Visit]:
    def made(size: ViewportSize) -> Visit:
        quiet = open_browser(java_script_enabled=False, viewport=size)
        return Visit(quiet.new_page(), open_browser().new_page())

    return made


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_member_reads_their_terms_and_answers(
    story: Story, visit: Callable[[ViewportSize], Visit], size: ViewportSize
) -> None:
    here = visit(size)
    sign_in_as_member(here.page, story, story.cast.freezers[0])
    here.page.get_by_role("link", name="My terms", exact=True).click()
    here.page.wait_for_url("**/account/terms")
    drawn, other = ("phone", "desk") if size is PHONE else ("desk", "phone")
    picture = here.page.locator(f".tl-{drawn} svg")
    assert picture.is_visible()
    assert not here.page.locator(f".tl-{other} svg").is_visible()
    assert "you objected" in (here.page.locator(f"#contact-forms-{drawn}-desc").text_content() or "")
    assert here.page.get_by_role("img", name="Contact forms: privacy policy: what holds").count() == 1
    here.judged()
    here.press("Opt out of Marketing")
    assert "You have opted out of Marketing" in here.page.inner_text("main")
    assert "Not used, since you opted out" in here.page.inner_text("main")
    here.judged()
    here.press("Allow Marketing again")


def test_the_picture_is_told_without_colour(story: Story, open_browser: Open) -> None:
    """In forced colours bars keep their patterns and edges, and every word has the system's colour."""
    page = open_browser(forced_colors="active", viewport=DESK).new_page()
    sign_in_as_member(page, story, story.cast.freezers[0])
    page.goto("/account/terms")
    looks = page.evaluate(
        """() => {
          const of = s => getComputedStyle(document.querySelector('.tl-desk ' + s));
          const words = [...document.querySelectorAll('.tl-desk text')].map(t => getComputedStyle(t).fill);
          return {bar: of('.tl-bar').fill, edge: of('.tl-bar').stroke, hatch: of('pattern .tl-hatch').stroke,
                  words: [...new Set(words)]};
        }"""
    )
    assert looks["bar"] != looks["edge"]
    assert looks["hatch"] == looks["edge"]
    assert looks["words"] == [looks["edge"]]
    assert page.locator('.tl-desk rect[fill*="-objection"]').count() == 1


def test_the_terms_are_printed_with_their_picture(story: Story, open_browser: Open) -> None:
    page = open_browser(viewport=PHONE).new_page()
    sign_in_as_member(page, story, story.cast.freezers[0])
    page.goto("/account/terms")
    page.emulate_media(media="print")
    assert page.locator(".tl-desk svg").is_visible()
    assert not page.locator(".tl-phone svg").is_visible()
    assert len(page.pdf(format="A4")) > 10_000


def test_a_question_is_answered_with_the_keyboard_alone(story: Story, open_browser: Open) -> None:
    page = open_browser(java_script_enabled=False, viewport=DESK).new_page()
    sign_in_as_member(page, story, story.cast.desk[1])
    page.goto("/account/terms#questions")
    assert page.locator("input[type=radio]:checked").count() == 0
    tab_to(page, "input[type=radio][value=yes]", most=120)
    page.keyboard.press("ArrowDown")
    tab_to(page, "button:has-text('Send the answer')")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("You said no to")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_member_changes_their_address_at_both(
    story: Story, visit: Callable[[ViewportSize], Visit], size: ViewportSize
) -> None:
    here, person = visit(size), (story.cast.late if size is PHONE else story.cast.silent)
    new = f"new.{person.address}"
    sign_in_as_member(here.page, story, person)
    here.page.goto("/account/details")
    here.page.get_by_label("New mail address").fill("no address")
    here.press("Change the address")
    assert "There is a problem" in here.page.inner_text("main")
    here.page.get_by_label("New mail address").fill(new)
    here.press("Change the address")
    assert "A change of address waits to be confirmed" in here.page.inner_text("main")
    here.judged()
    for address, button in ((new, "Confirm this address"), (person.address, "Yes, it was me")):
        here.page.goto(_link(story, here.page, address))
        here.judged()
        here.page.get_by_role("button", name=button).click()
        here.page.wait_for_load_state()
        here.judged()
    assert here.page.inner_text("h1") == "Your mail address is changed"
    here.page.goto("/account/details")
    assert new in here.page.inner_text("main")


def _link(story: Story, page: Page, address: str) -> str:
    """The link in the mail to the address; it may take a moment to come."""
    for _ in range(100):
        letters = [letter for letter in story.stage.letterbox.to(address) if "/address/" in letter.words]
        if letters:
            return letters[-1].link("/address/")
        page.wait_for_timeout(100)
    raise LookupError(address)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_member_asks_and_ops_answers(
    story: Story, visit: Callable[[ViewportSize], Visit], open_browser: Open, size: ViewportSize
) -> None:
    here = visit(size)
    person: Person = story.cast.last_second if size is PHONE else story.cast.scanned
    sign_in_as_member(here.page, story, person)
    here.page.goto("/account/requests")
    here.page.get_by_role("link", name=re.compile("^Ask.*Close my account")).click()
    here.page.wait_for_url("**/new?kind=closing")
    assert "Your account will be closed for good" in here.page.inner_text("main")
    here.judged()
    here.page.get_by_role("link", name="Keep my account").click()
    here.page.wait_for_url("**/account/requests")
    here.page.get_by_role("link", name=re.compile("^Ask.*Give me access")).click()
    here.press("Send the request")
    assert here.page.inner_text("h1") == "We have received your request"
    here.judged()
    number = here.page.url.rpartition("/")[2]
    _answered_by_ops(open_browser().new_page(), number)
    here.page.reload()
    assert here.page.inner_text("h1") == "Your request is answered"
    assert "Sent by post." in here.page.inner_text("main")
    here.judged()


def _answered_by_ops(page: Page, number: str) -> None:
    """Ops finds it in the queue, reads it and answers; each page is looked at by axe."""
    sign_in_as(page, OPS)
    page.goto("/staff/requests?show=open")
    page.get_by_role("link", name=number).click()
    page.wait_for_url("**/staff/requests/*")
    for address in (page.url, f"{page.url}/refusal", f"{page.url}/extension", f"{page.url}/answer"):
        page.goto(address)
        page.evaluate(AXE)
        assert violations(page, RULES) == []
    page.get_by_label("What you did").fill("Sent by post.")
    page.get_by_role("button", name="Answer it").click()
    page.wait_for_url("**/staff/requests/*")
    assert "Sent by post." in page.inner_text("main")


def test_the_data_is_read_and_saved(story: Story, open_browser: Open) -> None:
    page = open_browser(java_script_enabled=False, viewport=PHONE).new_page()
    sign_in_as_member(page, story, story.cast.freezers[0])
    page.goto("/account/data")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save the JSON file").click()
    assert saved.value.suggested_filename.endswith(".json")
    page.get_by_role("link", name="Read it here").click()
    page.wait_for_url("**/account/data.html")
    assert page.inner_text("h1") == "What this portal knows of you"
    # The page's own sheet is let in by its digest.
    assert page.evaluate("getComputedStyle(document.querySelector('dl')).display") == "grid"
