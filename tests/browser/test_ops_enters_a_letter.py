"""Ops enters a letter with its scan, on a phone and at a desk, with scripts and without; every page is looked at."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from portal.actions.actor import SYSTEM
from portal.actions.staff import add_staff
from portal.demo.cast import OPS
from portal.store.staff import Role
from tests.browser.test_member_answers import PASSWORD, Visit, member, visit
from tests.support.clock import START
from tests.support.entering import PDF

__all__ = ["member", "visit"]  # the fixtures


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "letter.pdf"
    path.write_bytes(PDF)
    return path


def signed_in(visit: Visit) -> None:
    visit.member.call(add_staff(OPS.email, OPS.name, (Role.OPS,), PASSWORD, by=SYSTEM, at=START))
    visit.page.goto("/staff/sign-in")
    visit.page.get_by_label("Mail address").fill(OPS.email)
    visit.page.get_by_label("Password").fill(PASSWORD)
    visit.press("Sign in")
    visit.page.wait_for_url("**/staff")


def filled_in(visit: Visit) -> None:
    """The first page, after a try with nothing in it."""
    page = visit.page
    visit.press("Continue")
    visit.look("Enter an objection")
    expect(page.locator(".error-summary")).to_be_focused()
    page.locator(".error-summary").get_by_role("link", name="Enter a reference").click()
    expect(page.get_by_label("Reference")).to_be_focused()
    visit.change("News").check()
    page.get_by_label("Somebody who represents the member", exact=True).check()
    page.get_by_label("Name of who represents the member").fill("Rita Roe")
    page.get_by_label("By letter").check()
    page.get_by_label("Day on which it arrived").fill("2026-03-01")
    page.get_by_label("Reference").fill("Folder 12")
    visit.press("Continue")


def with_its_scan(visit: Visit, scan: Path) -> None:
    """The second page, after a try with a file that is refused."""
    page, files = visit.page, visit.page.get_by_label("The letter, as files")
    visit.look("Check before you enter it")
    expect(page.get_by_role("heading", name="Your account stays open")).to_be_visible()
    refused = scan.with_name("letter.docx")
    refused.write_bytes(b"PK\x03\x04")
    files.set_input_files(refused)
    visit.press("Enter the objection")
    visit.look("Check before you enter it")
    expect(page.locator(".error-summary")).to_contain_text("“letter.docx” is none of these")
    files.set_input_files(scan)
    visit.press("Enter the objection")


def saved_and_erased(visit: Visit) -> None:
    """The page of the letter."""
    page = visit.page
    visit.look("Objection")
    expect(page.get_by_text("The objection is entered under")).to_be_visible()
    expect(page.get_by_text("Rita Roe")).to_be_visible()
    with page.expect_download() as saved:
        visit.press("Save it")
    assert saved.value.suggested_filename == "letter.pdf"
    assert Path(saved.value.path()).read_bytes() == PDF
    page.reload()
    expect(page.get_by_text("File of a letter read")).to_be_visible()
    visit.press("Erase it")
    visit.look("Erase this file")
    page.get_by_label("Why").fill("The member asked for it.")
    page.get_by_label("I know that nobody can bring it back").check()
    visit.press("Erase it")
    visit.look("Objection")
    expect(page.get_by_role("heading", name="File 1")).to_be_visible()
    expect(page.get_by_role("button", name="Save it")).to_have_count(0)


def test_a_letter_is_entered_with_its_scan_which_is_saved_and_erased(visit: Visit, scan: Path) -> None:
    page, noticed = visit.page, visit.member.noticed
    signed_in(visit)
    page.goto(f"/staff/members/{noticed.member.id}")
    visit.look("m1")
    visit.press("Enter an objection that came by letter or call")
    visit.look("Enter an objection")
    filled_in(visit)
    with_its_scan(visit, scan)
    saved_and_erased(visit)
    page.goto(f"/staff/members/{noticed.member.id}")
    visit.look("m1")
    expect(page.get_by_text("Objection, by letter, Folder 12 · by")).to_be_visible()


def test_what_was_typed_can_be_changed_before_the_button(visit: Visit) -> None:
    page, noticed = visit.page, visit.member.noticed
    signed_in(visit)
    page.goto(f"/staff/members/{noticed.member.id}/opt-outs")
    visit.look("Enter an opt-out, or its end")
    page.get_by_label("Marketing").check()
    page.get_by_label("Stop it").check()
    page.get_by_label("By telephone").check()
    page.get_by_label("Day on which it arrived").fill("2026-03-01")
    page.get_by_label("Reference").fill("Call 17")
    visit.press("Continue")
    visit.look("Check before you enter it")
    visit.press("Change what I typed")
    visit.look("Enter an opt-out, or its end")
    expect(page.get_by_label("Reference")).to_have_value("Call 17")
    page.get_by_label("Reference").fill("Call 18")
    visit.press("Continue")
    visit.press("Enter the opt-out")
    visit.look("Opt-out")
    expect(page.get_by_text("Call 18").first).to_be_visible()
