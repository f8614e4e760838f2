"""How good a comparison is for a reader, told from its hunks and the two texts alone: any program can be judged so.

A hunk is what was marked: a stretch of the old text, one of the new text, or both.
"""

import re
import statistics
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Indel

Span = tuple[int, int]
LARGEST = 4e8
"""Beyond so many cells no minimal script is computed."""
MOVED_WORDS = 8
"""So many words in a row that stand elsewhere too may be a passage that moved."""
_MARKUP = frozenset("*_`|[]#>\\~-")
_LINK = re.compile(
    r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\s*\)|https?://[^\s<>()\[\]\"|]+"
)
_TOKEN = re.compile(r"\w+(?:['’]\w+)*|\s+|[^\w\s]")
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_TYPOGRAPHY = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " ", "…": "."})


@dataclass(frozen=True, slots=True)
class Marked:
    """One marked place; None where a side has nothing. `unit`: hunks of one unit stand in one paragraph or item."""

    old: Span | None
    new: Span | None
    unit: int = 0


@dataclass(slots=True)
class Figures:
    """Of one pair: counts of hunks and of what is wrong with them; `script` is how many characters are marked, `least`
    how many a minimal script of words would mark, `unavoidable` how many no comparison can leave unmarked."""

    hunks: int = 0
    split_words: int = 0
    cut_links: int = 0
    across_blocks: int = 0
    invisible: int = 0
    gaps: int = 0
    short_gaps: int = 0
    script: int = 0
    least: int = 0
    unavoidable: int = 0


def judged(hunks: Sequence[Marked], old: str, new: str) -> Figures:
    """The figures of one pair."""
    found = Figures(least=least_script(old, new), unavoidable=unavoidable_script(old, new))
    links = [[match.span() for match in _LINK.finditer(text)] for text in (old, new)]
    before: Marked | None = None
    for hunk in hunks:
        sides = [
            (text, span, spans)
            for text, span, spans in zip((old, new), (hunk.old, hunk.new), links, strict=True)
            if span
        ]
        found.hunks += 1
        found.script += sum(span[1] - span[0] for _text, span, _links in sides)
        found.split_words += any(_splits_word(text, span) for text, span, _links in sides)
        found.cut_links += any(_inside(spans, at) for _text, span, spans in sides for at in span)
        found.across_blocks += any(_crosses_a_border(text, span) for text, span, _links in sides)
        found.invisible += _visible(_at(old, hunk.old)) == _visible(_at(new, hunk.new))
        if before and before.unit == hunk.unit and before.old and hunk.old:
            between = old[before.old[1] : hunk.old[0]]
            found.gaps += 1
            found.short_gaps += len(_WORD.findall(between)) < 3 and "\n\n" not in between
        before = hunk
    return found


def summary(pairs: Sequence[Figures]) -> dict[str, float]:
    """Per cent are means of the shares of those pairs that have any; ratios are medians and 95th percentiles."""
    ratios = sorted(pair.script / pair.least for pair in pairs if pair.least)
    return {
        "split_words_percent": _share(pairs, "split_words", "hunks"),
        "cut_links_percent": _share(pairs, "cut_links", "hunks"),
        "across_blocks_percent": _share(pairs, "across_blocks", "hunks"),
        "invisible_percent": _share(pairs, "invisible", "hunks"),
        "short_gaps_percent": _share(pairs, "short_gaps", "gaps"),
        "marked_median": statistics.median(ratios) if ratios else 0.0,
        "marked_p95": quantile(ratios, 0.95),
        "marked_unavoidable_median": statistics.median(pair.unavoidable / pair.least for pair in pairs if pair.least)
        if ratios
        else 0.0,
    }


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@lru_cache(maxsize=512)
def least_script(old: str, new: str) -> int:
    """Characters deleted and inserted by a minimal script of words, blanks and signs; 0 where the texts are equal."""
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    return sum(sum(map(len, a[i1:i2])) + sum(map(len, b[j1:j2])) for i1, i2, j1, j2 in _edits(a, b))


@lru_cache(maxsize=512)
def unavoidable_script(old: str, new: str) -> int:
    """Of a minimal script, the characters that are neither markup, link target nor line end, and do not stand in a run
    of `MOVED_WORDS` words that the other text has too, anywhere: what even a comparison that takes every such run for
    moved, and joins no two edits, has to mark."""
    a, b = (_TOKEN.findall(_without_targets(text)) for text in (old, new))
    known_old, known_new = _runs(a), _runs(b)
    free_old, free_new = _covered(a, known_new), _covered(b, known_old)
    return sum(
        sum(len(a[i]) for i in range(i1, i2) if _counts(a[i]) and i not in free_old)
        + sum(len(b[j]) for j in range(j1, j2) if _counts(b[j]) and j not in free_new)
        for i1, i2, j1, j2 in _edits(a, b)
    )


def _edits(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Where two sequences of tokens differ, by a minimal script; none where they are too large for one."""
    first = next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest = min(len(a), len(b)) - first
    last = next(
        (at for at, (x, y) in enumerate(zip(reversed(a), reversed(b), strict=False)) if x != y or at == rest), rest
    )
    a, b = a[first : len(a) - last], b[first : len(b) - last]
    if len(a) * len(b) > LARGEST:
        return []
    return [
        (first + code.src_start, first + code.src_end, first + code.dest_start, first + code.dest_end)
        for code in Indel.opcodes(a, b)
        if code.tag != "equal"
    ]


def _without_targets(text: str) -> str:
    return re.sub(r"<[^<>\n]{1,500}>", " ", _LINK.sub("]", text)).translate(_TYPOGRAPHY)


def _counts(token: str) -> bool:
    return token not in _MARKUP and "\n" not in token


def _word_places(tokens: Sequence[str]) -> list[int]:
    return [at for at, token in enumerate(tokens) if _is_word(token[0])]


def _runs(tokens: Sequence[str]) -> set[tuple[str, ...]]:
    words = [tokens[at] for at in _word_places(tokens)]
    return {tuple(words[at : at + MOVED_WORDS]) for at in range(len(words) - MOVED_WORDS + 1)}


def _covered(tokens: Sequence[str], runs: set[tuple[str, ...]]) -> set[int]:
    """The tokens that stand in a run of words which is among `runs`, with what stands between these words."""
    places = _word_places(tokens)
    covered: set[int] = set()
    for at in range(len(places) - MOVED_WORDS + 1):
        if tuple(tokens[place] for place in places[at : at + MOVED_WORDS]) in runs:
            covered.update(range(places[at], places[at + MOVED_WORDS - 1] + 1))
    return covered


def _share(pairs: Sequence[Figures], part: str, whole: str) -> float:
    shares = [getattr(pair, part) / getattr(pair, whole) for pair in pairs if getattr(pair, whole)]
    return 100 * statistics.fmean(shares) if shares else 0.0


def _splits_word(text: str, span: Span) -> bool:
    return any(0 < at < len(text) and _is_word(text[at - 1]) and _is_word(text[at]) for at in span)


def _crosses_a_border(text: str, span: Span) -> bool:
    """Whether a blank line stands in the midst of it, but for those of fenced code, which is one block."""
    in_code = text.count("\n```", 0, span[0] + 3) % 2
    return not in_code and "\n\n" in text[slice(*span)].strip("\n")


def _is_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_" or unicodedata.category(sign).startswith("M")


def _inside(spans: Sequence[Span], at: int) -> bool:
    place = bisect_right(spans, at, key=lambda span: span[0]) - 1
    return place >= 0 and spans[place][0] < at < spans[place][1]


def _visible(text: str) -> str:
    """The words a reader sees, without markup, targets, list markers, blanks and typography."""
    text = re.sub(r"<[^<>\n]{1,500}>", " ", _LINK.sub("]", text)).translate(_TYPOGRAPHY)
    text = re.sub(r"(?m)^\s*(?:[-*+]|\d{1,3}[.)])(?=\s|$)", " ", text)
    return " ".join(re.sub(r"[\\*_`~|\[\]#>]|:?-{3,}:?", " ", text).split())


def _at(text: str, span: Span | None) -> str:
    return text[span[0] : span[1]] if span else ""
