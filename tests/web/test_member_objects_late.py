"""A member objects when the time is over: the deadline, how it was counted, and the opt-out that is still open."""

from dataclasses import replace

from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.store.answers import Objection, OptOut
from tests.support.clock import Clock
from tests.support.drafting import ON_SITE
from tests.support.noticed import CLOSES_2, Noticed, noticed_world
from tests.web.conftest import SignIn


async def test_last_second_counts_and_the_next_does_not(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    clock.move(seconds=(CLOSES_2 - clock()).total_seconds() - 1)
    in_time = await client.post(f"{noticed.by_link()}/objections")
    clock.move(seconds=1)
    late = await client.post(f"{noticed.by_link(noticed.other)}/objections")
    assert (in_time.status_code, late.status_code) == (303, 409)
    assert [row.member_id for row in await Objection.all()] == [noticed.member.id]


async def test_late_answer_names_the_deadline_and_how_it_was_counted(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    clock.move(days=30)
    text = (await client.post(f"{noticed.by_link()}/objections")).text
    for words in (
        "The time to object is over",
        "Your objection arrived after the deadline",
        "at the end of Saturday, 21 March 2026",
        "Your mail server accepted our notice on 1 March 2026, 10:05 (Europe/Berlin)",
        "Day 20 is Saturday, 21 March 2026.",
        "Opt out of Marketing",
    ):
        assert words in text, words


async def test_notice_and_review_say_it_before_anything_is_sent(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    clock.move(days=30)
    notice = await client.get(noticed.by_link())
    review = await client.get(f"{noticed.by_link()}/objection")
    assert "The time to object is over" in notice.text
    assert 'value="object"' not in notice.text
    assert review.status_code == 200
    assert "You can no longer object to this version." in review.text


async def test_opt_out_is_still_open(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    clock.move(days=30)
    await client.post(f"{noticed.by_link()}/objections")
    answer = await client.post(f"{noticed.by_link()}/opt-outs", data={"purpose": "marketing"})
    assert answer.status_code == 303
    assert (await OptOut.get()).purpose == "marketing"


async def test_in_the_account_it_is_late_too(as_member: SignIn, noticed: Noticed, clock: Clock) -> None:
    clock.move(days=30)
    browser = await as_member("m1")
    assert (await browser.post(f"{noticed.in_account}/objections")).status_code == 409
    assert await Objection.all().count() == 0


async def test_without_a_right_the_reason_is_said(client: AsyncClient, app: Starlette) -> None:
    noticed = await noticed_world(app, replace(ON_SITE, objection_days=0), mailed=False)
    answer = await client.post(f"{noticed.by_link()}/objections")
    assert answer.status_code == 409
    assert "This policy gives no right to object to a new version." in answer.text
    assert "Opt out of Marketing" in answer.text


async def test_without_mail_it_is_late_counted_from_the_posting(
    client: AsyncClient, app: Starlette, clock: Clock
) -> None:
    noticed = await noticed_world(app, ON_SITE, mailed=False)
    clock.move(days=30)
    answer = await client.post(f"{noticed.by_link()}/objections")
    assert answer.status_code == 409
    assert "This version was posted on 1 March 2026, 10:00 (Europe/Berlin)" in answer.text
