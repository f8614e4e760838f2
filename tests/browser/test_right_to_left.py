"""Pages in a language from right to left, made of the English in brackets: mirrored, whole on a phone, readable."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.demo.clock import StoryClock
from portal.demo.server import serving
from portal.store.connections import transaction
from portal.store.members import Member
from tests.browser.alone import said, served_alone
from tests.browser.test_accessible import AXE, RULES, sideways, violations
from tests.support.bracketed import bracketed
from tests.support.clock import START
from tests.support.noticed import noticed_world

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 740}


@dataclass(frozen=True)
class Reader:
    """A member whose language is this Arabic; their policy is English. `link`: the address in their mail."""

    site: str
    link: str


async def serve(folder: Path, end: Connection) -> None:
    """Says where the portal is, and serves it."""
    with bracketed("ar", folder / "words"):
        async with serving(folder / "portal", StoryClock(START)) as app:
            noticed = await noticed_world(app)
            async with transaction():
                await Member.filter(id=noticed.member.id).update(language="ar")
            await said(end, Reader(str(app.state.settings.base_url), noticed.by_link()))


@pytest.fixture(scope="module")
def member(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """In a process of its own, which also speaks the language that is made up."""
    with served_alone(serve, tmp_path_factory.mktemp("from_right")) as reader:
        yield reader


@pytest.fixture
def page(chromium: Browser, member: Reader) -> Iterator[Page]:
    context = chromium.new_context(base_url=member.site, locale="ar", viewport=DESK)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def addresses(member: Reader) -> dict[str, str]:
    link = member.link
    return {
        "the notice": link,
        "the list of changes": f"{link}/changes",
        "the whole text": f"{link}/changes?view=inline",
        "side by side": f"{link}/changes?view=side",
        "the review": f"{link}/objection?answer=object",
        "the policy": "/policies/privacy/versions/2",
        "the versions": "/policies/privacy/versions",
        "how to read changes": "/reading-changes",
        "sign-in": "/sign-in",
        "a link that is not ours": "/n/forged",
    }


NAMES = ("the notice", "the list of changes", "the whole text", "side by side", "the review", "the policy")
OTHERS = ("the versions", "how to read changes", "sign-in", "a link that is not ours")


def box(page: Page, selector: str) -> dict[str, float]:
    found: dict[str, float] = page.locator(selector).first.evaluate(
        "e => { const r = e.getBoundingClientRect(); return {left: r.left, right: r.right, top: r.top} }"
    )
    return found


@pytest.mark.parametrize("name", [*NAMES, *OTHERS])
def test_a_page_is_mirrored_and_fits_a_phone(name: str, page: Page, member: Reader) -> None:
    page.goto(addresses(member)[name])
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    assert box(page, ".brand")["right"] > 1000, "the company's name stands at the right"
    assert box(page, ".site-nav")["right"] < box(page, ".brand")["left"]
    assert box(page, "h1")["right"] > 800
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert sideways(page) == []
    page.evaluate(AXE)
    assert violations(page, RULES) == []


def test_the_policys_own_text_keeps_its_direction(page: Page, member: Reader) -> None:
    page.goto(addresses(member)["the policy"])
    text = page.locator(".policy-text").first
    assert (text.get_attribute("lang"), text.get_attribute("dir")) == ("en", "ltr")
    first = text.locator("p").first
    assert first.evaluate("e => getComputedStyle(e).direction") == "ltr"
    starts = first.evaluate(
        "e => { const r = document.createRange(); r.selectNodeContents(e); return r.getClientRects()[0].left }"
    )
    assert abs(starts - box(page, ".policy-text p")["left"]) < 2, "its lines begin at the left"


@pytest.mark.parametrize("name", ["the list of changes", "the whole text", "side by side"])
def test_changed_words_stand_in_the_direction_of_their_own_language(name: str, page: Page, member: Reader) -> None:
    page.goto(addresses(member)[name])
    words = page.locator("main .redline :is(ins, del)")
    assert words.count() >= 2
    directions = words.evaluate_all("all => all.filter(e => e.offsetWidth).map(e => getComputedStyle(e).direction)")
    assert set(directions) == {"ltr"}


def test_of_two_columns_the_earlier_one_comes_first_in_reading(page: Page, member: Reader) -> None:
    """The two versions are English: their columns go from left to right, within a page that does not."""
    page.goto(addresses(member)["side by side"])
    old, new = box(page, ".side-change .side-old"), box(page, ".side-change .side-new")
    assert old["top"] == new["top"]
    assert old["right"] <= new["left"]
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert box(page, ".side-change .side-old")["top"] < box(page, ".side-change .side-new")["top"]


def test_ticks_and_errors_stand_where_reading_begins(page: Page, member: Reader) -> None:
    page.goto(addresses(member)["the notice"])
    tick, label = box(page, ".tick input"), box(page, ".tick label")
    assert tick["left"] >= label["right"] - 1


def test_a_choice_at_the_foot_is_kept_for_the_visit(page: Page, member: Reader) -> None:
    page.goto(member.link)
    english = page.get_by_role("link", name="English", exact=True)
    assert (english.get_attribute("lang"), english.get_attribute("dir")) == ("en", "ltr")
    english.click()
    whole = page.locator("html")
    expect(whole).to_have_attribute("lang", "en")
    expect(whole).to_have_attribute("dir", "ltr")
    page.get_by_role("link", name="All policies").first.click()
    expect(page).to_have_url(re.compile("/policies$"))
    expect(whole).to_have_attribute("lang", "en")
