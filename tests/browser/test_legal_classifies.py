"""Legal works through the matrix of a large draft: with Tab and Space alone, with single keys, and what a reader of the
screen hears of it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Story
from tests.browser.test_accessible import AXE, DESK, PHONE, RULES, sideways, violations
from tests.browser.test_object_with_the_keyboard import tab_to

EDITS = (
    ("Ternwick Mail", "Ternwick Post"),
    ("21 days", "42 days"),
    ("legal/processing-agreement", "legal/agreement"),
    ("\n## 4. Security\n", "\n3.5 We may show you how much room your mailboxes take up.\n\n## 4. Security\n"),
)
REASON = "The product has another name."


@pytest.fixture(scope="module")
def matrix(story: Story, signed_in: Callable[[str], BrowserContext]) -> str:
    """The address of a draft's matrix, with a group, flags, a minor change and an inserted clause."""
    page = signed_in("legal").new_page()
    page.goto("/staff/policies/mail-hosting")
    page.get_by_role("button", name="Start a draft").click()
    text = page.get_by_label("Text of the policy")
    words = text.input_value()
    for old, new in EDITS:
        assert old in words
        words = words.replace(old, new)
    text.fill(words)
    page.get_by_label("Summary for members").fill("The product has another name. Backups are kept for 42 days.")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    address = f"{page.url}/changes"
    page.close()
    assert story.site in address
    return address


@pytest.fixture
def open_matrix(
    matrix: str, signed_in: Callable[[str], BrowserContext], open_browser: Callable[..., BrowserContext]
) -> Callable[..., Page]:
    """The matrix in a browser of its own, with scripts or without, signed in like the one that wrote the draft."""

    def opened(query: str = "", **options: object) -> Page:
        context = open_browser(**options)
        context.add_cookies(signed_in("legal").cookies())  # type: ignore[arg-type]
        page = context.new_page()
        page.set_viewport_size(DESK)
        page.goto(matrix + query)
        return page

    return opened


def test_a_group_is_classified_with_the_keyboard_alone_and_without_scripts(open_matrix: Callable[..., Page]) -> None:
    page = open_matrix("?q=Post", java_script_enabled=False)
    row = page.locator("[data-row]")
    expect(row).to_have_count(1)
    expect(row.locator(".group-count")).to_contain_text("changes of a kind")
    tab_to(page, "[data-row] input[value=editorial]", most=120)
    page.keyboard.press("Space")
    tab_to(page, "[data-row] textarea", most=120)
    page.keyboard.type(REASON)
    tab_to(page, "button[value=save]", most=120)
    page.keyboard.press("Enter")
    expect(page.get_by_text("changes are classified.")).to_be_visible()


def test_single_keys_work_once_they_are_switched_on(open_matrix: Callable[..., Page]) -> None:
    page = open_matrix("?q=42")
    page.locator("[data-row]").focus()
    page.keyboard.press("1")
    expect(page.locator("[data-row] input[name^=purposes]:checked")).to_have_count(0)
    page.get_by_text("Keys", exact=True).click()
    page.get_by_label("Single keys").check()
    expect(page.locator("[data-row]").first).to_be_focused()
    page.keyboard.press("1")
    expect(page.locator("[data-row] input[name^=purposes]:checked")).to_have_count(1)
    page.keyboard.press("r")
    page.keyboard.type("Backups are kept twice as long, x and s included.")
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    expect(page.locator("[data-row] input[name=ticked]")).to_be_checked()
    page.keyboard.press("s")
    expect(page.get_by_text("1 change is classified.")).to_be_visible()


def test_several_are_classified_at_once_and_what_was_typed_survives_an_error(open_matrix: Callable[..., Page]) -> None:
    page = open_matrix("?q=agreement")
    page.get_by_text("Classify several at once").click()
    page.locator("input[name=bulk_scope][value=matching]").check()
    page.locator("input[name=bulk_purposes][value=editorial]").check()
    page.get_by_role("button", name="Classify these").click()
    expect(page.locator(".error-summary")).to_be_visible()
    assert found_in(page) == []
    expect(page.locator("input[name=bulk_purposes][value=editorial]")).to_be_checked()
    page.locator("#bulk_reason, [name=bulk_reason]").fill("The link leads to the same page.")
    page.get_by_role("button", name="Classify these").click()
    expect(page.get_by_text("1 change is classified.")).to_be_visible()


def test_a_suggestion_is_filled_in_and_not_saved(open_matrix: Callable[..., Page]) -> None:
    page = open_matrix("?q=room")
    row = page.locator("[data-row]")
    expect(row.locator(".suggestion")).to_be_visible()
    row.get_by_role("button", name="Fill it in").click()
    expect(page.get_by_text("Filled in, not saved yet.")).to_be_visible()
    assert found_in(page) == []
    again = open_matrix("?q=room")
    expect(again.locator("[data-row]")).to_have_count(1)
    expect(again.locator("[data-row] input:checked")).to_have_count(0)


@pytest.mark.parametrize("query", ["", "?by=change", "?show=all", "?show=unclassified&flag=number"])
def test_the_matrix_is_accessible_in_every_choice(open_matrix: Callable[..., Page], query: str) -> None:
    assert found_in(open_matrix(query)) == []


def found_in(page: Page) -> list[str]:
    """What is wrong with a page as it stands: in light, in the dark, on a phone."""
    page.evaluate(AXE)
    found: list[str] = []
    for size, scheme in ((DESK, "light"), (DESK, "dark"), (PHONE, "light")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        found += violations(page, RULES)
    found += sideways(page)
    page.set_viewport_size(DESK)
    return found
