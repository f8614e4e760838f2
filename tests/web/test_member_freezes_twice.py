"""A freeze outlives later versions, and the pages of the later version say so."""

from datetime import timedelta

from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.terms import governing_terms
from portal.keys import Link
from portal.mail.catcher import Catcher, caught
from tests.support.clock import Clock
from tests.support.mails import parts
from tests.support.noticed import JOINED, TEXT_2, Noticed, accept, publish_next


async def newest_mail(app: Starlette, catcher: Catcher) -> str:
    """The words of the mail that went out last."""
    app.state.jobs.wake()
    await app.state.jobs.idle()
    _, plain, _ = parts(caught(catcher.folder)[0][1].read_bytes())
    return " ".join(plain.split())


async def test_freeze_stays_under_the_oldest_version(
    client: AsyncClient, noticed: Noticed, clock: Clock, catcher: Catcher
) -> None:
    await client.post(f"{noticed.by_link()}/objections", data={"change": [noticed.keys["News"]]})
    mail = await newest_mail(noticed.app, catcher)
    held = "For Marketing, what we collected up to 2 March 2026, 10:00 (Europe/Berlin) stays under version 1"
    assert f"Your account stays open. {held}, whatever we publish later. What we collect later comes under" in mail
    assert "earlier objection" not in mail
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
    mail = await newest_mail(noticed.app, catcher)
    assert "stays under version 2, whatever we publish later. What an earlier objection of yours froze stays" in mail
    withdrawal = await client.get(f"{filed.headers['location']}/withdrawal")
    assert "What another objection of yours holds stays where it is." in withdrawal.text
    answer = (await governing_terms("m1", "privacy", "marketing", JOINED, at=clock())).answer
    assert answer.version == 1
