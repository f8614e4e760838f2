"""What holds for every kind of mail: it is small, fits a narrow screen of text, and its two parts go together."""

import re
from html.parser import HTMLParser

import pytest

from portal.settings import folder
from tests.support.mails import each_kind, hard_ones, parts

KINDS = each_kind()
MAILS = KINDS | hard_ones()
WIDEST = 78
"""Characters of a line (RFC 5322, 2.1.1). An address stays whole, so that programs find its end."""


def test_there_is_one_of_each_folder() -> None:
    folders = {path.name for path in (folder("templates") / "mail").iterdir() if path.is_dir()}
    assert set(KINDS) == folders


def test_html_takes_its_sentences_by_the_name_under_which_they_are_escaped() -> None:
    """What a macro of a `.txt` gives is taken as it is: somebody's address or a purpose's title could be markup."""
    pages = list((folder("templates") / "mail").rglob("*.html"))
    assert len(pages) > len(KINDS)
    assert [path for path in pages if re.search(r"(import|include) \"[^\"]+\.txt\"", path.read_text())] == []


def test_a_usual_mail_is_small() -> None:
    sizes = {kind: len(content) for kind, content in KINDS.items()}
    assert sizes.pop("notice") <= 6_550
    assert sizes.pop("proof") <= 6_550
    assert max(sizes.values()) <= 4_000


@pytest.mark.parametrize("kind", MAILS)
def test_the_text_has_short_lines_and_no_mark_of_html(kind: str) -> None:
    _, text, _ = parts(MAILS[kind])
    wide = [line for line in text.splitlines() if len(line) > WIDEST and " " in line.strip()]
    assert wide == []
    assert not re.search(r"</?[a-z]|&[a-z#]", text)
    assert "\n\n\n\n" not in text


@pytest.mark.parametrize("kind", MAILS)
def test_each_link_of_the_html_stands_in_the_text_too(kind: str) -> None:
    _, text, html = parts(MAILS[kind])
    links = re.findall(r'href="([^"]+)"', html)
    assert [link for link in links if link not in text] == []
    assert bool(links) == (kind != "closed")


@pytest.mark.parametrize("kind", MAILS)
def test_the_html_fetches_nothing_and_every_element_is_closed(kind: str) -> None:
    _, _, html = parts(MAILS[kind])
    assert not re.findall(r"<img|<script|<table|<link|url\(|@import|src=", html)
    open_ones = Elements()
    open_ones.feed(html)
    assert open_ones.open == []
    assert open_ones.wrong == []


@pytest.mark.parametrize("kind", MAILS)
def test_language_and_direction_stand_where_a_program_that_drops_the_page_finds_them(kind: str) -> None:
    _, _, html = parts(MAILS[kind])
    assert '<html lang="en">' in html
    assert '<div lang="en" dir="ltr"' in html
    assert re.search(r'<div hidden style="display:none;[^"]*">[^<]{20,}</div>', html), "no preview"


class Elements(HTMLParser):
    """What is open, and what was closed that was not."""

    VOID = ("meta", "br", "hr")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)
