"""A member compares the version they are told of with the one that governs their own data."""

from datetime import timedelta

from httpx2 import AsyncClient

from portal.keys import Link
from portal.store.policies import Version
from tests.support.clock import Clock
from tests.support.noticed import TEXT_2, Noticed, accept, publish_next
from tests.web.conftest import SignIn

TEXT_3 = TEXT_2.replace("once a week", "every day")


async def _told_of_third(noticed: Noticed, clock: Clock) -> str:
    """The member's link to a third version, posted two months later."""
    posted_at = clock.move(days=60)
    version, _keys = await publish_next(noticed, TEXT_3, posted_at)
    await accept(noticed.member, version, posted_at + timedelta(minutes=5))
    clock.move(days=1)
    return _link(noticed, version, clock)


def _link(noticed: Noticed, version: Version, clock: Clock) -> str:
    said = Link(noticed.member.id, version.id, 1, clock().date())
    return f"/n/{noticed.app.state.keys.notice_link(said)}"


async def test_frozen_data_are_compared_from_the_version_they_stay_under(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await client.post(f"{noticed.by_link()}/objections", data={"change": [noticed.keys["News"]]})
    link = await _told_of_third(noticed, clock)
    shown = (await client.get(link)).text
    assert "From the version that governs your data" in shown
    assert "What we collected until 2 March 2026" in shown
    assert f'href="{link}/changes?since=1"' in shown
    compared = (await client.get(f"{link}/changes?since=1")).text
    assert "From version 1 to version 3" in compared
    assert "month" in compared
    assert "every day" in compared
    assert "Between these two lie other versions" in compared


async def test_without_an_objection_the_version_before_is_the_one_that_governs(
    client: AsyncClient, as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    browser = await as_member("m1")
    await browser.post(f"{noticed.in_account}/consents", data={"purpose": "ai_training", "answer": "yes"})
    link = await _told_of_third(noticed, clock)
    assert "From the version that governs your data" not in (await client.get(link)).text


async def test_each_mode_keeps_the_way_back_to_the_choice(client: AsyncClient, noticed: Noticed) -> None:
    link = noticed.by_link()
    for query in ("", "?view=inline", "?view=side"):
        shown = (await client.get(f"{link}/changes{query}")).text
        assert shown.count(f'href="{link}#choice"') == 2
        assert f'href="{link}/changes?view=inline"' in shown
        assert "Back to your choice" in shown


async def test_a_version_that_is_none_or_later_is_not_found(client: AsyncClient, noticed: Noticed) -> None:
    for since in ("0", "9", "x"):
        assert (await client.get(f"{noticed.by_link()}/changes?since={since}")).status_code == 404


async def test_a_foreign_link_shows_nothing(client: AsyncClient, noticed: Noticed) -> None:
    answer = await client.get("/n/forged/changes?view=inline")
    assert "This link does not work" in answer.text
    assert "newsletter" not in answer.text
