"""The page of a running campaign fetches its figures again, and stops when it is told to."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from tests.browser.conftest import Story

OWED = ">Accepted</text>"


class Growing:
    """Stands between browser and portal: says that the campaign runs, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def answer(self, route: Route) -> None:
        answer = route.fetch()
        self.asked += 1
        body = answer.text().replace("<div data-live", "<div data-live data-running", 1)
        route.fulfill(response=answer, body=body.replace(OWED, f">Accepted, asked {self.asked}</text>", 1))


@pytest.fixture
def growing() -> Growing:
    return Growing()


@pytest.fixture
def opened(story: Story, signed_in: Callable[[str], BrowserContext], growing: Growing) -> Any:
    """Opens the campaign's page, at an hour that stands still; the last one is closed at the end."""
    pages: list[Page] = []

    def at(**media: Any) -> Page:
        page = signed_in("ops").new_page()
        pages.append(page)
        page.emulate_media(**media)
        page.clock.install()
        page.route("**/staff/notices/*", growing.answer)
        page.goto(f"/staff/notices/{story.versions['contact-forms', 2]}")
        return page

    yield at
    for page in pages:
        page.close()


def test_figures_are_fetched_again_every_five_seconds(opened: Any, growing: Growing) -> None:
    page = opened(reduced_motion="no-preference")
    assert page.get_by_label("Keep this up to date").is_checked()
    for times in (2, 3):
        page.clock.fast_forward(5_000)
        page.get_by_text(f"Accepted, asked {times}").wait_for()
    assert growing.asked == 3


def test_it_stops_where_the_box_is_unticked_or_less_motion_is_wished(opened: Any, growing: Growing) -> None:
    page = opened(reduced_motion="no-preference")
    page.get_by_label("Keep this up to date").uncheck()
    page.get_by_role("heading", level=1).click()  # the focus leaves what would be replaced
    page.clock.fast_forward(20_000)
    calm = opened(reduced_motion="reduce")
    assert not calm.get_by_label("Keep this up to date").is_checked()
    calm.clock.fast_forward(20_000)
    calm.wait_for_timeout(200)
    assert growing.asked == 2


def test_what_has_the_focus_is_not_taken_away(opened: Any, growing: Growing) -> None:
    page = opened(reduced_motion="no-preference")
    page.get_by_role("link", name="Refresh").focus()
    page.clock.fast_forward(20_000)
    page.wait_for_timeout(200)
    assert growing.asked == 1
