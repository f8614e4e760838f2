"""Pages in a language from right to left, made of the English in brackets: mirrored, whole on a phone, readable."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from portal.store.members import Member
from tests.browser.one_member import OneMember, one_member
from tests.browser.test_accessible import AXE, RULES, sideways, violations
from tests.support.bracketed import bracketed

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 740}


@pytest.fixture(scope="module")
def member(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneMember]:
    """Somebody whose language is this Arabic; their policy is English."""
    with bracketed("ar", tmp_path_factory.mktemp("words")), one_member(tmp_path_factory.mktemp("portal")) as served:
        served.call(_speaks(served, "ar"))
        yield served


async def _speaks(served: OneMember, tag: str) -> None:
    await Member.filter(id=served.noticed.member.id).update(language=tag)


@pytest.fixture
def page(chromium: Browser, member: OneMember) -> Iterator[Page]:
    context = chromium.new_context(base_url=member.site, locale="ar", viewport=DESK)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def addresses(member: OneMember) -> dict[str, str]:
    link = member.noticed.by_link()
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
def test_a_page_is_mirrored_and_fits_a_phone(name: str, page: Page, member: OneMember) -> None:
    page.goto(addresses(member)[name])
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    assert box(page, ".brand")["right"] > 1000, "the company's name stands at the right"
    assert box(page, ".site-nav")["right"] < box(page, ".brand")["left"]
    assert box(page, "h1")["right"] > 800
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert sideways(page) == []
    page.evaluate(AXE)
    assert violations(page, RULES) == []


def test_the_policys_own_text_keeps_its_direction(page: Page, member: OneMember) -> None:
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
def test_changed_words_stand_in_the_direction_of_their_own_language(name: str, page: Page, member: OneMember) -> None:
    page.goto(addresses(member)[name])
    words = page.locator("main .redline :is(ins, del)")
    assert words.count() >= 2
    directions = words.evaluate_all("all => all.filter(e => e.offsetWidth).map(e => getComputedStyle(e).direction)")
    assert set(directions) == {"ltr"}


def test_of_two_columns_the_earlier_one_comes_first_in_reading(page: Page, member: OneMember) -> None:
    """The two versions are English: their columns go from left to right, within a page that does not."""
    page.goto(addresses(member)["side by side"])
    old, new = box(page, ".side-change .side-old"), box(page, ".side-change .side-new")
    assert old["top"] == new["top"]
    assert old["right"] <= new["left"]
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert box(page, ".side-change .side-old")["top"] < box(page, ".side-change .side-new")["top"]


def test_ticks_and_errors_stand_where_reading_begins(page: Page, member: OneMember) -> None:
    page.goto(addresses(member)["the notice"])
    tick, label = box(page, ".tick input"), box(page, ".tick label")
    assert tick["left"] >= label["right"] - 1


def test_a_choice_at_the_foot_is_kept_for_the_visit(page: Page, member: OneMember) -> None:
    page.goto(member.noticed.by_link())
    english = page.get_by_role("link", name="English", exact=True)
    assert (english.get_attribute("lang"), english.get_attribute("dir")) == ("en", "ltr")
    english.click()
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["en", "ltr"]
    page.get_by_role("link", name="All policies").first.click()
    assert page.evaluate("document.documentElement.lang") == "en"
