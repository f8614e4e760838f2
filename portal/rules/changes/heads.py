"""Headings that were replaced by others over text that was kept: the content tells that the section is the same one."""

from collections import Counter
from itertools import pairwise

from portal.rules.changes.alignment import Alignment
from portal.rules.changes.document import Document

Extent = tuple[int, int]
"""The blocks directly below a heading, up to the next one, as ``[first, last)``."""


def join_heads(state: Alignment) -> None:
    """Join headings without a partner where more than half of what stands below either of them is the same text."""
    if not any(state.old.blocks[i].level for i in state.free_olds()):
        return
    olds = [extent for extent in _extents(state.old) if state.partner[extent[0] - 1] < 0]
    news = [extent for extent in _extents(state.new) if state.origin[extent[0] - 1] < 0] if olds else []
    if not olds or not news:
        return
    below = {at: extent for extent in olds for at in range(*extent)}
    for first, last in news:
        votes: Counter[Extent] = Counter()
        for j in range(first, last):
            found = below.get(state.origin[j])
            if found:
                votes[found] += _chars(state.new, j, j + 1)
        for extent, chars in votes.most_common(1):
            i = extent[0] - 1
            largest = max(_chars(state.old, *extent), _chars(state.new, first, last))
            if state.partner[i] < 0 and 2 * chars > largest:
                state.join(i, first - 1)


def _extents(document: Document) -> list[Extent]:
    heads = [section.block for section in document.sections]
    return [(head + 1, behind) for head, behind in pairwise([*heads, len(document.blocks)]) if behind > head + 1]


def _chars(document: Document, first: int, last: int) -> int:
    return sum(block.end - block.start for block in document.blocks[first:last])
