"""What a reader gets of a comparison when all changes are accepted, or all refused: from HTML, and from a Word file."""

import io
import re
import zipfile
from html.parser import HTMLParser

from lxml import etree
from markdown_it.token import Token

from portal.rules.changes import parse
from portal.web.markdown import block_tokens, without_data

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VOID = {"br", "hr"}
_BLOCKS = {"p", "li", "td", "th", "tr", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote"}
_BESIDE = {"hidden", "change-at", "moved-from"}
_WORDS = re.compile(r"\w+")


class Reader(HTMLParser):
    """Reads HTML; `ids` in order, `unbalanced` names an end tag that closes nothing."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, bool]] = []
        self.texts: dict[str, list[str]] = {"ins": [], "del": []}
        self.ids: list[str] = []
        self.unbalanced = ""
        self.feed(html)
        if self.open:
            self.unbalanced = self.open[-1][0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if "id" in named:
            self.ids.append(named["id"] or "")
        if tag not in _VOID:
            classes = set((named.get("class") or "").split())
            self.open.append((tag, bool(classes & {*_BESIDE, "header-anchor"})))
        if tag in _BLOCKS:
            self._say(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if not self.open or self.open[-1][0] != tag:
            self.unbalanced = self.unbalanced or tag
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not any(beside for _tag, beside in self.open):
            self._say(data)

    def _say(self, data: str) -> None:
        tags = {tag for tag, _beside in self.open}
        for mark in ("ins", "del"):
            if mark not in tags:
                self.texts[mark].append(data)

    @property
    def accepted(self) -> list[str]:
        """The words without the removed ones."""
        return _WORDS.findall("".join(self.texts["del"]))

    @property
    def refused(self) -> list[str]:
        """The words without the added ones."""
        return _WORDS.findall("".join(self.texts["ins"]))


def word_texts(document: bytes, without: str) -> list[str]:
    """The words of a Word file's body; `without` is "del" to accept all changes, "ins" to refuse them."""
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(document)).read("word/document.xml"))
    found: list[str] = []
    for element in root.iter(f"{WORD}t", f"{WORD}delText", f"{WORD}p", f"{WORD}tab", f"{WORD}br"):
        if element.tag not in (f"{WORD}t", f"{WORD}delText"):
            found.append(" ")
        elif f"{WORD}{without}" not in {one.tag for one in element.iterancestors()}:
            found.append(element.text or "")
    return _WORDS.findall("".join(found))


def words_of(markdown: str) -> list[str]:
    """The words that a text has on paper, list numbers included."""
    found: list[str] = []
    for token in block_tokens(without_data(parse(markdown))):
        if token.type == "list_item_open" and token.info:
            found.append(f" {token.info} ")
        elif token.type in ("fence", "code_block"):
            found.append(f"{token.content} ")
        found += [_read(child) for child in token.children or []]
        found.append(" " if token.type == "inline" else "")
    return _WORDS.findall("".join(found))


def _read(child: Token) -> str:
    return child.content if child.type in ("text", "code_inline") else " " if "break" in child.type else ""
