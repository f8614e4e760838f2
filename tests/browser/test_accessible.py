"""Every kind of page, in light, in the dark and on a phone: no violation of WCAG 2.2 AA, nothing to scroll sideways."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize

from tests.browser.conftest import Story
from tests.browser.pages import KINDS

AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
PHONE = ViewportSize(width=360, height=740)
DESK = ViewportSize(width=1280, height=900)


@pytest.mark.parametrize("kind", KINDS)
def test_page_is_accessible_in_light_in_the_dark_and_on_a_phone(
    kind: str, story: Story, signed_in: Callable[[str], BrowserContext]
) -> None:
    wanted = KINDS[kind]
    page = signed_in(wanted.role).new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    try:
        page.set_viewport_size(DESK)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        answer = page.goto(wanted.address(story))
        assert answer is not None
        assert answer.status == wanted.status
        # What the browser itself complains of: the policy of the pages, a file that is missing.
        assert [error for error in errors if "status of" not in error] == []
        page.evaluate(AXE)
        assert violations(page, RULES) == []
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert violations(page, CONTRAST) == []
        page.set_viewport_size(PHONE)
        assert sideways(page) == []
        assert violations(page, RULES) == []
    finally:
        page.close()


def test_what_would_be_wrong_is_found(signed_in: Callable[[str], BrowserContext]) -> None:
    """The tests above pass for a reason."""
    page = signed_in("nobody").new_page()
    page.set_viewport_size(PHONE)
    page.goto("/policies")
    page.evaluate(AXE)
    page.evaluate("""() => {
      document.querySelector('main').insertAdjacentHTML('beforeend', '<img src="/static/favicon.svg">');
      document.querySelector('main').style.minWidth = '500px';
      document.querySelector('h1').style.color = '#ddd';
    }""")
    assert {found.partition(":")[0] for found in violations(page, RULES)} == {"image-alt", "color-contrast"}
    assert sideways(page) != []
    page.close()


def violations(page: Page, options: dict[str, Any]) -> list[str]:
    """Each with its rule, what it is about, and where."""
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{one['id']}: {node['failureSummary']} {node['html'][:200]}" for one in found for node in one["nodes"]]


def sideways(page: Page) -> list[str]:
    """What is wider than the screen, where the page would have to be scrolled for it."""
    return (
        page.evaluate(
            """() => {
          if (document.documentElement.scrollWidth <= window.innerWidth) return [];
          return [...document.querySelectorAll('body *')]
            .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1 && !e.closest('.table-scroll'))
            .map(e => e.outerHTML.slice(0, 160));
        }"""
        )
        or []
    )
