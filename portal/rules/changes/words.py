"""The words inside a unit: which were deleted, which inserted, and what changed besides words."""

from dataclasses import dataclass, field

from portal.rules.changes.bounds import MAX_BLOCK_CHARS, MAX_TOKEN_CELLS
from portal.rules.changes.classes import class_of, flags_of, words_of
from portal.rules.changes.edits import Edit, glued, script, sentence_edits, slid
from portal.rules.changes.reading import Reading
from portal.rules.changes.result import Hunk
from portal.rules.changes.side import Side

Part = tuple[int, int, int, int]
"""Tokens ``[o1, o2)`` of the old side and ``[n1, n2)`` of the new one, as ``(o1, o2, n1, n2)``."""


@dataclass(slots=True)
class WordDiff:
    """What changed inside a unit, in order.

    `script`: the edits before those near each other were joined. `regions`: the places ``(old start, old end, new
    start, new end)`` of all that differs, for the delta. `degraded`: too large, compared by whole sentences.
    """

    edits: list[Edit]
    script: list[Edit]
    degraded: bool = False
    hunks: list[Hunk] = field(default_factory=list)
    regions: list[tuple[int, int, int, int]] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)

    @property
    def changed_chars(self) -> int:
        return sum(o2 - o1 + n2 - n1 for o1, o2, n1, n2 in self.regions)


def compare_words(old: Side, new: Side) -> WordDiff:
    """The differences of a unit that has both sides."""
    cells = len(old.codes) * len(new.codes)
    if cells > MAX_TOKEN_CELLS or max(old.chars, new.chars) > MAX_BLOCK_CHARS:
        edits = sentence_edits(old, new)
        diff = WordDiff(edits, edits, degraded=True)
    else:
        edits = slid(old, new, script(old.codes, new.codes))
        diff = WordDiff(glued(old, new, edits), edits)
    _Hunks(old, new, diff).write()
    return diff


def one_sided(side: Side, *, deleted: bool) -> WordDiff:
    """The hunks of a unit that has no other side."""
    diff = WordDiff([], [])
    if deleted:
        _Hunks(side, _NOTHING, diff).add((0, len(side.texts), 0, 0))
    else:
        _Hunks(_NOTHING, side, diff).add((0, 0, 0, len(side.texts)))
    return diff


_NOTHING = Side(0, 0, Reading([], [], [], ""))


class _Hunks:
    def __init__(self, old: Side, new: Side, diff: WordDiff) -> None:
        self.old, self.new, self.diff = old, new, diff

    def write(self) -> None:
        i = j = 0
        for i1, i2, j1, j2 in self.diff.edits:
            self._equal_run(i, i1, j)
            self._region(i1, i2, j1, j2)
            i, j = i2, j2
        self._equal_run(i, len(self.old.codes), j)

    def _equal_run(self, i: int, last: int, j: int) -> None:
        """Tokens that match by key may still differ in their text, and so may the markup around them."""
        size, last_new = last - i, j + last - i
        if i == j == 0 and (size or not (self.old.codes or self.new.codes)):
            self._region(0, 0, 0, 0)
        if not size:
            return
        self._respelled(i, j, size)
        if last == len(self.old.codes) and last_new == len(self.new.codes):
            self._region(last, last, last_new, last_new)

    def _respelled(self, i: int, j: int, size: int) -> None:
        """What differs from the first to the last of tokens that match; by halves, as most of them are equal."""
        old, new = self.old, self.new
        o1, o2 = old.visible[i], old.visible[i + size - 1] + 1
        n1, n2 = new.visible[j], new.visible[j + size - 1] + 1
        if old.texts[o1:o2] == new.texts[n1:n2]:
            return
        if size == 1:
            self._cut((o1, o2, n1, n2))
            return
        half = size // 2
        self._respelled(i, j, half)
        self._region(i + half, i + half, j + half, j + half)
        self._respelled(i + half, j + half, size - half)

    def _region(self, i1: int, i2: int, j1: int, j2: int) -> None:
        """All tokens between the visible ones that match left and right, less what is equal at the ends."""
        old, new = self.old.texts, self.new.texts
        o1, o2 = self.old.between(i1, i2)
        n1, n2 = self.new.between(j1, j2)
        if old[o1:o2] == new[n1:n2]:
            return
        while o1 < o2 and n1 < n2 and old[o1] == new[n1]:
            o1, n1 = o1 + 1, n1 + 1
        while o1 < o2 and n1 < n2 and old[o2 - 1] == new[n2 - 1]:
            o2, n2 = o2 - 1, n2 - 1
        if o1 < o2 and n1 < n2 and self.old.has_link(o1, o2) and self.new.has_link(n1, n2):
            for part in self._without_links((o1, o2, n1, n2)):
                self._cut(part)
        elif o1 < o2 or n1 < n2:
            self._cut((o1, o2, n1, n2))

    def _without_links(self, part: Part) -> list[Part]:
        """Part the links that end, or begin, a stretch on both sides from its words: small hunks, not a large one."""
        o1, o2, n1, n2 = part
        if o1 == o2 or n1 == n2:
            return [part] if o1 < o2 or n1 < n2 else []
        old, new = self.old, self.new
        if not old.has_link(o1, o2) or not new.has_link(n1, n2):
            return [part]
        tail_old, tail_new = old.last_visible(o1, o2) + 1, new.last_visible(n1, n2) + 1
        if tail_old == o1 and tail_new == n1:
            return [part]
        if old.has_link(tail_old, o2) and new.has_link(tail_new, n2):
            return [*self._without_links((o1, tail_old, n1, tail_new)), (tail_old, o2, tail_new, n2)]
        head_old, head_new = old.first_visible(o1, o2), new.first_visible(n1, n2)
        if old.has_link(o1, head_old) and new.has_link(n1, head_new):
            return [(o1, head_old, n1, head_new), (head_old, o2, head_new, n2)]
        return [part]

    def _cut(self, part: Part) -> None:
        """A hunk does not cross from one block into the next: cut it there, the longest piece keeps the other side."""
        o1, o2, n1, n2 = part
        old, new = self.old, self.new
        self.diff.regions.append((*old.place(o1, o2), *new.place(n1, n2)))
        if not old.breaks and not new.breaks:
            self.add(part)
            return
        olds = pieces_of(o1, o2, [at for at in old.breaks if o1 <= at < o2])
        news = pieces_of(n1, n2, [at for at in new.breaks if n1 <= at < n2])
        main_old, main_new = (
            _main(olds, beside_space=new.only_space(n1, n2)),
            _main(news, beside_space=old.only_space(o1, o2)),
        )
        for piece in [piece for piece in olds if piece < main_old]:
            self.add((*piece, main_new[0], main_new[0]))
        for piece in news:
            at = main_old[piece > main_new]
            self.add((*(main_old if piece == main_new else (at, at)), *piece))
        for piece in [piece for piece in olds if piece > main_old]:
            self.add((*piece, main_new[1], main_new[1]))

    def add(self, part: Part) -> None:
        """One hunk, or more where link targets stand among the words: a hunk is of one class, and they are minor."""
        o1, o2, n1, n2 = part
        links_old, links_new = self.old.long_links(o1, o2), self.new.long_links(n1, n2)
        if not links_old and not links_new:
            self._add(part)
            return
        olds, news = pieces_of(o1, o2, links_old), pieces_of(n1, n2, links_new)
        if len(olds) == len(news):
            for before, after in zip(olds, news, strict=True):
                self._add((*before, *after))
            return
        for before in olds:
            self._add((*before, n1, n1))
        for after in news:
            self._add((o2, o2, *after))

    def _add(self, part: Part) -> None:
        o1, o2, n1, n2 = part
        old, new = self.old, self.new
        before, after = old.texts[o1:o2], new.texts[n1:n2]
        if before == after:
            return
        tokens_old, tokens_new = old.tokens[o1:o2], new.tokens[n1:n2]
        words_old, words_new = words_of(tokens_old), words_of(tokens_new)
        if words_old != words_new:
            cls = "text"
            self.diff.flags |= flags_of(words_old, words_new)
        else:
            cls = class_of(before, tokens_old, after, tokens_new)
        self.diff.hunks.append(
            Hunk(old.place(o1, o2) if o1 < o2 else None, new.place(n1, n2) if n1 < n2 else None, cls)
        )


def pieces_of(first: int, last: int, cuts: list[int]) -> list[tuple[int, int]]:
    """The ranges between the cut tokens, and these as ranges of their own."""
    found = []
    for at in cuts:
        found += [(first, at), (at, at + 1)]
        first = at + 1
    return [*found, (first, last)]


def _main(pieces: list[tuple[int, int]], *, beside_space: bool) -> tuple[int, int]:
    """The piece that the other side belongs to: the longest, a border only where the other side is just a space."""
    return max(pieces[1::2] if beside_space and len(pieces) > 1 else pieces[::2], key=_length)


def _length(piece: tuple[int, int]) -> int:
    return piece[1] - piece[0]
