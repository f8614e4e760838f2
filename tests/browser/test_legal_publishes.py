"""Legal writes, classifies and publishes, a second person approves: in a browser, with the mouse."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from portal.demo.cast import APPROVER, AUTHOR
from tests.browser.conftest import Story, sign_in_as

WORDS = ("18 months after closing", "12 months after closing")


def test_legal_publishes_what_a_second_person_approved(
    story: Story, open_browser: Callable[..., BrowserContext]
) -> None:
    author, approver = open_browser().new_page(), open_browser().new_page()
    sign_in_as(author, AUTHOR)
    sign_in_as(approver, APPROVER)
    draft = written(author)
    classified(author)
    refused_to_author(author)
    approver.goto(f"{draft}/approvals")
    approver.get_by_label("I have read the text").check()
    approver.get_by_role("button", name="Approve this draft").click()
    expect(approver.get_by_text("Approved as it stands")).to_be_visible()
    published(author, draft)
    public = open_browser().new_page()
    public.goto("/policies/help-desk/versions/3/changes?since=2")
    expect(public.locator("main ins").first).to_contain_text("12")


def written(page: Page) -> str:
    """Gives the draft's address."""
    page.goto("/staff/policies/help-desk")
    page.get_by_role("button", name="Start a draft").click()
    text = page.get_by_label("Text of the policy")
    text.fill(text.input_value().replace(*WORDS))
    page.get_by_label("Summary for members").fill("Attachments of closed tickets are deleted after 12 months.")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    return page.url


def classified(page: Page) -> None:
    page.goto(f"{page.url}/changes")
    expect(page.get_by_text("1 change in 1 row")).to_be_visible()
    card = page.locator("[data-row]").first
    card.get_by_label("Running the service").check()
    card.get_by_label("Reason").fill("Attachments of closed tickets are deleted half a year earlier.")
    page.get_by_role("button", name="Save what is filled in").click()
    expect(page.get_by_text("1 change is classified.")).to_be_visible()


def refused_to_author(page: Page) -> None:
    page.goto(page.url.replace("/changes", "/approvals"))
    expect(page.get_by_text("You worked on this draft: another person has to approve it.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve this draft")).to_have_count(0)


def published(page: Page, draft: str) -> None:
    page.goto(f"{draft}/publication")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Publish version 3 now").click()
    page.wait_for_url("**/staff/policies/help-desk/versions/3")
    expect(page.get_by_text("Version 3 is published.")).to_be_visible()
