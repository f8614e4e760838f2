"""A member's notices as a piece of HTML for the company's own pages: small, escaped, without script or style."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.notice import record_bounce, record_seen
from portal.store.connections import transaction
from portal.store.policies import Policy
from portal.web.company.fragment import MOST_BYTES, shortened
from tests.support.asking import LINKS, READ, Site, site_with
from tests.support.clock import Clock
from tests.support.noticed import CLOSES_2, Noticed
from tests.support.objecting import freezing
from tests.support.speaking import spoken_too
from tests.support.world import make_member, make_policy, make_version

MINE = "/api/v1/members/m1/notices.html"
HOSTILE = """</h3></section><script>alert(1)</script><img src=x onerror=alert(1)>"' onload='alert(1)&lt; {{ 7 * 7 }}"""
NOT_ALLOWED = {"script", "style", "iframe", "img", "link", "svg", "object", "base", "meta"}


class Elements(HTMLParser):
    """What a browser would find: elements with their attributes, the text, and which elements stay open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag != "input":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def elements(html: str) -> Elements:
    """Checked for what holds of every fragment."""
    assert len(html.encode()) < MOST_BYTES
    parsed = Elements(html)
    assert parsed.open == []
    assert {tag for tag, _ in parsed.found} & NOT_ALLOWED == set()
    names = {name for _, attributes in parsed.found for name in attributes}
    assert [name for name in names if name == "style" or name.startswith("on")] == []
    classes = {one for _, attributes in parsed.found for one in (attributes.get("class") or "").split()}
    assert [one for one in classes if not one.startswith("policy-notice")] == []
    return parsed


@pytest.fixture
async def site(app: Starlette, client: AsyncClient, noticed: Noticed) -> Site:
    assert noticed
    return await site_with(app, client, READ)


async def test_it_is_a_section_with_headings_times_and_a_way_to_answer(site: Site, noticed: Noticed) -> None:
    answer = await site.get(MINE)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    found = elements(answer.text)
    [section] = found.all("section")
    assert [heading["id"] for heading in found.all("h2")] == [section["aria-labelledby"]]
    assert section["lang"] == "en"
    assert len(found.all("h3")) == 1
    assert [time["datetime"] for time in found.all("time")] == ["2026-03-01T09:00:00Z", "2026-03-21T23:00:00Z"]
    assert [link["href"] for link in found.all("a")] == [f"http://127.0.0.1:8000{noticed.in_account}"]
    for words in ("Privacy policy, version 2", "News more often.", "Read what changes and answer", "(Europe/Berlin)"):
        assert words in found.text
    assert "the end of Saturday, 21 March 2026" in found.text
    assert found.all("form") == []


async def test_the_form_goes_to_the_sites_own_address(site: Site, noticed: Noticed) -> None:
    found = elements((await site.get(MINE, action="/account/seen?a=1&b=2")).text)
    assert [(form["method"], form["action"]) for form in found.all("form")] == [("post", "/account/seen?a=1&b=2")]
    assert [(field["name"], field["value"]) for field in found.all("input")] == [("notice", str(noticed.version.id))]
    assert len(found.all("button")) == 1
    assert "I have seen this" in found.text
    assert "starts your time" not in found.text


@pytest.mark.parametrize(
    "action",
    ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "javascript:alert(1)", "seen", "",
     "/a\\b", "/a\nb", "/" + "a" * 200],
)  # fmt: skip
async def test_another_sites_address_is_refused(site: Site, action: str) -> None:
    answer = await site.get(MINE, action=action)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad_parameters")
    assert "action" in answer.json()["detail"]


async def test_a_link_of_the_member_is_there_with_the_scope_for_it_only(
    app: Starlette, client: AsyncClient, noticed: Noticed
) -> None:
    assert noticed
    answer = await (await site_with(app, client, READ, LINKS)).get(MINE)
    [link] = elements(answer.text).all("a")
    assert str(link["href"]).startswith("http://127.0.0.1:8000/n/")
    assert (await client.get(str(link["href"]))).status_code == 200
    assert answer.headers["cache-control"] == "no-store"


async def test_before_it_reached_the_member_the_form_says_what_it_starts(
    site: Site, noticed: Noticed, clock: Clock
) -> None:
    await record_bounce(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock())
    found = elements((await site.get(MINE, action="/seen")).text)
    assert "No deadline is running yet." in found.text
    assert "starts your time to answer" in found.text


async def test_once_seen_there_is_no_form_and_a_banner_has_nothing(site: Site, noticed: Noticed, clock: Clock) -> None:
    await record_seen(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock())
    assert elements((await site.get(MINE, action="/seen")).text).all("form") == []
    nothing = await site.get(MINE, action="/seen", unseen="true")
    assert (nothing.status_code, nothing.content) == (204, b"")


async def test_with_nothing_to_tell_there_is_nothing(site: Site, noticed: Noticed, clock: Clock) -> None:
    await freezing(noticed, clock())
    assert (await site.get(MINE)).status_code == 204
    assert (await site.get("/api/v1/members/m2/notices.html")).status_code == 200


async def test_what_cannot_be_answered_any_more_is_told_until_it_is_seen(
    site: Site, noticed: Noticed, clock: Clock
) -> None:
    clock.now = CLOSES_2
    found = elements((await site.get(MINE)).text)
    assert "Read what changes:" in found.text
    assert "object" not in found.text
    assert (await site.get(MINE, open="true")).status_code == 204
    await record_seen(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock())
    assert (await site.get(MINE)).status_code == 204


@pytest.fixture
async def hostile(app: Starlette) -> Policy:
    """A member under a policy whose versions are called and summarised to break a page."""
    at = app.state.clock().replace(month=1)
    policy = await make_policy()
    async with transaction():
        await Policy.filter(id=policy.id).update(title=HOSTILE)
    await make_member(policy, "m1", at)
    return policy


async def test_titles_and_summaries_are_words_and_nothing_else(
    app: Starlette, client: AsyncClient, hostile: Policy
) -> None:
    at = app.state.clock().replace(month=2)
    await make_version(hostile, at, {"c1": ["marketing"]}, summary=HOSTILE)
    found = elements((await (await site_with(app, client, READ)).get(MINE, action='/seen?"><script>')).text)
    assert {tag for tag, _ in found.found} == {
        "section", "h2", "article", "h3", "p", "time", "a", "span", "form", "input", "button",
    }  # fmt: skip
    assert found.text.count("<script>alert(1)</script>") == 3
    assert "{{ 7 * 7 }}" in found.text


@pytest.mark.parametrize("sign", ["x", '"', "&", "<", "ü", "\U0001f9ff", "word "])
async def test_however_long_titles_and_summaries_are_it_stays_small(
    app: Starlette, client: AsyncClient, hostile: Policy, sign: str
) -> None:
    async with transaction():
        await Policy.filter(id=hostile.id).update(title=(sign * 200)[:200])
    at = app.state.clock().replace(month=2)
    for day in range(1, 6):
        summary = (sign * 2_000)[:2_000]
        await make_version(hostile, at.replace(day=day), {"c1": ["marketing"]}, summary=summary)
    site = await site_with(app, client, READ, LINKS)
    found = elements((await site.get(MINE, action="/" + "&" * 199)).text)
    shown = len(found.all("article"))
    assert 1 <= shown <= 3
    assert f"{5 - shown} more changes" in found.text
    assert [link["href"] for link in found.all("a")][-1] == "http://127.0.0.1:8000/account"


@pytest.mark.parametrize(
    ("given", "most", "expected"),
    [
        ("short", 10, "short"),
        ("two\n  lines ", 20, "two lines"),
        ("abcdefghij", 10, "abcdefghij"),
        ("abcdefghijk", 10, "abcdefg…"),
        ("abcdef hijk", 10, "abcdef…"),
        ("<<<<", 14, "<<…"),
        ("", 10, ""),
    ],
)
def test_what_is_too_long_ends_in_dots(given: str, most: int, expected: str) -> None:
    assert shortened(given, most) == expected


async def test_a_summary_in_another_language_than_the_words_around_it_says_so(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "lang" not in _summary(elements((await site.get(MINE)).text))
    with spoken_too("de", tmp_path, monkeypatch, **{"I have seen this": "Gesehen"}):
        answer = await site.get(MINE, lang="de", action="/seen")
    found = elements(answer.text)
    assert _summary(found)["lang"] == "en"
    assert (found.all("section")[0]["lang"], answer.headers["content-language"]) == ("de", "de")
    assert "Gesehen" in found.text


def _summary(found: Elements) -> dict[str, str | None]:
    [summary] = [one for one in found.all("p") if one.get("class") == "policy-notice-summary"]
    return summary
