"""A member takes the deadline into a calendar (RFC 5545)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.notice import record_bounce
from portal.store.notices import Notice
from tests.support.clock import Clock
from tests.support.drafting import ON_SITE
from tests.support.noticed import CLOSES_2, Noticed, accept, noticed_world
from tests.web.conftest import SignIn


def properties(content: bytes) -> dict[str, str]:
    """The unfolded lines; of the event and its alarm the first of a name."""
    unfolded = content.decode().replace("\r\n ", "")
    found: dict[str, str] = {}
    for line in unfolded.split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        found.setdefault(name, value)
    return found


def instant(written: str) -> datetime:
    return datetime.strptime(written, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


async def test_notice_offers_it_and_it_ends_with_the_time(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    address = f"{noticed.by_link()}/deadline.ics"
    assert f'href="{address}"' in (await client.get(noticed.by_link())).text
    answer = await client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="deadline.ics"'
    assert answer.headers["cache-control"] == "no-store"
    event = properties(answer.content)
    assert (instant(event["DTSTART"]), instant(event["DTEND"])) == (CLOSES_2 - timedelta(hours=1), CLOSES_2)
    assert instant(event["DTSTAMP"]) == clock()
    assert event["SUMMARY"] == "Last hour to object: Privacy policy\\, version 2"
    assert "before 22 March 2026\\, 00:00 (Europe/Berlin)" in event["DESCRIPTION"]
    assert event["TRIGGER"] == "-PT86400S"
    assert event["URL"].endswith(noticed.in_account)


async def test_it_holds_nothing_that_gives_a_right_or_tells_whose_it_is(client: AsyncClient, noticed: Noticed) -> None:
    content = (await client.get(f"{noticed.by_link()}/deadline.ics")).text.replace("\r\n ", "")
    for secret in ("/n/", "maria", "m1", "example.org"):
        assert secret not in content


async def test_account_gives_the_same_event(client: AsyncClient, as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    address = f"{noticed.in_account}/deadline.ics"
    assert f'href="{address}"' in (await browser.get(noticed.in_account)).text
    by_link = await client.get(f"{noticed.by_link()}/deadline.ics")
    assert (await browser.get(address)).content == by_link.content


async def test_moved_deadline_takes_the_place_of_the_old_one(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    address = f"{noticed.by_link()}/deadline.ics"
    before = properties((await client.get(address)).content)
    await record_bounce(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock.move(days=1))
    assert (await client.get(address)).status_code == 404
    await accept(noticed.member, noticed.version, clock.move(days=1))
    after = properties((await client.get(address)).content)
    assert after["UID"] == before["UID"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert instant(after["DTEND"]) == CLOSES_2 + timedelta(days=3)


async def test_two_notices_are_two_events(client: AsyncClient, noticed: Noticed) -> None:
    mine, other = [
        properties((await client.get(f"{base}/deadline.ics")).content)["UID"]
        for base in (noticed.by_link(), noticed.by_link(noticed.other))
    ]
    assert mine != other
    assert await Notice.all().count() >= 2


async def test_on_the_last_day_it_reminds_of_nothing(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    clock.move(seconds=(CLOSES_2 - clock()).total_seconds() - 3600)
    assert b"VALARM" not in (await client.get(f"{noticed.by_link()}/deadline.ics")).content


async def test_without_a_deadline_there_is_none(
    client: AsyncClient, app: Starlette, noticed: Noticed, clock: Clock
) -> None:
    clock.move(days=30)
    assert (await client.get(f"{noticed.by_link()}/deadline.ics")).status_code == 404
    assert "deadline.ics" not in (await client.get(noticed.by_link())).text


async def test_without_a_right_to_object_there_is_none(client: AsyncClient, app: Starlette) -> None:
    noticed = await noticed_world(app, replace(ON_SITE, objection_days=0), mailed=False)
    assert (await client.get(f"{noticed.by_link()}/deadline.ics")).status_code == 404
