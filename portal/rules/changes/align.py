"""The steps of the alignment: equal blocks first, then similar ones in the gaps, pieces, similar ones elsewhere."""

import numpy as np
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from portal.rules.changes.alignment import Alignment, Gap
from portal.rules.changes.anchors import join_alike, join_equal, join_moved, join_neighbours
from portal.rules.changes.bounds import MAX_GAP_CELLS, MAX_GAP_TOKEN_CELLS, MAX_KEPT_PAIRS
from portal.rules.changes.chain import best_pairs
from portal.rules.changes.document import Document
from portal.rules.changes.heads import join_heads
from portal.rules.changes.pieces import join_pieces
from portal.rules.changes.reading import Lexicon

ALIKE = 0.45
"""Blocks of one gap are the same, reworded, from this similarity of their words on."""
LEAST = ALIKE - 0.05
ALIKE_ELSEWHERE = 0.6
"""Blocks in different places are the same, moved and reworded, from this similarity on, if they are not short."""
ELSEWHERE_TOKENS = 8
SMALL = 64
SENTENCE_TOKENS = 8


def align(old: Document, new: Document, lexicon: Lexicon) -> Alignment:
    """Find the partner of every block that has one."""
    state = Alignment(old, new, lexicon)
    join_equal(state)
    join_moved(state)
    join_alike(state)
    for gap in state.gaps:
        _fill(state, gap)
    if not state.free_olds() and not state.free_news():
        return state
    join_pieces(state)
    _join_elsewhere(state)
    for gap in state.gaps:
        _join_kept(state, gap)
    join_neighbours(state)
    join_heads(state)
    return state


def _fill(state: Alignment, gap: Gap) -> None:
    """Join the similar blocks of a gap that keep their order, so that the most text is accounted for."""
    if gap[0] == gap[1] or gap[2] == gap[3]:
        return
    olds, news = state.free_olds(gap), state.free_news(gap)
    if not olds or not news:
        return
    if len(olds) * len(news) > MAX_GAP_CELLS:
        state.degraded = True
        return
    a, b = state.all_codes(state.a, olds), state.all_codes(state.b, news)
    large = sum(map(len, a)) * sum(map(len, b)) > MAX_GAP_TOKEN_CELLS
    state.degraded |= large
    if len(olds) == len(news) == 1 and (large or not a[0] or not b[0] or _are_heads(state, olds[0], news[0])):
        state.join(olds[0], news[0])
        return
    if large:
        return
    for row, column in best_pairs(_gains(a, b)):
        state.join(olds[row], news[column])


def _are_heads(state: Alignment, i: int, j: int) -> bool:
    return state.old.blocks[i].level > 0 and state.new.blocks[j].level > 0


def _gains(a: list[str], b: list[str]) -> list[list[float]]:
    """What joining each pair is worth: by how much it is alike, for how much text."""
    if len(a) * len(b) <= SMALL:
        return [
            [(Indel.normalized_similarity(x, y, score_cutoff=ALIKE) - LEAST) * (len(x) + len(y) + 2) for y in b]
            for x in a
        ]
    alike = cdist(a, b, scorer=Indel.normalized_similarity, score_cutoff=ALIKE, dtype=np.float32)
    sizes = np.add.outer(np.array([len(x) + 1 for x in a]), np.array([len(y) + 1 for y in b]))
    gains: list[list[float]] = ((alike - LEAST) * sizes).tolist()
    return gains


def _join_elsewhere(state: Alignment) -> None:
    """Join similar blocks that are left, in whatever order: the most similar first."""
    olds = [i for i in state.free_olds() if len(state.codes(state.a[i])) >= ELSEWHERE_TOKENS]
    news = [j for j in state.free_news() if len(state.codes(state.b[j])) >= ELSEWHERE_TOKENS] if olds else []
    if not olds or not news:
        return
    if len(olds) * len(news) > MAX_GAP_CELLS:
        state.degraded = True
        return
    a, b = state.all_codes(state.a, olds), state.all_codes(state.b, news)
    if sum(map(len, a)) * sum(map(len, b)) > MAX_GAP_TOKEN_CELLS:
        state.degraded = True
        return
    alike = cdist(a, b, scorer=Indel.normalized_similarity, score_cutoff=ALIKE_ELSEWHERE, dtype=np.float32)
    rows, columns = np.nonzero(alike >= ALIKE_ELSEWHERE)
    for k in np.lexsort((columns, rows, -alike[rows, columns])).tolist():
        i, j = olds[rows[k]], news[columns[k]]
        if state.partner[i] < 0 and state.origin[j] < 0:
            state.join(i, j)


def _join_kept(state: Alignment, gap: Gap) -> None:
    """Join blocks that were rewritten around a sentence which was kept."""
    if gap[0] == gap[1] or gap[2] == gap[3]:
        return
    olds, news = state.free_olds(gap), state.free_news(gap)
    if not olds or not news or len(olds) * len(news) > MAX_KEPT_PAIRS:
        return
    a, b = state.all_codes(state.a, olds), state.all_codes(state.b, news)
    if sum(map(len, a)) * sum(map(len, b)) > MAX_GAP_TOKEN_CELLS:
        return
    joined = [(i, state.partner[i]) for i in range(gap[0], gap[1]) if state.partner[i] >= 0]
    gains = [
        [_kept(x, y) if _in_order(joined, i, j) else 0.0 for j, y in zip(news, b, strict=True)]
        for i, x in zip(olds, a, strict=True)
    ]
    for row, column in best_pairs(gains):
        state.join(olds[row], news[column])


def _kept(x: str, y: str) -> float:
    """The tokens of the longest stretch that two blocks share, if it is long enough to be a sentence; else 0."""
    least = max(SENTENCE_TOKENS, 0.25 * min(len(x), len(y)))
    if Indel.similarity(x, y) < 2 * least:
        return 0.0
    longest = max(block.size for block in Indel.editops(x, y).as_matching_blocks())
    return float(longest) if longest >= least else 0.0


def _in_order(joined: list[tuple[int, int]], i: int, j: int) -> bool:
    return all((p < i) == (q < j) for p, q in joined)
