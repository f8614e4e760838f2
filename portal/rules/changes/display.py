"""A change as a page shows it: the words of its unit, in order, each kept, deleted or inserted."""

from bisect import bisect_left, bisect_right
from typing import Literal, NamedTuple

from portal.rules.changes.blocks import Block
from portal.rules.changes.document import Document
from portal.rules.changes.result import Change, Span

Operation = Literal["equal", "delete", "insert"]


class Segment(NamedTuple):
    """A stretch of Markdown text; `cls` is the class of the hunk it belongs to, empty for what was kept."""

    op: Operation
    text: str
    cls: str


def marked(change: Change, old_text: str, new_text: str) -> tuple[Segment, ...]:
    """The unit's text: the kept words as the new text spells them, the deleted ones before the inserted ones.

    Joining what is not deleted gives ``new_text`` at the change's span; a pure move has one equal segment.
    """
    if change.new is None:
        start, end = change.old or (0, 0)
        return (Segment("delete", old_text[start:end], change.cls),)
    segments: list[Segment] = []
    before, at = (change.old or (0, 0))[0], change.new[0]
    for hunk in change.hunks:
        kept = (hunk.old[0] - before) if hunk.old else (hunk.new[0] - at if hunk.new else 0)
        _append(segments, "equal", new_text[at : at + kept], "")
        before, at = before + kept, at + kept
        if hunk.old:
            _append(segments, "delete", old_text[hunk.old[0] : hunk.old[1]], hunk.cls)
            before = hunk.old[1]
        if hunk.new:
            _append(segments, "insert", new_text[hunk.new[0] : hunk.new[1]], hunk.cls)
            at = hunk.new[1]
    _append(segments, "equal", new_text[at : change.new[1]], "")
    return tuple(segments)


def _append(segments: list[Segment], op: Operation, text: str, cls: str) -> None:
    if text:
        segments.append(Segment(op, text, cls))


def blocks_at(document: Document, span: Span) -> tuple[Block, ...]:
    """The blocks that a span touches: their `kind` and `level` say how to render it (heading, item, row, code …)."""
    first = bisect_right(document.blocks, span[0], key=lambda block: block.start) - 1
    last = bisect_left(document.blocks, max(span[1], span[0] + 1), key=lambda block: block.start)
    return document.blocks[max(first, 0) : last]
