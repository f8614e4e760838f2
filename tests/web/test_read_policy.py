"""Anybody reads a policy: the list, the newest text, its versions, and the published bytes."""

import hashlib
from base64 import b64encode

from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.store.policies import Policy
from portal.web.text import gettext, speaking
from tests.support.drafting import TEXT_1, TEXT_2
from tests.support.publishing import translate

NOTE = "This translation is here to help you read. The text that counts is the one in %(language)s:"


async def test_without_a_policy_the_list_says_so(client: AsyncClient) -> None:
    answer = await client.get("/policies")
    assert answer.status_code == 200
    assert "No policy has been published yet" in answer.text


async def test_the_front_door_leads_to_the_list(client: AsyncClient) -> None:
    answer = await client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/policies")


async def test_the_list_names_each_policy_with_its_newest_version(client: AsyncClient, privacy: Policy) -> None:
    answer = await client.get("/policies")
    assert f'<a href="/policies/{privacy.slug}">Privacy policy</a>' in answer.text
    assert "Version 2" in answer.text
    assert "Version 1" not in answer.text


async def test_a_policy_shows_its_newest_text_with_anchors_and_contents(client: AsyncClient, privacy: Policy) -> None:
    answer = await client.get(f"/policies/{privacy.slug}")
    assert "once a week" in answer.text
    assert "once a month" not in answer.text
    assert '<h3 id="news">' in answer.text
    assert '<a href="#service">Service</a>' in answer.text
    assert "<title>Privacy policy, version 2 – Example Company</title>" in answer.text
    assert '<link rel="canonical" href="/policies/privacy/versions/2">' in answer.text


async def test_an_older_version_stays_at_its_address_and_names_the_newer_one(
    client: AsyncClient, privacy: Policy
) -> None:
    answer = await client.get(f"/policies/{privacy.slug}/versions/1")
    assert "once a month" in answer.text
    assert "A newer version has been posted" in answer.text
    assert "/policies/privacy/versions/2/changes?since=1" in answer.text


async def test_the_raw_text_is_the_published_bytes(client: AsyncClient, privacy: Policy) -> None:
    for number, text in ((1, TEXT_1), (2, TEXT_2)):
        answer = await client.get(f"/policies/{privacy.slug}/versions/{number}.md")
        assert answer.content == text.encode()
        assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
        digest = b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"


async def test_the_list_of_versions_has_the_newest_first_and_a_form_to_compare(
    client: AsyncClient, privacy: Policy
) -> None:
    answer = await client.get(f"/policies/{privacy.slug}/versions")
    assert answer.text.index('href="/policies/privacy/versions/2"') < answer.text.index(
        'href="/policies/privacy/versions/1"'
    )
    assert 'action="/policies/privacy/changes"' in answer.text


async def test_a_translation_is_shown_with_a_note_that_it_does_not_count(client: AsyncClient, privacy: Policy) -> None:
    await translate(privacy, number=2, language="de", text="# Datenschutz\n\nRechts steht nichts.\n")
    answer = await client.get(f"/policies/{privacy.slug}/versions/2?lang=de")
    assert 'class="policy-text" lang="de"' in answer.text
    assert "Rechts steht nichts." in answer.text
    with speaking("de"):
        note = gettext(NOTE, language="English")
    assert NOTE not in note
    assert note in answer.text
    assert 'hreflang="de"' in (await client.get(f"/policies/{privacy.slug}/versions/2")).text
    raw = await client.get(f"/policies/{privacy.slug}/versions/2.md?lang=de")
    assert raw.headers["content-language"] == "de"
    assert raw.text.startswith("# Datenschutz")


async def test_what_does_not_exist_is_not_found(client: AsyncClient, privacy: Policy) -> None:
    base = f"/policies/{privacy.slug}/versions"
    for address in (
        "/policies/other",
        "/policies/other/versions",
        f"{base}/3",
        f"{base}/0",
        f"{base}/{10**30}",
        f"{base}/3.md",
        f"{base}/2?lang=fr",
        f"{base}/two",
    ):
        assert (await client.get(address)).status_code == 404, address


async def test_an_address_that_no_browser_sends_is_refused(client: AsyncClient) -> None:
    for address in ("/policies/a%00b", "/policies?x=%00"):
        assert (await client.get(address)).status_code == 400, address


async def test_html_in_a_text_is_shown_and_not_run(client: AsyncClient, privacy: Policy) -> None:
    hostile = "# Title\n\n<script>alert(1)</script> [x](javascript:alert(2)) <b onclick=y>z</b>\n\n![a](http://e.example/a.png)\n"
    await translate(privacy, number=2, language="de", text=hostile)
    answer = await client.get(f"/policies/{privacy.slug}/versions/2?lang=de")
    assert "&lt;script&gt;" in answer.text
    assert "<script" not in answer.text
    assert "<b onclick" not in answer.text
    assert 'href="javascript' not in answer.text
    assert "<img" not in answer.text


async def test_columns_are_aligned_by_class(client: AsyncClient, privacy: Policy) -> None:
    await translate(privacy, number=2, language="de", text="| a | b |\n|---|--:|\n| 1 | 2 |\n")
    answer = await client.get(f"/policies/{privacy.slug}/versions/2?lang=de")
    assert '<td class="align-right">2</td>' in answer.text
    assert "style=" not in answer.text


async def test_head_is_answered_where_get_is(client: AsyncClient, app: Starlette) -> None:
    assert (await client.head("/policies")).status_code == 200
