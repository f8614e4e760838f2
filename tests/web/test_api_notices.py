"""The company's own site asks for a member's notices, to show them in its account pages."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.notice import record_bounce
from portal.actions.objection import withdraw
from portal.actions.outcome import close_account
from portal.store.connections import transaction
from portal.store.members import Member
from portal.store.staff import Scope
from tests.support.asking import LINKS, READ, WRITE, Site, site_with
from tests.support.clock import Clock
from tests.support.drafting import person, published
from tests.support.noticed import CLOSES_2, JOINED, TEXT_2, Noticed, publish_next
from tests.support.objecting import closing, freezing
from tests.support.speaking import spoken_too
from tests.support.world import make_member

MINE, OTHERS = "/api/v1/members/m1/notices", "/api/v1/members/m2/notices"


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pages speak German too; of the catalog only that it is there is needed."""
    with spoken_too("de", tmp_path, monkeypatch):
        yield


@pytest.fixture
async def site(app: Starlette, client: AsyncClient, noticed: Noticed) -> Site:
    assert noticed
    return await site_with(app, client, READ)


async def told(site: Site, address: str = MINE, **asked: Any) -> list[dict[str, Any]]:
    answer = await site.get(address, **asked)
    assert answer.status_code == 200, answer.text
    notices: list[dict[str, Any]] = answer.json()["notices"]
    return notices


async def test_a_notice_is_told_with_its_instants_and_how_they_were_counted(site: Site, noticed: Noticed) -> None:
    answer = await site.get(MINE)
    assert answer.headers["content-type"] == "application/json"
    whole = answer.json()
    assert (whole["member"], whole["account_closed_at"]) == ("m1", None)
    assert (whole["page"], whole["pages"], whole["total"]) == (1, 1, 1)
    [notice] = whole["notices"]
    named = {"id": noticed.version.id, "policy": "privacy", "version": 2, "title": "Privacy policy"}
    assert named.items() <= notice.items()
    assert (notice["summary"], notice["language"]) == ("News more often.", "en")
    assert notice["posted_at"] == "2026-03-01T09:00:00Z"
    assert notice["effective_at"] == notice["opens_at"] == "2026-03-01T09:05:00Z"
    assert (notice["closes_at"], notice["zone"], notice["open"]) == ("2026-03-21T23:00:00Z", "Europe/Berlin", True)
    counted = {"days": 20, "day_count": "calendar", "zone": "Europe/Berlin", "last_day": "2026-03-21"}
    assert counted.items() <= notice["counted"].items()
    assert "Day 20 is Saturday, 21 March 2026." in notice["counted_in_words"]
    assert notice["page"] == f"http://127.0.0.1:8000/account/notices/{noticed.version.id}"


async def test_every_part_of_the_answer_is_documented(site: Site, noticed: Noticed) -> None:
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    whole = (await site.get(MINE)).json()
    [notice] = whole["notices"]
    named = {*whole, *notice, *notice["counted"], *notice["objection"], *notice["objection"]["purposes"][0]}
    assert [name for name in sorted(named | set(notice["answer"])) if f'"{name}":' not in page] == []
    writer = await site_with(noticed.app, site.client, WRITE)
    sight = (await writer.post(f"{MINE}/{noticed.version.id}/sight")).json()
    assert [name for name in sight if f'"{name}":' not in page] == []


async def test_it_tells_what_an_objection_would_mean(site: Site) -> None:
    [notice] = await told(site)
    assert (notice["objection"]["means"], notice["objection"]["refused"]) == ("close", None)
    means = {one["purpose"]: (one["treatment"], one["means"]) for one in notice["objection"]["purposes"]}
    assert means == {
        "ai_training": ("opt_in", "nothing"),
        "marketing": ("separable", "freeze"),
        "service": ("inseparable", "close"),
    }


async def test_where_only_separable_purposes_are_touched_it_freezes(site: Site, noticed: Noticed, clock: Clock) -> None:
    text = TEXT_2.replace("once a week", "every day")
    await publish_next(noticed, text, clock())
    clock.move(hours=1)
    newest, _ = await told(site)
    assert (newest["version"], newest["objection"]["means"]) == (3, "freeze")
    # Its mail is not out yet: no window, and still an objection would be in time.
    assert (newest["effective_at"], newest["opens_at"], newest["closes_at"]) == (None, None, None)
    assert (newest["counted"], newest["counted_in_words"], newest["open"]) == (None, "", True)


async def test_after_the_deadline_an_objection_means_nothing(site: Site, clock: Clock) -> None:
    clock.now = CLOSES_2
    [notice] = await told(site)
    assert notice["open"] is False
    assert (notice["objection"]["means"], notice["objection"]["refused"]) == ("nothing", "late")
    assert {one["means"] for one in notice["objection"]["purposes"]} == {"nothing"}


async def test_the_answer_is_told_as_it_stands(site: Site, noticed: Noticed, clock: Clock) -> None:
    [before] = await told(site)
    assert before["answer"]["state"] == "none"
    objection = await closing(noticed, clock())
    [objected] = await told(site)
    assert objected["answer"] == {
        "state": "objected",
        "means": "close",
        "received_at": "2026-03-02T09:00:00Z",
        "withdrawn_at": None,
        "confirmed": False,
    }
    assert (objected["open"], objected["objection"]["refused"]) == (False, "already_objected")
    await withdraw(objection.id, way=objection.way, by=SYSTEM, at=clock.move(hours=1))
    [withdrawn] = await told(site)
    assert withdrawn["answer"]["state"] == "withdrawn"
    assert withdrawn["answer"]["withdrawn_at"] == "2026-03-02T10:00:00Z"
    assert withdrawn["open"] is True
    await freezing(noticed, clock.move(hours=1))
    [again] = await told(site)
    assert (again["answer"]["state"], again["answer"]["means"], again["answer"]["confirmed"]) == (
        "objected",
        "freeze",
        None,
    )


async def test_only_what_can_still_be_answered_is_open(site: Site, noticed: Noticed, clock: Clock) -> None:
    assert len(await told(site, open="true")) == 1
    await freezing(noticed, clock())
    assert await told(site, open="true") == []
    assert len(await told(site, open="false")) == len(await told(site)) == 1
    assert len(await told(site, OTHERS, open="true")) == 1
    clock.now = CLOSES_2
    assert await told(site, OTHERS, open="true") == []


async def test_after_a_bounce_it_is_open_without_an_end(site: Site, noticed: Noticed, clock: Clock) -> None:
    await record_bounce(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock())
    clock.move(days=90)
    [notice] = await told(site, open="true")
    assert (notice["opens_at"], notice["closes_at"], notice["open"]) == (None, None, True)


async def test_other_members_notices_are_never_told(site: Site, noticed: Noticed, clock: Clock) -> None:
    await freezing(noticed, clock(), noticed.other)
    [mine] = await told(site)
    assert mine["answer"]["state"] == "none"
    late = await make_member(noticed.policy, "m3", clock(), "ola@example.org")
    assert late.external_id == "m3"
    assert await told(site, "/api/v1/members/m3/notices") == []


async def test_an_unknown_member_is_a_problem(site: Site) -> None:
    for address in (
        "/api/v1/members/nobody/notices",
        "/api/v1/members/nobody/notices.html",
        "/api/v1/members//notices",
    ):
        answer = await site.get(address)
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown_member")


async def test_the_companys_ids_may_have_any_sign_in_them(site: Site, noticed: Noticed) -> None:
    await make_member(noticed.policy, "eu/7 ü", JOINED, "eu@example.org")
    assert (await site.get("/api/v1/members/eu%2F7%20%C3%BC/notices")).json()["member"] == "eu/7 ü"


@pytest.mark.parametrize("scopes", [(Scope.TERMS_READ,), (WRITE,), (LINKS,)])
async def test_a_token_for_something_else_is_refused(
    app: Starlette, client: AsyncClient, noticed: Noticed, scopes: tuple[Scope, ...]
) -> None:
    assert noticed
    site = await site_with(app, client, *scopes)
    for address in (MINE, f"{MINE}.html"):
        answer = await site.get(address)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/insufficient_scope")
        assert answer.json()["scope"] == "notices:read"
        assert answer.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="notices:read"'
        assert "privacy" not in answer.text


async def test_without_a_token_nothing_is_told(client: AsyncClient, noticed: Noticed) -> None:
    assert noticed
    for address in (MINE, f"{MINE}.html", "/api/v1/members/nobody/notices"):
        answer = await client.get(address)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_signed_link_needs_a_scope_and_leads_to_the_notice(
    app: Starlette, client: AsyncClient, site: Site, noticed: Noticed
) -> None:
    [without] = await told(site)
    assert without["link"] is None
    [notice] = await told(await site_with(app, client, READ, LINKS))
    assert notice["link"].startswith("http://127.0.0.1:8000/n/")
    shown = await client.get(notice["link"])
    assert shown.status_code == 200
    assert "News more often." in shown.text
    async with transaction():
        await Member.filter(id=noticed.member.id).update(link_epoch=2)
    assert (await client.get(notice["link"])).status_code == 404


async def test_of_a_closed_account_only_what_was_is_told(
    app: Starlette, client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    site = await site_with(app, client, READ, LINKS)
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    whole = (await site.get(MINE)).json()
    assert whole["account_closed_at"] == "2026-03-02T09:00:00Z"
    [notice] = whole["notices"]
    assert (notice["open"], notice["link"]) == (False, None)
    assert (notice["objection"]["means"], notice["objection"]["refused"]) == ("nothing", "account_closed")
    assert await told(site, open="true") == []
    assert (await site.get(f"{MINE}.html")).status_code == 204


async def test_seen_is_told_with_its_instant(site: Site, noticed: Noticed, clock: Clock) -> None:
    [unseen] = await told(site, unseen="true")
    assert (unseen["seen"], unseen["seen_at"], unseen["seen_way"]) == (False, None, None)
    writer = await site_with(noticed.app, site.client, WRITE)
    await writer.post(f"{MINE}/{noticed.version.id}/sight")
    [seen] = await told(site)
    assert (seen["seen"], seen["seen_at"], seen["seen_way"]) == (True, "2026-03-02T09:00:00Z", "account")
    assert await told(site, unseen="true") == []


async def test_long_lists_come_in_pages_the_latest_first(site: Site, noticed: Noticed, clock: Clock) -> None:
    author, approver = await person("Cleo Author", clock()), await person("Dan Approver", clock())
    for often in ("every day", "every hour"):
        text = TEXT_2.replace("once a week", often)
        await published(noticed.policy, text, by=author, approver=approver, at=clock.move(days=1))
    first = await site.get(MINE, per_page=2)
    assert [notice["version"] for notice in first.json()["notices"]] == [4, 3]
    assert (first.json()["pages"], first.json()["total"]) == (2, 3)
    assert first.headers["link"] == '<?per_page=2&page=2>; rel="next"'
    second = await site.get(MINE, per_page=2, page=2)
    assert [notice["version"] for notice in second.json()["notices"]] == [2]
    assert second.headers["link"] == '<?per_page=2&page=1>; rel="prev"'
    beyond = await site.get(MINE, per_page=2, page=9)
    assert (beyond.status_code, beyond.json()["notices"]) == (200, [])
    assert "link" not in beyond.headers


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"page": "0"}, "page"),
        ({"page": "x"}, "page"),
        ({"per_page": "101"}, "per_page"),
        ({"open": "perhaps"}, "open"),
        ({"opened": "true"}, "opened"),
    ],
)
async def test_a_bad_parameter_is_named(site: Site, asked: dict[str, Any], named: str) -> None:
    answer = await site.get(MINE, **asked)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad_parameters")
    assert named in answer.json()["detail"]


async def test_who_has_the_answer_already_is_told_so(site: Site, noticed: Noticed, clock: Clock) -> None:
    for address in (MINE, f"{MINE}.html"):
        first = await site.get(address)
        tag = first.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache"
        for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await site.get(address, {"If-None-Match": given})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert (await site.get(address, {"If-None-Match": '"other"'})).status_code == 200
    before = (await site.get(MINE)).headers["etag"]
    clock.move(hours=1)
    assert (await site.get(MINE)).headers["etag"] == before
    await freezing(noticed, clock())
    assert (await site.get(MINE, {"If-None-Match": before})).status_code == 200


async def test_with_links_it_is_stored_nowhere_and_stays_equal_for_a_day(
    app: Starlette, client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    assert noticed
    site = await site_with(app, client, READ, LINKS)
    first = await site.get(MINE)
    assert first.headers["cache-control"] == "no-store"
    clock.move(hours=1)
    assert (await site.get(MINE, {"If-None-Match": first.headers["etag"]})).status_code == 304
    clock.now += timedelta(days=1)
    assert (await site.get(MINE, {"If-None-Match": first.headers["etag"]})).status_code == 200


async def test_words_are_in_the_language_asked_for(site: Site, noticed: Noticed, german: None) -> None:
    assert german is None
    async with transaction():
        await Member.filter(id=noticed.member.id).update(language="de")
    own = await site.get(MINE)
    assert own.headers["content-language"] == "de"
    assert "Samstag, 21. März 2026" in own.json()["notices"][0]["counted_in_words"]
    for asked in ({"headers": {"Accept-Language": "en"}}, {"lang": "en"}):
        english = await site.get(MINE, **asked)
        assert english.headers["content-language"] == "en"
        assert "Saturday, 21 March 2026" in english.json()["notices"][0]["counted_in_words"]
    other = await site.get(OTHERS)
    assert other.headers["content-language"] == "en"
    assert (await site.get(OTHERS, lang="de")).headers["content-language"] == "de"
