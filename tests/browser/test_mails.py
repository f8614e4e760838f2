"""Every kind of mail as a mail program shows it: narrow, in light and in the dark, and with its styles taken away."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from portal.rules.policy import NoticeTerms
from tests.browser.test_accessible import AXE, RULES, sideways, violations
from tests.support.catalogues import speaking
from tests.support.mails import each_kind, hard_ones, of_notice, parts, told, wire

MAILS = {kind: parts(content)[2] for kind, content in (each_kind() | hard_ones()).items()}
NARROW = ViewportSize(width=320, height=600)
STYLES = re.compile(r"<style>.*?</style>", re.DOTALL)
INLINE = re.compile(r' style="[^"]*"')
READ, CHANGES = "Read the changes and answer", "What changes"
# What the browser paints anyway: axe takes a page that sets no colour for white.
PAPER = "html { background: Canvas }"
# Programs that force the dark put colours of their own instead of those that are not set, and know no colour scheme.
FORCED = "html { background: #1f1f1f; color: #e8eaed } a { color: #8ab4f8 }"
SCHEME = '<meta name="color-scheme" content="light dark">'
IN_ARABIC = {READ: "اقرأ التغييرات وأجب", CHANGES: "ما الذي يتغير"}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    opened = chromium.new_page(viewport=NARROW)
    yield opened
    opened.close()


def shown(page: Page, html: str, sheet: str = PAPER) -> None:
    page.set_content(html)
    page.add_style_tag(content=sheet)
    page.evaluate(AXE)


@pytest.mark.parametrize("kind", MAILS)
def test_a_mail_is_accessible_and_fits_a_narrow_reader_in_light_and_in_the_dark(kind: str, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    shown(page, MAILS[kind])
    assert ink(page) == "rgb(0, 0, 0)"
    assert sideways(page) == []
    assert violations(page, RULES) == []
    page.emulate_media(color_scheme="dark")
    assert ink(page) == "rgb(255, 255, 255)"
    assert violations(page, RULES) == []


@pytest.mark.parametrize("kind", MAILS)
def test_a_mail_is_readable_where_the_dark_is_forced_on_it(kind: str, page: Page) -> None:
    assert SCHEME in MAILS[kind]
    shown(page, MAILS[kind].replace(SCHEME, ""), FORCED)
    assert ink(page) == "rgb(232, 234, 237)"
    assert violations(page, RULES) == []


def ink(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.querySelector('h1')).color"))


@pytest.mark.parametrize("kind", MAILS)
def test_what_a_link_leads_to_is_said_by_its_own_words(kind: str, page: Page) -> None:
    shown(page, MAILS[kind])
    links = [(link.inner_text(), link.get_attribute("href")) for link in page.get_by_role("link").all()]
    assert all(len(words.split()) >= 2 and "http" not in words for words, _ in links)
    # Links of the same words lead to the same place.
    assert len({words for words, _ in links}) == len(set(links))


@pytest.mark.parametrize("kind", MAILS)
def test_a_program_that_drops_the_sheet_or_all_styles_shows_everything_still(kind: str, page: Page) -> None:
    shown(page, MAILS[kind])
    words, links = page.inner_text("body").split(), page.get_by_role("link").count()
    for html in (without := STYLES.sub("", MAILS[kind]), INLINE.sub("", without)):
        shown(page, html)
        assert page.inner_text("body").split() == words
        assert page.get_by_role("link").count() == links
        assert violations(page, RULES) == []
    shown(page, without)
    assert sideways(page) == []


def test_the_button_is_a_link_that_a_thumb_can_hit(page: Page) -> None:
    shown(page, MAILS["notice"])
    box = page.get_by_role("link", name=READ).bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["width"] >= 200


def test_the_preview_is_for_the_list_of_mails_and_is_not_shown(page: Page) -> None:
    shown(page, MAILS["notice"])
    preview = page.locator("[hidden]")
    assert (preview.text_content() or "").strip() == "The newsletter comes every week."
    assert not preview.is_visible()


def test_a_mail_in_a_language_from_right_to_left_stands_on_the_right(page: Page, tmp_path: Path) -> None:
    said = told(NoticeTerms(), title="سياسة الخصوصية", language="ar", summary="تصدر النشرة كل أسبوع.")
    with speaking(tmp_path, {"ar": IN_ARABIC}):
        _, text, html = parts(wire(of_notice(said), "ليلى", "ar"))
    assert IN_ARABIC[READ] in text
    shown(page, html)
    for name, role in ((IN_ARABIC[READ], "link"), (IN_ARABIC[CHANGES], "heading")):
        words = page.get_by_role(role, name=name)  # type: ignore[arg-type]
        right = words.evaluate(
            "e => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect().right }"
        )
        assert right > 280, name
    assert sideways(page) == []
    assert violations(page, RULES) == []
