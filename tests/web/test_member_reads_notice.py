"""A member reads a notice, by the mailed link or in the account: the changes, what they mean, until when to answer."""

from dataclasses import replace
from datetime import timedelta

from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.notice import record_bounce, record_letter
from portal.actions.outcome import close_account
from portal.rules.policy import DayCount
from portal.store.events import Event
from tests.support.clock import Clock
from tests.support.drafting import BY_MAIL, ON_SITE
from tests.support.noticed import POSTED_2, REASON, TEXT_2, Noticed, accept, noticed_world, publish_next
from tests.support.world import make_member
from tests.web.conftest import SignIn


async def test_link_shows_what_changes_for_what_and_why(client: AsyncClient, noticed: Noticed) -> None:
    text = (await client.get(noticed.by_link())).text
    for words in ("Privacy policy", "News more often.", "week", "Marketing", "Service", REASON):
        assert words in text
    assert "Wording only: 1 change" in text
    assert f"{noticed.by_link()}/changes?view=inline" in text


async def test_deadline_is_told_with_its_zone_the_days_left_and_how_it_was_counted(
    client: AsyncClient, noticed: Noticed
) -> None:
    text = (await client.get(noticed.by_link())).text
    assert "the end of Saturday, 21 March 2026" in text
    assert "Time zone: Europe/Berlin" in text
    assert "<strong>19</strong>" in text
    assert "Your mail server accepted our notice on 1 March 2026, 10:05 (Europe/Berlin)" in text
    assert "before 22 March 2026, 00:00 (Europe/Berlin), which is 21 March 2026, 23:00 UTC" in text


async def test_last_day_is_called_the_last_day(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    clock.move(days=19)
    text = (await client.get(noticed.by_link())).text
    assert "is the last day" in text


async def test_what_nothing_and_what_objecting_would_do_is_said_for_each_purpose(
    client: AsyncClient, noticed: Noticed
) -> None:
    text = (await client.get(noticed.by_link())).text
    assert "We go on under version 1 until the end of Saturday, 21 March 2026." in text
    assert "What we already hold stays under version 1. Your account stays open." in text
    assert "Version 2 applies to you since 1 March 2026, 10:05 (Europe/Berlin)" in text
    assert "Your account will be closed." in text
    assert "What we already hold stays under version 1 unless you say yes." in text


async def test_nothing_is_ticked_and_no_answer_is_preset(client: AsyncClient, noticed: Noticed) -> None:
    text = (await client.get(noticed.by_link())).text
    assert "checked" not in text
    assert text.count('class="button choice"') == 4


async def test_both_ways_out_look_the_same(client: AsyncClient, noticed: Noticed) -> None:
    text = (await client.get(noticed.by_link())).text
    for value in ("object", "keep", "yes", "no"):
        assert f'<button class="button choice" type="submit" name="answer" value="{value}">' in text


async def test_account_shows_the_same_notice(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    answer = await browser.get(noticed.in_account)
    assert answer.status_code == 200
    assert "the end of Saturday, 21 March 2026" in answer.text
    assert f'action="{noticed.in_account}/objection"' in answer.text


async def test_reading_changes_nothing(client: AsyncClient, as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    await noticed.app.state.jobs.idle()  # mails are on their way
    before = await Event.all().count()
    for path in ("", "/objection", "/objection?answer=keep"):
        await client.get(noticed.by_link() + path)
        await browser.get(noticed.in_account + path)
    assert await Event.all().count() == before


async def test_not_objecting_is_explained_and_needs_nothing(client: AsyncClient, noticed: Noticed) -> None:
    answer = await client.get(f"{noticed.by_link()}/objection?answer=keep")
    assert answer.status_code == 200
    assert "You do not need to do anything" in answer.text
    assert "You can still change your mind and object until the end of Saturday, 21 March 2026" in answer.text
    assert 'method="post"' not in answer.text


async def test_notice_on_its_way_says_that_no_deadline_runs(client: AsyncClient, app: Starlette) -> None:
    noticed = await noticed_world(app, mailed=False)
    text = (await client.get(noticed.by_link())).text
    assert "No deadline is running yet" in text
    assert "Our mail to m•••@example.org is on its way. You have 20 days from the moment a notice reaches you." in text


async def test_notice_that_came_back_says_so(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    await record_bounce(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock())
    text = (await client.get(noticed.by_link())).text
    assert "No deadline is running yet" in text
    assert "Our mail to m•••@example.org came back" in text


async def test_letter_after_a_bounce_starts_the_time(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    await record_bounce(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock())
    await record_letter(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock.move(days=1))
    text = (await client.get(noticed.by_link())).text
    assert "The notice was delivered to you by letter on 3 March 2026, 10:00 (Europe/Berlin)" in text
    assert "the end of Monday, 23 March 2026" in text


async def test_weekend_moves_the_last_day_and_is_named(client: AsyncClient, app: Starlette) -> None:
    terms = replace(BY_MAIL, day_count=DayCount.WORKING, holidays="DE-BE")
    noticed = await noticed_world(app, terms)
    text = (await client.get(noticed.by_link())).text
    assert "Day 20 is Saturday, 21 March 2026." in text
    assert "so the last day is Monday, 23 March 2026" in text
    assert "the end of Monday, 23 March 2026" in text


async def test_elapsed_days_end_at_an_hour(client: AsyncClient, app: Starlette) -> None:
    noticed = await noticed_world(app, replace(BY_MAIL, day_count=DayCount.ELAPSED))
    text = (await client.get(noticed.by_link())).text
    assert ">21 March 2026, 10:05</time>" in text
    assert "20 days of 24 hours" in text


async def test_without_mail_the_days_count_from_the_posting(client: AsyncClient, app: Starlette) -> None:
    noticed = await noticed_world(app, ON_SITE, mailed=False)
    text = (await client.get(noticed.by_link())).text
    assert "This version was posted on 1 March 2026, 10:00 (Europe/Berlin)" in text


async def test_without_a_right_to_object_the_opt_out_is_offered(client: AsyncClient, app: Starlette) -> None:
    noticed = await noticed_world(app, replace(ON_SITE, objection_days=0), mailed=False)
    text = (await client.get(noticed.by_link())).text
    assert "There is no right to object to this version" in text
    assert "Opt out of Marketing" in text
    assert 'value="object"' not in text


async def test_an_older_notice_names_the_newest_version_and_tells_what_applied_as_past(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    assert "A newer version" not in (await client.get(noticed.by_link())).text
    version, _ = await publish_next(noticed, TEXT_2.replace("for 60 days", "for 90 days"), clock())
    await accept(noticed.member, version, clock())
    during = (await client.get(noticed.by_link())).text
    assert "A newer version has been posted: version 3" in during
    assert "/policies/privacy/versions/3/changes?since=2" in during
    assert "We go on under version 1 until" in during
    assert "version 2 applied to you, also to what we already held. Now version 3 applies." in during
    clock.move(days=60)
    after = (await client.get(noticed.by_link())).text
    assert "version 2 applied, also to what we already held. Now version 3 applies." in after
    assert "version 2 applies, also" not in after


async def test_while_a_later_version_waits_for_the_answer_the_one_before_still_applies(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    clock.move(days=30)
    version, _ = await publish_next(noticed, TEXT_2.replace("once a week", "once a day"), clock())
    await accept(noticed.member, version, clock())
    text = (await client.get(noticed.by_link())).text
    assert "Since the end of Saturday, 21 March 2026 version 2 applies, also to what we already hold." in text
    assert "version 2 applied to you, also to what we already held. Now version 3 applies." in text


async def test_words_are_escaped(client: AsyncClient, noticed: Noticed) -> None:
    answer = await client.get(noticed.by_link(), params={"change": "<script>"})
    assert "<script>" not in answer.text


async def test_version_that_is_none_of_mine_is_not_there(as_member: SignIn, noticed: Noticed) -> None:
    await make_member(noticed.policy, "m3", POSTED_2 + timedelta(hours=1), "zoe@example.org")
    newcomer = await as_member("m3")
    assert (await newcomer.get(noticed.in_account)).status_code == 404
    assert (await newcomer.get("/account/notices/999")).status_code == 404


async def test_account_needs_a_sign_in(client: AsyncClient, noticed: Noticed) -> None:
    answer = await client.get(noticed.in_account)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


async def test_closed_account_gets_a_plain_page(as_member: SignIn, noticed: Noticed, clock: Clock) -> None:
    browser = await as_member("m1")
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    for path in ("/account", "/account/details", noticed.in_account, f"{noticed.in_account}/objection"):
        answer = await browser.get(path)
        assert answer.status_code == 410
        assert "Your account is closed" in answer.text


async def test_second_sending_after_a_bounce_opens_anew(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    await record_bounce(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock())
    await accept(noticed.member, noticed.version, clock.move(days=2))
    text = (await client.get(noticed.by_link())).text
    assert "the end of Tuesday, 24 March 2026" in text
