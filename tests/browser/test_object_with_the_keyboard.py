"""A member objects with the keyboard alone, in a browser that runs no scripts."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import Story

MOST_STEPS = 60


def test_member_objects_with_the_keyboard_alone_and_without_scripts(
    story: Story, open_browser: Callable[..., BrowserContext]
) -> None:
    page = open_browser(java_script_enabled=False).new_page()
    page.goto(story.notice(story.cast.bounced, 2))
    tab_to(page, "input[type=checkbox]")
    page.keyboard.press("Space")
    tab_to(page, "button[value=object]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/objection?*")
    assert "Your account stays open" in page.inner_text("main")
    tab_to(page, "button:has-text('Send the objection')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/objections/*")
    assert page.inner_text("h1") == "We have received your objection"


def test_the_first_stop_skips_to_the_content(story: Story, open_browser: Callable[..., BrowserContext]) -> None:
    page = open_browser(java_script_enabled=False).new_page()
    page.goto(story.notice(story.cast.silent, 3))
    page.keyboard.press("Tab")
    assert page.locator("a.skip:focus").is_visible()
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def tab_to(page: Page, wanted: str, *, most: int = MOST_STEPS) -> None:
    """Presses Tab until the focus is there; every stop on the way can be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        assert page.locator(":focus").is_visible()
        if page.locator(f"{wanted}:focus").count():
            return
    raise AssertionError(f"{most} times Tab do not lead to {wanted}")
