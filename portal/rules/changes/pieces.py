"""Splits and merges: one block on one side whose words stand in several blocks in a row on the other.

Both are the same search, for a *whole* and its *pieces*; for a merge the old text is the side of the pieces.
"""

from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import Indel, LCSseq
from rapidfuzz.process import cdist

from portal.rules.changes.alignment import Alignment
from portal.rules.changes.bounds import MAX_GAP_CELLS, MAX_TOKEN_CELLS

CONTAINED = 0.6
"""A block is a piece of a whole where this share of its words is found there, in order, unused by other pieces."""
COVERED = 0.5
"""Blocks that none of the whole was matched with are its pieces where together they hold this share of its words."""
SHORT = 6
Parts = tuple[int, ...]


class _Search:
    """`partner` leads from wholes to their first piece, `origin` from pieces to wholes; -1 for none."""

    def __init__(self, state: Alignment, *, merges: bool) -> None:
        self.codes, self.words = state.codes, state.words
        self.wholes, self.parts = state.a, state.b
        self.partner, self.origin = state.partner, state.origin
        self.found, self.taken = state.splits, state.merges
        self.whole_places, self.free = state.free_olds(), state.free_news()
        if merges:
            self.wholes, self.parts = self.parts, self.wholes
            self.partner, self.origin = self.origin, self.partner
            self.found, self.taken = self.taken, self.found
            self.whole_places, self.free = self.free, self.whole_places

    def run(self) -> None:
        free = [p for p in self.free if self.codes(self.parts[p])]
        if not free:
            return
        for p in free:
            self._take(p, p - 1)
        for p in reversed(free):
            self._take(p, p + 1)
        if self._seed([p for p in free if self.origin[p] < 0]):
            for p in free:
                self._take(p, p - 1)
            for p in reversed(free):
                self._take(p, p + 1)

    def _take(self, p: int, beside: int) -> None:
        """Add a free block to the whole that its neighbour belongs to, if that holds its words."""
        if self.origin[p] >= 0 or not 0 <= beside < len(self.origin) or self.origin[beside] < 0:
            return
        whole = self.origin[beside]
        if beside in self.taken or self.wholes[whole] == self.parts[beside]:
            return
        pieces = self.found.get(whole, (beside,))
        if self._holds(whole, pieces, p):
            self._set(whole, tuple(sorted((*pieces, p))))

    def _set(self, whole: int, pieces: Parts) -> None:
        self.found[whole] = pieces
        self.partner[whole] = pieces[0]
        for piece in pieces:
            self.origin[piece] = whole

    def _holds(self, whole: int, pieces: Parts, p: int) -> bool:
        codes, extra = self.words(self.wholes[whole]), self.words(self.parts[p])
        if not extra:
            return False
        before = "".join(self.words(self.parts[piece]) for piece in pieces if piece < p)
        behind = "".join(self.words(self.parts[piece]) for piece in pieces if piece > p)
        if len(codes) * (len(before) + len(behind) + len(extra)) > MAX_TOKEN_CELLS:
            return False
        together = before + extra + behind
        gain = LCSseq.similarity(codes, together) - LCSseq.similarity(codes, before + behind)
        if gain < CONTAINED * len(extra) or gain < min(len(extra), 2):
            return False
        first, last = len(before), len(before) + len(extra)
        runs = [
            (max(block.b, first), min(block.b + block.size, last), block.a)
            for block in Indel.editops(codes, together).as_matching_blocks()
        ]
        longest = max((end - start for start, end, _ in runs), default=0)
        return longest >= min(len(extra) // 2, 3 if len(extra) < 4 * SHORT else 6)

    def _seed(self, free: Sequence[int]) -> bool:
        """Find pieces for wholes that were matched with nothing: runs of free blocks that they hold."""
        lonely = [w for w in self.whole_places if self.partner[w] < 0 and self._is_long(w)] if len(free) > 1 else []
        free = [p for p in free if self.words(self.parts[p])] if lonely else []
        if len(free) < 2 or len(free) * len(lonely) > MAX_GAP_CELLS:
            return False
        parts = [self.words(self.parts[p]) for p in free]
        held = cdist([self.words(self.wholes[w]) for w in lonely], parts, scorer=LCSseq.similarity, dtype=np.int32)
        contained = held >= CONTAINED * np.array([len(part) for part in parts])
        seeded = False
        for row, whole in enumerate(lonely):
            pieces = self._best_run(whole, [p for k, p in enumerate(free) if contained[row, k] and self.origin[p] < 0])
            if len(pieces) > 1:
                self._set(whole, pieces)
                seeded = True
        return seeded

    def _is_long(self, whole: int) -> bool:
        content, least = self.wholes[whole], 2 * SHORT
        return len(self.codes(content)) >= least and len(self.words(content)) >= least

    def _best_run(self, whole: int, candidates: Sequence[int]) -> Parts:
        """The run of neighbouring candidates that hold the most of the whole, if that is enough."""
        codes = self.words(self.wholes[whole])
        best: tuple[int, Parts] = (0, ())
        run: list[int] = []
        for p in [*candidates, -1]:
            if run and p != run[-1] + 1:
                together = "".join(self.words(self.parts[piece]) for piece in run)
                common = LCSseq.similarity(codes, together)
                if common >= COVERED * len(codes) and common >= CONTAINED * len(together):
                    best = max(best, (common, tuple(run)))
                run = []
            run.append(p)
        return best[1]


def join_pieces(state: Alignment) -> None:
    """Record the splits and merges among blocks that have no partner, and those that have one which they outgrow."""
    _Search(state, merges=False).run()
    _Search(state, merges=True).run()
