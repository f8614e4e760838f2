"""Ops closes the account of a member who objected, confirmed, and whose time to withdraw is over."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from portal.demo.cast import OPS
from tests.browser.conftest import Story, sign_in_as


def test_ops_closes_an_account_that_is_due(story: Story, open_browser: Callable[..., BrowserContext]) -> None:
    member = story.cast.closers[1]
    page = open_browser().new_page()
    sign_in_as(page, OPS)
    page.goto("/staff/objections?show=overdue")
    page.get_by_role("row").filter(has_text=member.external_id).get_by_role("link").first.click()
    page.get_by_role("link", name="Close the account").click()
    expect(page.get_by_role("heading", name="The account is closed for good")).to_be_visible()
    page.get_by_role("button", name="Close the account").click()
    expect(page.get_by_text("Tick the box if you mean it.").first).to_be_visible()
    page.get_by_label("I want to close the account").check()
    page.get_by_role("button", name="Close the account").click()
    expect(page.get_by_text("The account is closed.").first).to_be_visible()


def test_ops_is_not_offered_to_close_what_nobody_confirmed(
    story: Story, open_browser: Callable[..., BrowserContext]
) -> None:
    page = open_browser().new_page()
    sign_in_as(page, OPS)
    page.goto(f"/staff/objections/{story.objections[story.cast.unconfirmed.external_id]}")
    expect(page.get_by_role("link", name="Confirm it")).to_be_visible()
    expect(page.get_by_role("link", name="Close the account")).to_have_count(0)
