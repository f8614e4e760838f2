"""The whole new text as one Markdown source, with what was removed at its old place."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.rules.changes import Change, Section
from portal.rules.changes.blocks import Block
from portal.web.redline.passages import MOVES, Passage
from portal.web.redline.pieces import blank_head
from portal.web.redline.signs import anchor, gone
from portal.web.redline.source import HIDDEN, Marked, marker
from portal.web.redline.unit import ALL, SPOKEN, Text, both, reads_otherwise, side, whole_side

_BESIDE = ("item", "row")


@dataclass(frozen=True, slots=True)
class Merged:
    """`source` has the signs of `signs`; `headings` names the section that begins on a line, counted from 0."""

    source: str
    headings: dict[int, Section]


def merged(
    old: Text, new: Text, passages: Sequence[Passage], changes: Sequence[Change], *, exact: bool = False
) -> Merged:
    """One source; numbers in its signs are places in `changes`.

    `exact`: without what is marked as added it reads as the old text, so words of every class are marked, and a move
    is a removal and an addition.
    """
    writer = _Writer(old, new, exact=exact)
    for passage in passages:
        writer.add(passage, changes[passage.number] if passage.number is not None else None)
    return Merged("".join(writer.parts), writer.headings)


class _Writer:
    def __init__(self, old: Text, new: Text, *, exact: bool) -> None:
        self.old, self.new, self.exact = old, new, exact
        self.classes = ALL if exact else SPOKEN
        self.parts: list[str] = []
        self.headings: dict[int, Section] = {}
        self.lines = 0
        self.behind: tuple[str, int | None] = ("", None)
        """The kind of the block written last, and its index if it is of the new text."""
        self.by_block = {section.block: section for section in new.document.sections}

    def add(self, passage: Passage, change: Change | None) -> None:
        if passage.left and not self.exact:
            self._left(passage)
        elif not passage.news:
            self._removed(passage, change)
        elif passage.olds and reads_otherwise(self.old, self.new, passage):
            self._write_removed(passage.olds, whole_side(self.old, passage.olds, deleted=True))
            self._write_new(passage.news, whole_side(self.new, passage.news, deleted=False), passage.number)
        else:
            self._write_new(passage.news, self._marked_new(passage, change), passage.number)

    def _marked_new(self, passage: Passage, change: Change | None) -> list[Marked]:
        if change is None:
            return side(self.new, passage.news, None, deleted=False)
        if self.exact and change.kind in MOVES:
            return whole_side(self.new, passage.news, deleted=False)
        if passage.olds and change.kind != "move":
            return both(self.old, self.new, passage, change, self.classes)
        return side(self.new, passage.news, change, deleted=False, classes=self.classes)

    def _write_new(self, blocks: tuple[int, ...], marked: list[Marked], number: int | None) -> None:
        for place, (index, block) in enumerate(zip(blocks, marked, strict=True)):
            if number is not None and place == 0:
                self._anchor(self.new.document.blocks[index], block, number)
            if block.kind == "meta":
                continue
            self._write(block.text if block.kind in HIDDEN else block.source(), block.kind, index)

    def _removed(self, passage: Passage, change: Change | None) -> None:
        marked = (
            whole_side(self.old, passage.olds, deleted=True)
            if passage.left
            else side(self.old, passage.olds, change, deleted=True, classes=self.classes)
        )
        self._write_removed(passage.olds, marked, None if passage.left else passage.number)

    def _write_removed(self, blocks: tuple[int, ...], marked: list[Marked], number: int | None = None) -> None:
        for place, (index, block) in enumerate(zip(blocks, marked, strict=True)):
            if place == 0 and number is not None:
                self._anchor(self.old.document.blocks[index], block, number)
            if block.kind in HIDDEN or (self.old.is_delimiter(index) and self.behind[0] == "row"):
                continue
            self._write(self._beside(block, block.source(), index), block.kind, None)

    def _left(self, passage: Passage) -> None:
        index, number = passage.olds[0], passage.number or 0
        block, text = self.old.document.blocks[index], self.old.content(index)
        kind = block.kind if block.kind in _BESIDE and self.behind[0] == block.kind else "paragraph"
        begin = marker(block, text) if kind in _BESIDE else ""
        self._write(begin + gone(number) + (" |" if kind == "row" else ""), kind, None)

    def _anchor(self, block: Block, marked: Marked, number: int) -> None:
        """In the block; before it, where it has no words."""
        if block.kind in HIDDEN or block.kind == "code" or _is_delimiter(marked):
            kind = "row" if self.behind[0] == "row" and block.kind == "row" else "paragraph"
            self._write(f"| {anchor(number)} |" if kind == "row" else anchor(number), kind, None)
        else:
            marked.put(marked.first, anchor(number), order=-2)

    def _beside(self, marked: Marked, source: str, index: int) -> str:
        """A removed block's source, so that it stands alone where its neighbours do not carry it."""
        if marked.kind == self.behind[0]:
            return source
        if marked.kind == "row" and not self.old.is_delimiter(index + 1):
            return blank_head(marked.text) + source.strip()
        return source.lstrip(" ") if marked.kind == "item" else source

    def _write(self, source: str, kind: str, index: int | None) -> None:
        between = self._between(kind, index)
        self.lines += between.count("\n")
        if index is not None and index in self.by_block:
            blank = len(source) - len(source.lstrip("\n"))
            self.headings[self.lines + blank] = self.by_block[index]
        self.parts += [between, source]
        self.lines += source.count("\n")
        self.behind = (kind, index)

    def _between(self, kind: str, index: int | None) -> str:
        last, behind = self.behind
        if not self.parts:
            return ""
        blocks = self.new.document.blocks
        if index is not None and behind is not None and index == behind + 1:
            return self.new.text[blocks[behind].end : blocks[index].start] or "\n"
        heads = index is not None and self.new.is_delimiter(index + 1)
        return "\n" if kind == last and kind in _BESIDE and not heads else "\n\n"


def _is_delimiter(marked: Marked) -> bool:
    return marked.kind == "row" and not any(token.words for token in marked.tokens)
