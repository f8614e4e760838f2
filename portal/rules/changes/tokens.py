"""Markdown-aware tokens. They tile a block; the *visible* ones (words, punctuation, bare addresses, cell borders) are
what two texts are compared by, the *markup* between them (spaces, emphasis, link targets, list markers, clause numbers)
is compared afterwards, where the visible ones agree."""

import html
import re
import unicodedata
from contextlib import suppress
from functools import lru_cache
from itertools import compress, count
from operator import itemgetter
from typing import NamedTuple, Self

from portal.rules.changes.patterns import BLANK, BULLETS, START, token_pattern

WORD, PUNCTUATION, ADDRESS, CELL = "word", "punctuation", "address", "cell"
NUMBER, LINK, FORMAT, SPACE, META = "numbering", "link", "format", "space", "meta"

_START_KINDS = {"indent": SPACE, "bullet": FORMAT, "item": NUMBER, "hashes": FORMAT, "gap": FORMAT, "clause": NUMBER}
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
_BEGINS_A_WORD = frozenset("abdefghjkmnopqrstuwyzABDEFGHJKMNOPQRSTUWYZ")
"""A letter before another letter; those of Roman numerals are left out."""
MOST_KNOWN = 1 << 15
"""From so many texts of tokens on, what is known of them is not handed on to the next comparison."""
MOST_SPARE = 4
"""What so many comparisons at a time knew of words is kept for the next ones."""
_FORMATS = frozenset("*`~[>#=" + BULLETS)


class Token(NamedTuple):
    """What is known of a token's text. `key`: what it is matched by. `words`: how many words a reader counts in it.
    `code`: the character that stands for the key of a visible token, empty for markup."""

    kind: str
    key: str
    words: int
    visible: bool
    code: str = ""


# Functions in C, to be mapped over all tokens of a text.
kind_of_token = itemgetter(Token._fields.index("kind"))
_code_of = itemgetter(Token._fields.index("code"))


class Reading(NamedTuple):
    """A block's token texts, which tile it, what is known of each, where the visible ones are, and one character for
    the key of each of these."""

    texts: list[str]
    tokens: list[Token]
    visible: list[int]
    codes: str


class Lexicon:
    """Gives each distinct key of a comparison one character, so that C code can compare whole units as strings.

    In a `with` it goes on from what another one knew of words, and hands that on in the end.
    """

    def __init__(self) -> None:
        self._begin(_Known())

    def _begin(self, known: "_Known") -> None:
        self._known = known
        self._read: dict[str, Reading] = {}
        self._words: dict[str, str] = {}
        self._small = _SmallLetters(known, self._read)

    def __enter__(self) -> Self:
        # Taken out, so that no two comparisons have it at a time; taking and adding are one step each to all threads.
        with suppress(IndexError):
            self._begin(_spare.pop())
        return self

    def __exit__(self, *_failure: object) -> None:
        # One that has grown large is dropped: there are characters enough for it and the largest texts.
        if len(self._known) < MOST_KNOWN and len(_spare) < MOST_SPARE:
            _spare.append(self._known)
        self._begin(_Known())

    def read(self, text: str) -> Reading:
        """The tokens of a block; read once, however often it is asked for."""
        found = self._read.get(text)
        if found is None:
            heads, begin = _start_of(text)
            texts = token_pattern(text).findall(text, begin)
            tokens = list(map(self._known.__getitem__, texts))
            codes = list(map(_code_of, tokens))
            visible = list(compress(count(len(heads)), codes))
            if heads:
                texts[:0], tokens[:0] = [piece for piece, _ in heads], [token for _, token in heads]
            found = self._read[text] = Reading(texts, tokens, visible, "".join(codes))
        return found

    def words(self, text: str) -> str:
        """The words of a block alone, capitals told as small letters: a sentence that becomes an item of a list
        changes its signs and its first letter."""
        found = self._words.get(text)
        if found is None:
            found = self._words[text] = self.read(text).codes.translate(self._small)
        return found


class _Known(dict[str, Token]):
    """What is known of a token's text. A key has one character, which is never NUL: `of_word` leads from it to the keys
    that are words, `of_sign` has it if the key is that of a sign.

    One comparison hands it on to the next: most words of a text are those of the one before, and which character
    stands for a key says nothing, only whether two are equal.
    """

    def __init__(self) -> None:
        super().__init__()
        self._codes: dict[str, str] = {}
        self.of_word: dict[str, str] = {}
        self.of_sign: set[str] = set()

    def __missing__(self, text: str) -> Token:
        token = _token_of(text)
        if token.visible:
            number = len(self._codes) + 1
            free = chr(number if number < 0xD800 else number + 0x800)  # no surrogates
            code = self._codes.setdefault(token.key, free)
            if token.words:
                self.of_word[code] = token.key
            else:
                self.of_sign.add(code)
            token = token._replace(code=code)
        self[text] = token
        return token


_spare: list[_Known] = []


class _SmallLetters(dict[int, int | None]):
    """From the characters of words to those of their small letters, from all others to none; for `str.translate`."""

    def __init__(self, known: _Known, read: dict[str, Reading]) -> None:
        super().__init__()
        self._known, self._read = known, read
        self._first: dict[str, int] = {}

    def __missing__(self, code: int) -> int | None:
        key = self._known.of_word.get(chr(code))
        if key is not None and chr(code) in self._known.of_sign and not self._came_as_word(key):
            key = None
        self[code] = small = None if key is None else self._first.setdefault(key.lower(), code)
        return small

    def _came_as_word(self, key: str) -> bool:
        """Of a key that is both, as "&" is a word and "&amp;" a sign, that which this comparison read first tells:
        what other comparisons read must not matter."""
        tokens = (token for reading in self._read.values() for token in reading.tokens)
        return next(token.words > 0 for token in tokens if token.visible and token.key == key)


def _start_of(text: str) -> tuple[list[tuple[str, Token]], int]:
    """What stands before the words of a block, each piece with what is known of it, and where the words begin."""
    if text[:1] in _BEGINS_A_WORD and text[1:2].isalpha():
        return [], 0
    begin = START.match(text)
    if not begin or not begin.end():
        return [], 0
    pieces = zip(begin.groups(), _START_KINDS.values(), strict=True)
    return [(piece, _markup(kind, piece)) for piece, kind in pieces if piece], begin.end()


@lru_cache(maxsize=1 << 12)
def _markup(kind: str, text: str) -> Token:
    return Token(kind, text, 0, visible=False)


def _token_of(text: str) -> Token:
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
