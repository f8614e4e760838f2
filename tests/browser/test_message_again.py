"""What the story mailed can be made again, and is looked at in a frame that runs nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import Story
from tests.browser.pages import part


@pytest.mark.parametrize("who", ["silent", "freezers", "bounced", "late"])
def test_the_message_is_the_same_to_the_byte(
    who: str, story: Story, signed_in: Callable[[str], BrowserContext]
) -> None:
    page = signed_in("ops").new_page()
    page.goto(f"/staff/notices/{story.versions['contact-forms', 2]}/members/{story.members[part(story, who)]}")
    page.get_by_text("The same to the byte").wait_for()
    frame = page.frame_locator("iframe")
    frame.get_by_role("link").first.wait_for()
    assert "…redacted…" in (frame.get_by_role("link").first.get_attribute("href") or "")
    page.close()
