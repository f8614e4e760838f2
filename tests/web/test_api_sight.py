"""The company's own site tells that a member has seen a notice: once, and only by a POST."""

from asyncio import gather
from typing import Any

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.notice import record_bounce
from portal.actions.outcome import close_account
from portal.store.events import Event
from portal.store.notices import Notice, Sight, SightWay
from portal.store.staff import ApiToken, Scope
from tests.support.asking import LINKS, READ, WRITE, Site, site_with
from tests.support.clock import Clock
from tests.support.every_row import rows
from tests.support.noticed import Noticed

MINE = "/api/v1/members/m1/notices"


@pytest.fixture
async def site(app: Starlette, client: AsyncClient, noticed: Noticed) -> Site:
    assert noticed
    return await site_with(app, client, WRITE)


def address(noticed: Noticed) -> str:
    return f"{MINE}/{noticed.version.id}/sight"


async def test_a_sight_is_recorded_as_of_now(site: Site, noticed: Noticed, clock: Clock) -> None:
    answer = await site.post(address(noticed))
    assert answer.status_code == 201
    assert answer.json() == {
        "member": "m1",
        "notice": noticed.version.id,
        "way": "account",
        "seen_at": "2026-03-02T09:00:00Z",
        "recorded_at": "2026-03-02T09:00:00Z",
        "opens_at": "2026-03-01T09:05:00Z",
        "closes_at": "2026-03-21T23:00:00Z",
    }
    sight = await Sight.get()
    assert (sight.member_id, sight.way, sight.received_at) == (noticed.member.id, SightWay.ACCOUNT, clock())
    event, token = await Event.get(action="notice.seen"), await ApiToken.get()
    assert (event.actor, event.member_id) == (f"token:{token.id}", noticed.member.id)


async def test_repeated_it_changes_nothing(site: Site, noticed: Noticed, clock: Clock) -> None:
    first = await site.post(address(noticed))
    before = await rows()
    clock.move(hours=1)
    for body in ({}, {"seen_at": "2026-03-01T10:00:00Z"}, {"seen_at": None}):
        again = await site.post(address(noticed), json=body)
        assert (again.status_code, again.json()) == (200, first.json())
    assert await rows() == before


async def test_told_twice_at_once_it_is_recorded_once(site: Site, noticed: Noticed) -> None:
    answers = await gather(*[site.post(address(noticed)) for _ in range(4)])
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert await Sight.all().count() == await Event.filter(action="notice.seen").count() == 1


async def test_it_may_be_told_later_than_it_was(site: Site, noticed: Noticed) -> None:
    answer = await site.post(address(noticed), json={"seen_at": "2026-03-02T08:00:00.75+01:00"})
    assert (answer.status_code, answer.json()["seen_at"]) == (201, "2026-03-02T07:00:00Z")
    assert answer.json()["recorded_at"] == "2026-03-02T09:00:00Z"


async def test_after_a_bounce_it_opens_the_window(site: Site, noticed: Noticed, clock: Clock) -> None:
    await record_bounce(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock())
    at = clock.move(days=1)
    answer = await site.post(address(noticed))
    assert (answer.json()["opens_at"], answer.json()["closes_at"]) == ("2026-03-03T09:00:00Z", "2026-03-23T23:00:00Z")
    assert (await Notice.get(member_id=noticed.member.id)).opens_at == at


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"seen_at": "2026-03-02T09:00:01Z"}, "yet to come"),
        ({"seen_at": "2026-03-01T08:59:59Z"}, "not posted yet"),
        ({"seen_at": "2026-03-02T09:00:00"}, "seen_at"),
        ({"seen_at": "9999-12-31T23:00:00-02:00"}, "seen_at"),
        ({"seen_at": "yesterday"}, "seen_at"),
        ({"seen": True}, "seen"),
        (["2026-03-02T09:00:00Z"], "body"),
    ],
)
async def test_a_bad_body_is_a_problem_and_records_nothing(site: Site, noticed: Noticed, body: Any, named: str) -> None:
    answer = await site.post(address(noticed), json=body)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad_parameters")
    assert named in answer.json()["detail"]
    assert await Sight.all().count() == 0


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        ("{", "application/json", 422),
        ("[" * 60_000, "application/json", 422),
        ("\xff", "application/json; charset=utf-8", 422),
        ("seen_at=2026-03-02T09:00:00Z", "application/x-www-form-urlencoded", 415),
        ("{}", "text/plain", 415),
        ('{"seen_at":"' + "0" * 70_000 + '"}', "application/json", 413),
    ],
)
async def test_what_cannot_be_read_records_nothing(
    site: Site, noticed: Noticed, content: str, kind: str, status: int
) -> None:
    answer = await site.post(address(noticed), content=content.encode("latin-1"), headers={"Content-Type": kind})
    assert answer.status_code == answer.json()["status"] == status
    assert await Sight.all().count() == 0


async def test_a_notice_that_the_member_has_not_is_not_found(site: Site, noticed: Noticed) -> None:
    first = noticed.version.id - 1
    for path in (f"{MINE}/{first}/sight", f"{MINE}/999999999999999999/sight"):
        answer = await site.post(path)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no_notice")
    unknown = await site.post(f"/api/v1/members/nobody/notices/{noticed.version.id}/sight")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/unknown_member")
    assert await Sight.all().count() == 0


async def test_after_the_account_is_closed_nothing_is_seen(site: Site, noticed: Noticed, clock: Clock) -> None:
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    clock.move(hours=1)
    answer = await site.post(address(noticed))
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/account_closed")
    assert await Sight.all().count() == 0


@pytest.mark.parametrize("scopes", [(Scope.TERMS_READ,), (READ, LINKS)])
async def test_a_token_that_only_reads_records_nothing(
    app: Starlette, client: AsyncClient, noticed: Noticed, scopes: tuple[Scope, ...]
) -> None:
    answer = await (await site_with(app, client, *scopes)).post(address(noticed))
    assert (answer.status_code, answer.json()["scope"]) == (403, "notices:write")
    assert (await client.post(address(noticed))).status_code == 401
    assert await Sight.all().count() == 0


async def test_reading_never_records(app: Starlette, client: AsyncClient, noticed: Noticed) -> None:
    """Not by GET, not by HEAD, not when a browser or a proxy fetches ahead, and not at the sight's own address."""
    site = await site_with(app, client, READ, LINKS, WRITE)
    before = await rows()
    ahead = {"Sec-Purpose": "prefetch", "Purpose": "prefetch", "X-Moz": "prefetch"}
    for path in (MINE, f"{MINE}.html", f"{MINE}.html?action=/seen"):
        for method in ("GET", "HEAD"):
            for headers in ({}, ahead):
                assert (await site.request(method, path, headers)).status_code == 200
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        refused = await site.request(method, address(noticed))
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert await rows() == before
