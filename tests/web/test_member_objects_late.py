"""A member objects when the time is over: the deadline, how it was counted, and the opt-out that is still open."""

from dataclasses import replace
from typing import Any

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.rules.policy import DayCount, Treatment
from portal.store.answers import Objection, OptOut
from portal.store.connections import transaction
from portal.store.members import Membership
from tests.support.clock import Clock
from tests.support.drafting import BY_MAIL, ON_SITE, TREATMENTS
from tests.support.noticed import (
    CLOSES_2,
    JOINED,
    SENT_2,
    TEXT_2,
    Noticed,
    accept,
    noticed_world,
    publish_next,
)
from tests.support.world import make_policy
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


async def other_policy(noticed: Noticed, treatments: dict[str, str]) -> None:
    """Both members are under another policy, too, which treats its purposes so."""
    policy = await make_policy("club", treatments=treatments)
    facts: dict[str, Any] = {"received_at": JOINED, "recorded_at": JOINED, "sequence": 0}
    async with transaction():
        for member in (noticed.member, noticed.other):
            await Membership.create(member=member, policy=policy, joined_at=JOINED, joined_on=0, **facts)


@pytest.fixture
async def inseparable(app: Starlette, clock: Clock) -> Noticed:
    """A policy of which no purpose can be stopped by itself; the time to object to its version is over."""
    noticed = await noticed_world(app, treatments=dict.fromkeys(TREATMENTS, Treatment.INSEPARABLE))
    clock.move(days=30)
    return noticed


async def test_where_this_policy_has_nothing_to_stop_what_another_one_has_is_offered(
    client: AsyncClient, inseparable: Noticed
) -> None:
    await other_policy(inseparable, {"club_mail": "separable", "dues": "inseparable"})
    here = inseparable.by_link()
    for answer in (
        await client.post(f"{here}/objections"),
        await client.get(f"{here}/objection"),
        await client.get(here),
    ):
        assert "Opt out of Club_Mail" in answer.text
        assert "Opt out of Dues" not in answer.text
        assert "opting out of them does not undo that version" in answer.text
    await client.post(f"{here}/opt-outs", data={"purpose": "club_mail"})
    assert (await OptOut.get()).purpose == "club_mail"
    assert "Allow Club_Mail again" in (await client.get(here)).text


async def test_of_what_another_policy_lets_be_stopped_the_versions_own_purposes_come_alone(
    client: AsyncClient, inseparable: Noticed
) -> None:
    await other_policy(inseparable, {"club_mail": "separable", "marketing": "separable"})
    text = (await client.post(f"{inseparable.by_link()}/objections")).text
    assert "Opt out of Marketing" in text
    assert "Opt out of Club_Mail" not in text
    assert "does not undo" not in text


async def test_where_nothing_can_be_stopped_no_opt_out_is_spoken_of(client: AsyncClient, inseparable: Noticed) -> None:
    await other_policy(inseparable, {"dues": "inseparable"})
    here = inseparable.by_link()
    for answer in (await client.post(f"{here}/objections"), await client.get(here)):
        assert "The time to object is over" in answer.text
        assert "What you can do at any time" not in answer.text
        assert f'action="{here}/opt-outs"' not in answer.text


async def test_who_changes_an_objection_too_late_is_offered_the_same(
    client: AsyncClient, inseparable: Noticed, clock: Clock
) -> None:
    await other_policy(inseparable, {"club_mail": "separable"})
    late, clock.now = clock(), SENT_2
    filed = (await client.post(f"{inseparable.by_link()}/objections")).headers["location"]
    clock.now = late
    change = {"change": [inseparable.keys["News"]]}
    for answer in (await client.get(f"{filed}/amendment"), await client.post(f"{filed}/amendment", data=change)):
        assert "Opt out of Club_Mail" in answer.text
        assert "opting out of them does not undo that version" in answer.text


async def test_while_an_objection_is_possible_another_policys_purposes_are_no_way_instead(
    client: AsyncClient, inseparable: Noticed, clock: Clock
) -> None:
    await other_policy(inseparable, {"club_mail": "separable"})
    clock.now = SENT_2
    assert "Opt out of" not in (await client.get(inseparable.by_link())).text


async def test_own_purposes_that_the_version_does_not_touch_are_told_to_undo_nothing(
    client: AsyncClient, app: Starlette, clock: Clock
) -> None:
    noticed = await noticed_world(app)
    version, _ = await publish_next(noticed, TEXT_2.replace("for 60 days", "for 90 days"), clock())
    await accept(noticed.member, version, clock())
    clock.move(days=60)
    text = (await client.get(f"/n/{noticed.token(version_id=version.id)}")).text
    assert "Opt out of Marketing" in text
    assert "other purposes than those that version 3 touches" in text


async def test_without_mail_it_is_late_counted_from_the_posting(
    client: AsyncClient, app: Starlette, clock: Clock
) -> None:
    noticed = await noticed_world(app, ON_SITE, mailed=False)
    clock.move(days=30)
    answer = await client.post(f"{noticed.by_link()}/objections")
    assert answer.status_code == 409
    assert "This version was posted on 1 March 2026, 10:00 (Europe/Berlin)" in answer.text


async def test_each_step_of_the_counting_is_told(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    clock.move(days=30)
    text = (await client.get(f"{noticed.by_link()}/objection")).text
    for words in (
        "<dt>The time began</dt><dd>Your mail server accepted our notice on 1 March 2026, 10:05 (Europe/Berlin).</dd>",
        "<dt>Days</dt><dd>The day it began does not count. Day 20 is Saturday, 21 March 2026.</dd>",
        "<dt>Time zone</dt><dd>The days are those of Europe/Berlin.</dd>",
        "<dt>Rule</dt><dd>The time ends when the last day ends.",
        "before 22 March 2026, 00:00 (Europe/Berlin), which is 21 March 2026, 23:00 UTC",
        "It is now 1 April 2026, 11:00 (Europe/Berlin).",
    ):
        assert words in text, words


async def test_what_was_typed_and_when_it_arrived_is_told(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    clock.move(days=30)
    text = (await client.post(f"{noticed.by_link()}/objections", data={"reason": "Because <I> say so."})).text
    assert "Your objection arrived on 1 April 2026, 11:00 (Europe/Berlin)." in text
    assert "Because &lt;I&gt; say so." in text
    assert "It was not kept." in text


async def test_a_rule_of_working_days_names_whose_holidays(client: AsyncClient, app: Starlette, clock: Clock) -> None:
    noticed = await noticed_world(app, replace(BY_MAIL, day_count=DayCount.WORKING, holidays="DE-BY"))
    clock.move(days=60)
    text = (await client.get(f"{noticed.by_link()}/objection")).text
    assert "a public holiday of DE-BY cannot be the last day" in text
    assert "Regulation (EEC, Euratom) No 1182/71, article 3(4)" in text
    assert "so the last day is Monday, 23 March 2026." in text
