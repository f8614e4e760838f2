"""A member replied to the notice mail that they object, and confirms it: every page is looked at."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from portal.actions.returned import take_in
from portal.mail.returned import Envelope, read
from portal.store.answers import Objection
from tests.browser.one_member import ADDRESS, OneMember, one_member
from tests.browser.test_member_answers import SETTINGS, Visit
from tests.support.came_back import OURS
from tests.support.clock import START
from tests.support.drafting import MARKETING
from tests.support.noticed import TEXT_2, Noticed, publish_next
from tests.support.replies import gmail
from tests.support.replying import replied_to


@pytest.fixture
def replied(tmp_path: Path) -> Iterator[tuple[OneMember, Noticed]]:
    """The member's portal, and version 3, which touches marketing alone; their reply has come in."""
    with one_member(tmp_path) as served:
        yield served, served.call(_replied(served.noticed))


async def _replied(noticed: Noticed) -> Noticed:
    version, keys = await publish_next(noticed, TEXT_2.replace(MARKETING[1], "once a day"), START)
    raw = gmail("Hello, I object to the changes. Thanks", await replied_to(noticed.member.id, version.id))
    await take_in(read(raw, Envelope(ADDRESS, ("privacy@example.com",)), OURS), at=START)
    return Noticed(noticed.app, noticed.policy, version, noticed.member, noticed.other, keys)


async def _received_at() -> datetime:
    return (await Objection.get()).received_at


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_codes_mail_leads_to_the_page_that_puts_the_objection_in_force(
    chromium: Browser, replied: tuple[OneMember, Noticed], setting: str
) -> None:
    member, noticed = replied
    options = SETTINGS[setting]
    context = chromium.new_context(base_url=member.site, reduced_motion="reduce", **options)
    visit = Visit(context.new_page(), member, scripts=options.get("java_script_enabled", True))
    page = visit.page
    page.goto(noticed.by_link())
    visit.look("Privacy policy")
    expect(page.get_by_text("You replied that you object. Please confirm it.")).to_be_visible()
    page.goto(member.mail("your code to confirm your answer").link("/n/"))
    visit.look("We have received your answer")
    expect(page.get_by_text("Your account stays open.").first).to_be_visible()
    visit.press("Confirm my objection")
    visit.look("We have received your answer")
    visit.enter_code("your code to confirm your answer")
    visit.press("Confirm my objection")
    visit.look("We have received your objection")
    expect(page.get_by_text("Your account stays open").first).to_be_visible()
    assert member.call(_received_at()) == START
    context.close()
    assert visit.complaints == []
