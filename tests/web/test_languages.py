"""In which language pages are, and the choice of it at their foot."""

import re

import pytest
from httpx2 import AsyncClient, Response

from portal.store.connections import transaction
from portal.store.events import Event
from portal.store.members import Member
from portal.store.policies import Policy
from portal.web.text import languages
from tests.support.clock import Clock
from tests.support.noticed import Noticed
from tests.support.objecting import freezing
from tests.support.publishing import translate
from tests.web.conftest import Open, SignIn, keep_cookie

OFFERED = re.compile(r'<a href="([^"]+)" lang="(\w+)" hreflang="(\w+)" dir="ltr" rel="nofollow">([^<]+)</a>')


def language_of(answer: Response) -> str:
    """What page and header say, which is the same."""
    found = re.search(r'<html lang="([\w-]+)" dir="ltr">', answer.text)
    assert found is not None
    assert answer.headers["content-language"] == found[1]
    return found[1]


async def of_language(noticed: Noticed, tag: str) -> None:
    async with transaction():
        await Member.filter(id=noticed.member.id).update(language=tag)


def test_english_german_and_spanish_are_spoken() -> None:
    assert set(languages()) >= {"en", "de", "es"}


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [("de-AT, en;q=0.5", "de"), ("es", "es"), ("en-GB, de;q=0.9", "en"), ("tlh", "en"), ("", "en")],
)
async def test_a_visitor_reads_what_the_browser_prefers(
    accepted: str, spoken: str, client: AsyncClient, privacy: Policy
) -> None:
    answer = await client.get("/policies", headers={"accept-language": accepted})
    assert language_of(answer) == spoken
    assert set(answer.headers["vary"].split(", ")) >= {"Accept-Language", "Cookie"}


@pytest.mark.parametrize(("tag", "deadline"), [("de", "Samstag, 21. März 2026"), ("es", "sábado, 21 de marzo de 2026")])
async def test_a_member_known_by_a_link_reads_their_own_language(
    tag: str, deadline: str, client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await of_language(noticed, tag)
    client.headers["accept-language"] = "en"
    shown = await client.get(noticed.by_link())
    assert language_of(shown) == tag
    assert deadline in shown.text
    receipt = await freezing(noticed, clock())
    for address in (f"/objections/{receipt.number}", "/changes", "/objection?answer=keep"):
        assert language_of(await client.get(noticed.by_link() + address)) == tag
    assert language_of(await client.get(noticed.by_link(noticed.other))) == "en"


async def test_a_member_who_signed_in_reads_their_own_language(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    await of_language(noticed, "es-MX")
    for address in ("/account", "/account/terms", "/account/data.html", noticed.in_account):
        assert language_of(await browser.get(address)) == "es"


async def test_each_page_offers_each_language_by_its_own_name(client: AsyncClient, privacy: Policy) -> None:
    text = (await client.get("/policies/privacy/versions/2/changes?since=1&view=side")).text
    kept = "?since=1&amp;view=side&amp;"
    assert OFFERED.findall(text) == [
        (f"{kept}lang=de&amp;stay=1", "de", "de", "Deutsch"),
        (f"{kept}lang=es&amp;stay=1", "es", "es", "Español"),
    ]
    assert '<span lang="en" dir="ltr" aria-current="true">English</span>' in text


async def test_what_was_chosen_goes_before_the_members_own_language_and_stays_for_the_visit(
    client: AsyncClient, noticed: Noticed
) -> None:
    await of_language(noticed, "de")
    before = await Event.all().count()
    chosen = await client.get(f"{noticed.by_link()}?lang=es&stay=1")
    assert language_of(chosen) == "es"
    kept = chosen.headers["set-cookie"]
    assert "language=es" in kept
    assert "Max-Age" not in kept
    assert "expires" not in kept.lower()
    for address in (noticed.by_link(), "/policies", "/nowhere"):
        assert language_of(await client.get(address)) == "es"
    form = {"answer": "object", "change": noticed.keys["News"]}
    sent = await client.post(f"{noticed.by_link()}/objections", data=form)
    assert language_of(await client.get(sent.headers["location"])) == "es"
    await noticed.member.refresh_from_db()
    assert noticed.member.language == "de"
    assert await Event.filter(action="profile.given").count() == 0
    assert await Event.all().count() > before  # the objection, and nothing of the choice


async def test_a_language_in_the_address_alone_is_for_that_page(client: AsyncClient, noticed: Noticed) -> None:
    await of_language(noticed, "de")
    answer = await client.get(f"{noticed.by_link()}?lang=es")
    assert language_of(answer) == "es"
    assert "set-cookie" not in answer.headers
    assert language_of(await client.get(noticed.by_link())) == "de"


@pytest.mark.parametrize("wanted", ["tlh", "", "de\r\nset-cookie: x=y", "../en", "DE"])
async def test_what_is_no_language_of_the_pages_is_neither_spoken_nor_kept(wanted: str, client: AsyncClient) -> None:
    answer = await client.get("/policies", params={"lang": wanted, "stay": "1"})
    assert language_of(answer) == "en"
    assert "set-cookie" not in answer.headers
    keep_cookie(client, "language", wanted.strip("\r\n .:/=") or "-")
    assert (await client.get("/policies")).status_code == 200


async def test_a_form_that_comes_back_with_errors_offers_the_page_it_was_on(
    as_member: SignIn, noticed: Noticed
) -> None:
    browser = await as_member("m1")
    wrong = await browser.post("/account/details/address", data={"address": "nowhere"})
    assert wrong.status_code == 422
    offered = {tag: href for href, tag, *_ in OFFERED.findall(wrong.text)}
    assert offered["de"] == "/account/details?lang=de&amp;stay=1"
    shown = await browser.get(offered["de"].replace("&amp;", "&"))
    assert (shown.status_code, language_of(shown)) == (200, "de")


async def test_correcting_ones_language_ends_what_was_chosen_for_the_visit(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    assert language_of(await browser.get("/account?lang=es&stay=1")) == "es"
    await browser.post("/account/details", data={"name": "M", "language": "en", "zone": ""})
    assert language_of(await browser.get("/account")) == "es"  # nothing about the language was corrected
    await browser.post("/account/details", data={"name": "M", "language": "de", "zone": ""})
    answer = await browser.get("/account/details")
    assert language_of(answer) == "de"
    assert "Ihre Angaben" in answer.text


async def test_a_policys_page_speaks_a_language_that_its_text_was_not_published_in(
    client: AsyncClient, privacy: Policy
) -> None:
    address = "/policies/privacy/versions/2"
    answer = await client.get(f"{address}?lang=es")
    assert (answer.status_code, language_of(answer)) == (200, "es")
    assert 'class="policy-text" lang="en" dir="ltr"' in answer.text
    await translate(privacy, number=2, language="es", text="# Privacidad\n\nNada.\n")
    assert 'class="policy-text" lang="es" dir="ltr"' in (await client.get(f"{address}?lang=es")).text
    assert (await client.get(f"{address}.md?lang=de")).status_code == 404


async def test_a_choice_of_one_browser_is_nobody_elses(open_client: Open, privacy: Policy) -> None:
    one, other = await open_client(), await open_client()
    await one.get("/policies?lang=de&stay=1")
    assert language_of(await one.get("/policies")) == "de"
    assert language_of(await other.get("/policies")) == "en"


async def test_refusals_are_told_in_the_readers_language(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    await of_language(noticed, "de")
    answer = await browser.post("/account/details", data={"name": "a" * 301, "language": "de", "zone": ""})
    assert answer.status_code == 422
    assert "300" in answer.text
    assert "characters" not in answer.text


async def test_the_api_says_what_is_wrong_in_the_language_asked_for(client: AsyncClient) -> None:
    answer = await client.get("/api/v1/terms", headers={"accept-language": "de"})
    assert answer.headers["content-language"] == "de"
    assert answer.json()["title"] != "Who asks?"
