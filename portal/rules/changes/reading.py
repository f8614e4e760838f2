"""Reading the blocks of a comparison: their tokens, and one character for each distinct key."""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, count
from typing import Self

from portal.rules.changes.known import Known
from portal.rules.changes.patterns import START, token_pattern
from portal.rules.changes.tokens import FORMAT, NUMBER, SPACE, Token

_START_KINDS = {"indent": SPACE, "bullet": FORMAT, "item": NUMBER, "hashes": FORMAT, "gap": FORMAT, "clause": NUMBER}
_BEGINS_A_WORD = frozenset("abdefghjkmnopqrstuwyzABDEFGHJKMNOPQRSTUWYZ")
"""A letter before another letter; those of Roman numerals are left out."""
MOST_KNOWN = 1 << 15
"""From so many texts of tokens on, what is known of them is not handed on to the next comparison."""
MOST_SPARE = 4
"""What so many comparisons at a time knew of words is kept for the next ones."""
_spare: list[Known] = []


@dataclass(slots=True)
class Reading:
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
        self._begin(Known())

    def _begin(self, known: Known) -> None:
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
        self._begin(Known())

    def read(self, text: str) -> Reading:
        """The tokens of a block; read once, however often it is asked for."""
        found = self._read.get(text)
        if found is None:
            found = self._read[text] = self._reading(text)
        return found

    def _reading(self, text: str) -> Reading:
        heads, begin = _start_of(text)
        texts = token_pattern(text).findall(text, begin)
        tokens = list(map(self._known.__getitem__, texts))
        if heads:
            texts[:0], tokens[:0] = [piece for piece, _ in heads], [token for _, token in heads]
        codes = [token.code for token in tokens]
        return Reading(texts, tokens, list(compress(count(), codes)), "".join(codes))

    def words(self, text: str) -> str:
        """The words of a block alone, capitals told as small letters: a sentence that becomes an item of a list
        changes its signs and its first letter."""
        found = self._words.get(text)
        if found is None:
            found = self._words[text] = self.read(text).codes.translate(self._small)
        return found


class _SmallLetters(dict[int, int | None]):
    """From the characters of words to those of their small letters, from all others to none; for `str.translate`."""

    def __init__(self, known: Known, read: dict[str, Reading]) -> None:
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
