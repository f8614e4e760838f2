"""The Markdown of one change's blocks, with its words marked: as it reads now, as it read before, or both at once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from portal.rules.changes import Change, Document
from portal.rules.changes.classes import WEIGHT
from portal.rules.changes.reading import Lexicon
from portal.rules.changes.result import Hunk
from portal.web.redline.passages import Passage
from portal.web.redline.signs import DEL, INS, neutral
from portal.web.redline.source import HIDDEN, Marked, removed

SPOKEN = frozenset({"text", "punctuation"})
"""Classes of hunks whose words are marked on pages; the others are told beside the text."""
ALL = frozenset(WEIGHT)
"""Classes whose words are marked where every character counts."""
_LABEL = re.compile(r"^[ \t]*\[([^\]\n]+)\]:", re.MULTILINE)
_DELIMITER = re.compile(r"[\s>|:-]*-[\s|:-]*\Z")


class Edit(NamedTuple):
    """A hunk, and where in the new text its removed words stood."""

    hunk: Hunk
    at: int


@dataclass(frozen=True)
class Text:
    """A document as the pages mark it. `text` has no signs of its own, and every place is as in the document."""

    document: Document
    lexicon: Lexicon

    @cached_property
    def text(self) -> str:
        return neutral(self.document.text)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        return tuple(_LABEL.findall(self.text))

    @cached_property
    def definitions(self) -> str:
        """The link definitions, which a piece of the text needs to be rendered."""
        blocks = self.document.blocks
        found = [self.text[one.start : one.end].strip() for one in blocks if one.kind == "definition"]
        return "\n\n" + "\n".join(found) if found else ""

    def content(self, index: int) -> str:
        block = self.document.blocks[index]
        return self.text[block.start : block.end]

    def marked(self, index: int) -> Marked:
        return Marked(self.content(index), self.document.blocks[index].kind, self.lexicon, self.labels)

    def is_delimiter(self, index: int) -> bool:
        """Whether this is the line of dashes under a table's head."""
        blocks = self.document.blocks
        return (
            0 < index < len(blocks)
            and blocks[index].kind == blocks[index - 1].kind == "row"
            and _DELIMITER.match(self.content(index)) is not None
        )


def edits_of(change: Change) -> Iterator[Edit]:
    """The hunks in order, each with its place in the new text, told by what was kept before it."""
    before, at = (change.old or (0, 0))[0], (change.new or (0, 0))[0]
    for hunk in change.hunks:
        kept = hunk.old[0] - before if hunk.old else hunk.new[0] - at if hunk.new else 0
        before, at = before + kept, at + kept
        yield Edit(hunk, at)
        before = hunk.old[1] if hunk.old else before
        at = hunk.new[1] if hunk.new else at


def side(
    text: Text, blocks: tuple[int, ...], change: Change | None, *, deleted: bool, classes: frozenset[str] = SPOKEN
) -> list[Marked]:
    """The blocks of one side, its own words marked."""
    found = [text.marked(index) for index in blocks]
    for hunk in change.hunks if change else ():
        span = hunk.old if deleted else hunk.new
        if span and hunk.cls in classes:
            for index, block in zip(blocks, found, strict=True):
                start = text.document.blocks[index].start
                first, last = max(span[0] - start, 0), min(span[1] - start, len(block.text))
                if first < last:
                    block.mark((first, last), DEL if deleted else INS)
    return found


def whole_side(text: Text, blocks: tuple[int, ...], *, deleted: bool) -> list[Marked]:
    """The blocks of one side, every word marked."""
    found = [text.marked(index) for index in blocks]
    for block in found:
        block.mark((0, len(block.text)), DEL if deleted else INS)
    return found


def both(old: Text, new: Text, passage: Passage, change: Change, classes: frozenset[str] = SPOKEN) -> list[Marked]:
    """The blocks of the new side, with the removed words where they stood."""
    found = side(new, passage.news, change, deleted=False, classes=classes)
    for hunk, at in edits_of(change):
        if hunk.old and hunk.cls in classes:
            place = _block_at(new, passage.news, at)
            words = _words(old, passage.olds, hunk.old)
            raw = found[place].kind == "code"
            text = DEL.begin + words + DEL.end if raw and words.strip() else removed(words)
            found[place].put(at - new.document.blocks[passage.news[place]].start, text)
    return found


def reads_otherwise(old: Text, new: Text, passage: Passage) -> bool:
    """Whether the words of one side have no place in the other: a rule or a comment has none, and code shows of the
    same source what Markdown hides."""
    return _ways(old, passage.olds) != _ways(new, passage.news)


def _ways(text: Text, blocks: tuple[int, ...]) -> set[str]:
    kinds = [text.document.blocks[index].kind for index in blocks]
    return {"hidden" if kind in HIDDEN else kind if kind == "code" else "words" for kind in kinds}


def _words(old: Text, olds: tuple[int, ...], span: tuple[int, int]) -> str:
    """The words of a stretch, which may reach over several blocks; a blank parts them from those of another block."""
    found: list[str] = []
    for index in olds:
        block = old.document.blocks[index]
        start, end = max(span[0], block.start), min(span[1], block.end)
        if start < end:
            if start == block.start and index != olds[0] and not found:
                found.append("")
            found.append(old.marked(index).words((start - block.start, end - block.start)))
    return " ".join(found)


def _block_at(new: Text, news: tuple[int, ...], at: int) -> int:
    """Which of the blocks a place belongs to: the last that begins before it."""
    starts = [new.document.blocks[index].start for index in news]
    return max((place for place, start in enumerate(starts) if start <= at), default=0)
