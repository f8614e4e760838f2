"""A freeze outlives later versions, and the pages of the later version say so."""

from datetime import timedelta

from httpx2 import AsyncClient

from portal.actions.terms import governing_terms
from portal.keys import Link
from tests.support.clock import Clock
from tests.support.noticed import JOINED, TEXT_2, Noticed, accept, publish_next


async def test_freeze_stays_under_the_oldest_version(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    await client.post(f"{noticed.by_link()}/objections", data={"change": [noticed.keys["News"]]})
    posted_at = clock.move(days=60)
    text = TEXT_2.replace("once a week", "every day")
    version, keys = await publish_next(noticed, text, posted_at)
    await accept(noticed.member, version, posted_at + timedelta(minutes=5))
    clock.move(days=1)
    said = Link(noticed.member.id, version.id, 1, clock().date())
    link = f"/n/{noticed.app.state.keys.notice_link(said)}"

    review = await client.get(f"{link}/objection", params={"change": keys["News"]})
    assert "stays under version 2, whatever we publish later." in review.text
    assert "What an earlier objection of yours froze stays where it is, under version 1." in review.text

    filed = await client.post(f"{link}/objections", data={"change": keys["News"]})
    withdrawal = await client.get(f"{filed.headers['location']}/withdrawal")
    assert "What another objection of yours holds stays where it is." in withdrawal.text
    answer = (await governing_terms("m1", "privacy", "marketing", JOINED, at=clock())).answer
    assert answer.version == 1
