"""Markdown-aware tokens. They tile a block; the *visible* ones (words, punctuation, bare addresses, cell borders) are
what two texts are compared by, the *markup* between them (spaces, emphasis, link targets, list markers, clause numbers)
is compared afterwards, where the visible ones agree."""

import html
import re
import unicodedata
from dataclasses import dataclass

from portal.rules.changes.patterns import BLANK, BULLETS

WORD, PUNCTUATION, ADDRESS, CELL = "word", "punctuation", "address", "cell"
NUMBER, LINK, FORMAT, SPACE, META = "numbering", "link", "format", "space", "meta"

_WORDS = re.compile(r"\w+(?:['’-]\w+)*")
_WORD_SIGN = re.compile(r"\w")
_LINK_TAG = re.compile(r"</?(?:a|img)\b|<(?:https?|mailto):")
_ALIKE = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "‚": "'",
        "‛": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "‑": "-",
        "‐": "-",
        "−": "-",
        "…": "...",
    }
)
_FORMATS = frozenset("*`~[>#=" + BULLETS)


@dataclass(slots=True)
class Token:
    """What is known of a token's text. `key`: what it is matched by. `words`: how many words a reader counts in it.
    `code`: the character that stands for the key of a visible token, empty for markup."""

    kind: str
    key: str
    words: int
    visible: bool
    code: str = ""


def token_of(text: str) -> Token:
    """What is known of a token that does not stand at the start of a block, but its code."""
    if text.isascii() and text.isalpha():
        return Token(WORD, text, 1, visible=True)
    kind = kind_of(text)
    if kind == WORD:
        key = text if text.isascii() and text.isalnum() else (text.replace("\\_", "_").strip("_") or text)
        return Token(kind, key.translate(_ALIKE), 1, visible=True)
    if kind == ADDRESS:
        return Token(kind, "\x00address", 3, visible=True)
    if kind in (PUNCTUATION, CELL):
        return Token(kind, _sign(text), 0, visible=True)
    return Token(kind, text, len(_WORDS.findall(text)) if kind == LINK else 0, visible=False)


def kind_of(text: str) -> str:
    """The kind of a token that does not stand at the start of a block."""
    first = text[0]
    if first.isalnum():
        return ADDRESS if text.startswith(("https://", "http://")) else WORD
    if first.isspace() or text == "&nbsp;" or not text.strip(BLANK):
        return SPACE
    if "](" in text or text.startswith("]["):
        return LINK
    if first in _FORMATS or text in ("]", "![", "\\") or "---" in text:
        return FORMAT
    if first == "<" and len(text) > 1:
        return META if text.startswith("<!--") else LINK if _LINK_TAG.match(text) else FORMAT
    if first == "|":
        return CELL
    return _kind_of_sign(text)


def _kind_of_sign(text: str) -> str:
    if text[0] == "&" and len(text) > 2:
        return PUNCTUATION
    if _WORD_SIGN.search(text) or unicodedata.category(text[0])[0] == "M":
        return WORD if text.strip("_\\") else FORMAT
    return WORD if text in ("%", "§", "&", "@") or unicodedata.category(text[0]) == "Sc" else PUNCTUATION


def alike(text: str) -> str:
    """A text with its typographic quotes, dashes and dots made plain."""
    return text.translate(_ALIKE)


def _sign(text: str) -> str:
    """The key of a punctuation mark: without its escape, entities resolved, quotes and dashes made plain."""
    if text[0] == "\\":
        text = text[1:]
    if text[0] == "&" and len(text) > 2:
        text = html.unescape(text)
    return "-" if text == "--" else text.translate(_ALIKE)
