"""One block's Markdown with signs around its changed words, placed so that it still means the same."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from portal.rules.changes.blocks import Block
from portal.rules.changes.patterns import START
from portal.rules.changes.reading import Lexicon
from portal.rules.changes.result import Span
from portal.rules.changes.tokens import ADDRESS, NUMBER, PUNCTUATION, SPACE, WORD, Token
from portal.web.redline.signs import DEL, Pair

_CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]:?")
_ROW_START = re.compile(r"[\s>]*\|?[ \t]*")
_ROW_END = re.compile(r"[ \t]*\|?\s*\Z")
_HEADING_END = re.compile(r"(?:\n[=-]+|[ \t]+#+)?\s*\Z")
_FENCE = re.compile(r"[\s>]*(?:[-*+]\s+|\d{1,9}[.)]\s+)?(?:`{3,}|~{3,})[^\n]*\n?")
_OPEN_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_FENCE_END = re.compile(r"\n[\s>]*(?:`{3,}|~{3,})\s*\Z|\Z")
_OPENING = re.compile(r"[_*]+(?=[^\s_*])")
_SIGNS = re.compile(r"([!-/:-@\[-`{-~])")
_WORDS = frozenset({WORD, PUNCTUATION, ADDRESS, NUMBER})
HIDDEN = frozenset({"meta", "definition", "rule"})
"""Kinds of blocks that have no words on the page."""


class Marked:
    """A block's source, to which signs are added. Places are those of the block's own text, from 0."""

    def __init__(self, text: str, kind: str, lexicon: Lexicon, labels: Iterable[str] = ()) -> None:
        self.text, self.kind = text, kind
        reading = lexicon.read(text)
        self.texts, self.tokens = reading.texts, reading.tokens
        self.starts = list(accumulate(map(len, self.texts), initial=0))
        self.first, self.last = _limits(text, kind)
        self.whole = [] if kind == "code" else _whole(text, labels)
        self.code = [] if kind == "code" else [m.span() for m in _CODE.finditer(text)]
        self.added: list[tuple[int, int, str]] = []

    def mark(self, span: Span, pair: Pair) -> None:
        """Put signs around the words of a stretch; markup within stays outside of them."""
        runs = self._runs(*span)
        for number, (start, end) in enumerate(runs):
            self._add(start, 1, pair.begin if number == 0 else pair.on)
            self._add(end, -1, pair.end if number == len(runs) - 1 else pair.off)

    def put(self, at: int, text: str, order: int = 0) -> None:
        """Write something into the source: not into a marker, a code span or a mark that stands for itself."""
        if at > self.last:  # the blank that parts it from the words before stands behind
            text = f" {text}"
        at = min(max(at, self.first), self.last)
        for start, end in (*self.code, *self.whole):
            if start < at < end:
                at = start if at - start < end - at else end
        opening = _OPENING.match(self.text, at)
        if opening and not self.text[at - 1 : at].isalnum():
            at = min(opening.end(), self.last)
        if at == self.first and self.kind in ("heading", "item") and self.text[at - 1 : at] in tuple("#.)-+"):
            text = f" {text}"  # a marker without words behind it
        self._add(at, order, text)

    def source(self) -> str:
        """The text with the signs in it. A fence that nothing closes is closed, whatever follows it here."""
        found, done = [], 0
        for at, _order, text in sorted(self.added, key=lambda one: one[:2]):
            found += [self.text[done:at], text]
            done = at
        return "".join([*found, self.text[done:], self._closing()])

    def _closing(self) -> str:
        fence = _OPEN_FENCE.match(self.text) if self.kind == "code" else None
        return "" if fence is None or self.last < len(self.text) else f"\n{fence[1]}"

    def words(self, span: Span) -> str:
        """The words of a stretch as they can stand in other Markdown: without markup, all signs escaped."""
        first, last = self._tokens(*span)
        found = []
        for text, token in zip(self.texts[first:last], self.tokens[first:last], strict=True):
            if self.kind == "code":
                found.append(text)
            elif _reads(text, token):
                first, last = _bare(text, 0, len(text))
                found.append(text if text[0] in "\\&" and len(text) > 1 else _SIGNS.sub(r"\\\1", text[first:last]))
            elif not text.strip() or text == "|":
                found.append(" ")
        return "".join(found)

    def _add(self, at: int, order: int, text: str) -> None:
        self.added.append((at, order, text))

    def _tokens(self, start: int, end: int) -> tuple[int, int]:
        return bisect_right(self.starts, start) - 1, bisect_right(self.starts, max(end - 1, start))

    def _runs(self, start: int, end: int) -> list[tuple[int, int]]:
        """The stretches of words, from a word to a word, within the block's limits."""
        found: list[tuple[int, int]] = []
        joins = False
        first, last = self._tokens(start, end)
        for at in range(first, min(last, len(self.tokens))):
            begin, stop = self.starts[at], self.starts[at + 1]
            whole = next((one for one in self.whole if one[0] <= begin < one[1]), None)
            if self._reads(at) and begin >= self.first and stop <= self.last:
                begin, stop = whole or _bare(self.texts[at], begin, stop)
                if found and (joins or found[-1][1] >= begin):
                    found[-1] = (found[-1][0], max(stop, found[-1][1]))
                else:
                    found.append((begin, stop))
                joins = True
            elif self.tokens[at].kind != SPACE and not whole:
                joins = False
        return found

    def _reads(self, at: int) -> bool:
        """Whether a token is read on the page: in code all of them are."""
        token = self.tokens[at]
        return token.kind != SPACE if self.kind == "code" else _reads(self.texts[at], token)


def _reads(text: str, token: Token) -> bool:
    """Whether a token is read on the page; HTML is shown as it is written."""
    return token.kind in _WORDS or text[0] == "<"


def _bare(text: str, begin: int, stop: int) -> Span:
    """Where a word stands within the underscores around it, which may be emphasis."""
    return (
        (begin + len(text) - len(text.lstrip("_")), stop - len(text) + len(text.rstrip("_")))
        if text.strip("_")
        else (begin, stop)
    )


def removed(words: str) -> str:
    """Removed words with their signs; the blanks around them stay outside."""
    inner = words.strip()
    if not inner:
        return ""
    start = words.index(inner[0])
    return " " * (start > 0) + DEL.begin + inner + DEL.end + " " * (words[-1].isspace())


def marker(block: Block, text: str) -> str:
    """What begins a block of this kind: its indent and list marker, or a cell's border."""
    if block.kind == "row":
        return "| "
    found = START.match(text)
    if found and found["hashes"]:
        return text[: found.start("hashes")]
    return text[: _begin(text)]


def _limits(text: str, kind: str) -> Span:
    """Where a block's words may begin and end."""
    if kind == "row":
        first, last = _matched_end(_ROW_START, text), _matched_start(_ROW_END, text)
    elif kind == "code":
        opening = _FENCE.match(text)
        first = opening.end() if opening else len(text) - len(text.lstrip())
        # A fence that nothing closes ends with the text: its last line is code as well.
        last = max(_matched_start(_FENCE_END, text), first) if opening else len(text)
    else:
        first = _begin(text)
        last = _matched_start(_HEADING_END, text) if kind == "heading" else len(text.rstrip())
    return first, max(first, last)


def _begin(text: str) -> int:
    """Behind the markers of a block, the blanks after them and an opening emphasis, before the clause number."""
    found = START.match(text)
    end = found.end("gap") if found else 0
    return end + len(text[end:]) - len(text[end:].lstrip()) if text[end:].strip() else end


def _matched_end(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return found.end() if found else 0


def _matched_start(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return found.start() if found else len(text)


def _whole(text: str, labels: Iterable[str]) -> list[Span]:
    """Marks that mean something only as they are: a footnote's number, a link by its own words."""
    found = [m.span() for m in _FOOTNOTE.finditer(text)]
    for label in labels:
        found += [m.span() for m in re.finditer(re.escape(f"[{label}]") + r"(?![\[(:])", text)]
    return found
