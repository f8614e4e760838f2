"""A member answers from the mail, on a phone and at a desk, with scripts and without; every page is looked at."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from portal.actions.actor import SYSTEM
from portal.actions.staff import add_staff
from portal.store.staff import Role
from tests.browser.one_member import ADDRESS, OneMember, one_member
from tests.browser.test_accessible import AXE, CONTRAST, DESK, RULES, sideways, violations
from tests.support.clock import START
from tests.support.noticed import CLOSES_2

PASSWORD = "correct horse battery staple"
CODE = re.compile(r"Your code: (\d{4} \d{4})")
SMALL_PHONE = {"width": 320, "height": 640}
SETTINGS: dict[str, dict[str, Any]] = {
    "phone": {"viewport": SMALL_PHONE, "has_touch": True},
    "phone without scripts": {"viewport": SMALL_PHONE, "has_touch": True, "java_script_enabled": False},
    "desk": {"viewport": dict(DESK)},
    "desk without scripts": {"viewport": dict(DESK), "java_script_enabled": False},
}


@pytest.fixture
def member(tmp_path: Path) -> Iterator[OneMember]:
    with one_member(tmp_path) as served:
        yield served


class Visit:
    """A member's visit. Axe is a script: without scripts a page is the same page, and is looked at for its width."""

    def __init__(self, page: Page, member: OneMember, *, scripts: bool) -> None:
        self.page, self.member, self.scripts = page, member, scripts
        self.complaints: list[str] = []
        self._axe = False
        page.on("console", self._noted)

    def look(self, heading: str) -> None:
        """The page with this heading: nothing to scroll sideways, no violation in light or in the dark."""
        expect(self.page.locator("h1")).to_have_text(heading)
        assert sideways(self.page) == []
        if not self.scripts:
            return
        self._axe = True  # it fetches the sheets and styles what it looks at, which the policy of the pages forbids
        self.page.evaluate(AXE)
        assert violations(self.page, RULES) == []
        self.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert violations(self.page, CONTRAST) == []
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        self._axe = False

    def _noted(self, said: ConsoleMessage) -> None:
        if said.type == "error" and not self._axe and "status of 4" not in said.text:
            self.complaints.append(said.text)

    def press(self, name: str) -> None:
        named = self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name))
        named.first.click()

    def enter_code(self, subject: str) -> None:
        code = CODE.search(self.member.mail(subject).words)
        assert code is not None
        self.page.get_by_label("Code", exact=True).fill(code[1])

    def change(self, section: str) -> Locator:
        """The box of a change."""
        return self.page.get_by_role("checkbox", name=section)


@pytest.fixture(params=SETTINGS)
def visit(request: pytest.FixtureRequest, chromium: Browser, member: OneMember) -> Iterator[Visit]:
    """In a browser without cookies; what it complains of fails the test, but for answers that are refusals."""
    options = SETTINGS[request.param]
    context = chromium.new_context(base_url=member.site, reduced_motion="reduce", accept_downloads=True, **options)
    visit = Visit(context.new_page(), member, scripts=options.get("java_script_enabled", True))
    yield visit
    context.close()
    assert visit.complaints == []


def test_objecting_changing_it_confirming_and_taking_it_back(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.member.noticed.by_link())
    visit.look("Privacy policy")
    visit.change("News").check()
    visit.press("Object…")
    visit.look("Check your objection")
    expect(page.get_by_role("heading", name="Your account stays open")).to_be_visible()
    page.get_by_label("Your reason").fill("Too many mails.")
    visit.press("Send the objection")
    visit.look("We have received your objection")

    visit.press("Object to other changes")
    visit.look("Change your objection")
    expect(visit.change("News")).to_be_checked()
    visit.change("News").uncheck()
    visit.press("Go on…")
    visit.look("Change your objection")
    assert page.title().startswith("Error: ")
    expect(page.locator(".error-summary")).to_be_focused()
    visit.change("Service").check()
    visit.press("Go on…")
    visit.look("Check your objection")
    expect(page.get_by_role("heading", name="Your account will be closed on 22 March 2026")).to_be_visible()
    visit.press("Change the objection")
    visit.look("We have received your objection")

    page.get_by_label("Code", exact=True).fill("0000 0000")
    visit.press("Confirm the objection")
    visit.look("We have received your objection")
    assert page.title().startswith("Error: ")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.get_by_label("Code", exact=True)).to_have_value("0000 0000")
    visit.enter_code("confirm the closing of your account")
    visit.press("Confirm the objection")
    visit.look("Your objection is confirmed")

    visit.press("Take the objection back")
    visit.look("Take your objection back")
    visit.press("Take the objection back")
    visit.look("You took this objection back")


def test_saying_yes_with_a_code_and_taking_it_back(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.member.noticed.by_link())
    visit.press("Yes")
    visit.look("We have received your answer")
    visit.press("Confirm my yes")
    visit.look("We have received your answer")
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="Enter the 8 digits").click()
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    visit.enter_code("code to confirm your answer")
    visit.press("Confirm my yes")
    visit.look("You said yes to Ai Training")
    assert "Ai Training" in visit.member.mail("your yes to").words
    visit.press("Opt out of Ai Training")
    visit.look("Privacy policy")
    expect(page.get_by_text("You have opted out of this. A yes also lifts that opt-out.")).to_be_visible()


def test_leaving_a_yes_and_saying_no(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.member.noticed.by_link())
    visit.press("Yes")
    visit.press("Leave everything as it is")
    visit.look("You left everything as it is")
    visit.press("Back to the notice")
    page.locator("button[value=no]").click()
    visit.look("Privacy policy")
    expect(page.get_by_text("You said no to Ai Training. Nothing changes.")).to_be_visible()


def test_when_time_is_over(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.member.noticed.by_link())
    visit.change("News").check()
    visit.press("Object…")
    visit.press("Send the objection")
    receipt = page.url
    visit.member.move_to(CLOSES_2 + timedelta(hours=9))

    page.goto(f"{visit.member.noticed.by_link(visit.member.noticed.other)}/objection")
    visit.look("The time to object is over")
    expect(page.get_by_text("Your mail server accepted our notice on 1 March 2026")).to_be_visible()
    expect(page.get_by_role("button", name="Opt out of Marketing")).to_be_visible()

    page.goto(f"{receipt}/withdrawal")
    visit.look("Take your objection back")
    visit.press("Take the objection back")
    visit.look("We have received your answer")
    page.goto(receipt)
    visit.look("We have received your objection")
    visit.press("Confirm that you take it back")
    visit.enter_code("code to confirm your answer")
    visit.press("Confirm that I take it back")
    visit.look("You took your objection back")


def test_deadline_goes_into_a_calendar(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.member.noticed.by_link())
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Add the deadline to your calendar").click()
    assert waiting.value.suggested_filename == "deadline.ics"
    assert b"DTEND:20260321T230000Z\r\n" in Path(waiting.value.path()).read_bytes()


def test_signed_in_no_code_is_asked_for(visit: Visit) -> None:
    page = visit.page
    page.goto("/sign-in")
    page.get_by_label("Your mail address").fill(ADDRESS)
    visit.press("Mail me a link")
    visit.look("Look into your mail")
    page.goto(visit.member.mail("your sign-in link").link("/sign-in/"))
    visit.press("Sign in")
    page.wait_for_url("**/account")
    page.goto(visit.member.noticed.in_account)
    visit.change("Service").check()
    visit.press("Object…")
    visit.press("Send the objection")
    visit.look("We have received your objection")
    expect(page.get_by_label("Code", exact=True)).to_have_count(0)
    visit.press("Confirm the objection")
    visit.look("Your objection is confirmed")
    visit.press("Object to other changes")
    visit.look("Change your objection")
    visit.press("Leave it as it is")
    visit.look("Your objection is confirmed")


def test_ops_finds_out_whose_an_unconfirmed_answer_is(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.member.noticed.by_link())
    visit.press("Yes")
    visit.member.move_to(START + timedelta(hours=48))
    page.goto(page.url)
    expect(page.get_by_text("It was not confirmed within 48 hours")).to_be_visible()
    visit.member.call(colleague(visit.member))
    page.goto("/staff/sign-in")
    page.get_by_label("Mail address").fill("ops@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    visit.press("Sign in")
    page.wait_for_url("**/staff")
    visit.press("1 answer is to be confirmed")
    visit.look("Answers to be confirmed")
    page.locator("tbody th a").click()
    visit.look(page.locator("h1").inner_text())
    visit.press("Confirm it")
    visit.press("Continue")
    visit.look("Confirm the answer")
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_label("The member", exact=True).check()
    page.get_by_label("By telephone").check()
    page.get_by_label("Day on which it arrived").fill(f"{START:%Y-%m-%d}")
    page.get_by_label("Reference").fill("Call 17")
    page.get_by_label("How you know that the member wants this").fill("Called the owner.")
    visit.press("Continue")
    visit.look("Check before you enter it")
    visit.press("Confirm the answer")
    expect(page.get_by_text("The answer is confirmed.")).to_be_visible()


async def colleague(member: OneMember) -> None:
    await add_staff("ops@example.com", "Oda Ops", (Role.OPS,), PASSWORD, by=SYSTEM, at=member.clock())
