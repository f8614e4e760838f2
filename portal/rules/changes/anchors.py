"""Equal blocks: at both ends, unique ones in between, unique ones that moved."""

from collections import Counter, deque
from collections.abc import Sequence
from itertools import compress

from portal.rules.changes.alignment import Alignment, Gap, Run, runs_of
from portal.rules.changes.chain import heaviest_chain
from portal.rules.changes.document import Document

ANCHOR_CHARS = 20
"""A shorter block says too little of where it belongs to hold the alignment of what stands around it."""

MOST_SHORT = 100
"""So many short blocks are looked at one by one."""
ALIKE_TOKENS = 4
"""Fewer equal words say too little of where a block belongs."""


def join_equal(state: Alignment) -> None:
    """Join equal ends and the heaviest chain of unique equal blocks, again within the gaps these leave."""
    waiting = deque([(0, len(state.a), 0, len(state.b))])
    while waiting:
        gap = _trimmed(state, waiting.popleft())
        i1, i2, j1, j2 = gap
        # What is left of one block each is not equal, or it would have been trimmed.
        chain = _unique_chain(state, gap) if i1 < i2 and j1 < j2 and (i2 - i1, j2 - j1) != (1, 1) else []
        if not chain:
            if i1 < i2 or j1 < j2:
                state.gaps.append(gap)
            continue
        for i, j, count in chain:
            state.join_run((i, j, count))
            if i1 < i and j1 < j:
                waiting.append((i1, i, j1, j))
            elif i1 < i or j1 < j:
                state.gaps.append((i1, i, j1, j))
            i1, j1 = i + count, j + count
        waiting.append((i1, i2, j1, j2))
    state.gaps.sort()
    state.olds = [i for gap in state.gaps for i in range(gap[0], gap[1])]
    state.news = sorted(j for gap in state.gaps for j in range(gap[2], gap[3]))


def _trimmed(state: Alignment, gap: Gap) -> Gap:
    """Join equal blocks at both ends of a gap; what is left between them."""
    i1, i2, j1, j2 = gap
    a, b = state.a, state.b
    first = _common(a, b, i1, j1, min(i2 - i1, j2 - j1))
    if first:
        state.join_run((i1, j1, first))
        i1, j1 = i1 + first, j1 + first
    last = _common_end(a, b, i2, j2, min(i2 - i1, j2 - j1))
    if last:
        i2, j2 = i2 - last, j2 - last
        state.join_run((i2, j2, last))
    return i1, i2, j1, j2


def _common(a: Sequence[str], b: Sequence[str], i: int, j: int, most: int) -> int:
    """How many blocks from `i` and from `j` on are equal; compared in stretches, which is faster than one by one."""
    if not most or a[i] != b[j]:
        return 0
    count, step = 1, 2
    while step:
        if count + step <= most and a[i + count : i + count + step] == b[j + count : j + count + step]:
            count, step = count + step, step * 2
        else:
            step //= 2
    return count


def _common_end(a: Sequence[str], b: Sequence[str], i: int, j: int, most: int) -> int:
    """How many blocks before `i` and before `j` are equal."""
    if not most or a[i - 1] != b[j - 1]:
        return 0
    count, step = 1, 2
    while step:
        if count + step <= most and a[i - count - step : i - count] == b[j - count - step : j - count]:
            count, step = count + step, step * 2
        else:
            step //= 2
    return count


def _unique_chain(state: Alignment, gap: Gap) -> list[Run]:
    i1, i2, j1, j2 = gap
    a, b = state.a[i1:i2], state.b[j1:j2]
    common = {content for content in a if len(content) >= ANCHOR_CHARS}.intersection(b)
    return runs_of(_chain(a, b, common), i1, j1) if common else []


def _chain(a: Sequence[str], b: Sequence[str], common: set[str]) -> list[tuple[int, int]]:
    """The pairs of the heaviest chain of those common texts that are unique on both sides."""
    olds, news = _unique_places(a, range(len(a)), common), _unique_places(b, range(len(b)), common)
    texts = list(filter(news.__contains__, olds))
    pairs = list(zip(map(olds.__getitem__, texts), map(news.__getitem__, texts), strict=True))
    chain = heaviest_chain([j for _, j in pairs], lambda k: len(texts[k]))
    return pairs if len(chain) == len(pairs) else [pairs[k] for k in chain]


def _unique_places(contents: Sequence[str], candidates: Sequence[int], wanted: set[str]) -> dict[str, int]:
    """Where the wanted contents stand among the candidates' (all in order), without those that stand twice."""
    found = list(filter(wanted.__contains__, contents))
    places = dict(zip(found, compress(candidates, map(wanted.__contains__, contents)), strict=True))
    if len(places) < len(found):
        times = Counter(found)
        return {content: at for content, at in places.items() if times[content] == 1}
    return places


def join_alike(state: Alignment) -> None:
    """Within the gaps, join blocks of the same unique words (what differs is markup) or rows of the same first cell."""
    gaps: list[Gap] = []
    for gap in state.gaps:
        i1, i2, j1, j2 = gap
        if (i2 - i1) * (j2 - j1) > 1:
            olds = [_weak_key(state, state.old, i) if state.partner[i] < 0 else "" for i in range(i1, i2)]
            news = [_weak_key(state, state.new, j) if state.origin[j] < 0 else "" for j in range(j1, j2)]
            common = set(olds).intersection(news) - {""}
            for i, j in _chain(olds, news, common) if common else []:
                state.join(gap[0] + i, gap[2] + j)
                gaps.append((i1, gap[0] + i, j1, gap[2] + j))
                i1, j1 = gap[0] + i + 1, gap[2] + j + 1
        gaps.append((i1, i2, j1, j2))
    state.gaps = gaps


def _weak_key(state: Alignment, document: Document, at: int) -> str:
    codes = state.codes(document.contents[at])
    if document.blocks[at].kind == "row":
        cells = codes.split(state.codes("|"), 2)
        return "\0" + cells[1] if len(cells) > 2 else ""  # NUL is the character of no key
    return codes if len(codes) >= ALIKE_TOKENS else ""


def join_moved(state: Alignment) -> None:
    """Join equal blocks that are unique among those left, wherever they are, and their equal neighbours."""
    olds, news = state.free_olds(), state.free_news()
    common = set(map(state.a.__getitem__, olds)).intersection(map(state.b.__getitem__, news))
    if not common:
        return
    short = sorted(content for content in common if len(content) < ANCHOR_CHARS)
    common -= {content for content in short[:MOST_SHORT] if not _is_telling(state, content)}.union(short[MOST_SHORT:])
    if not common:
        return
    places = _unique_places([state.b[j] for j in news], news, common)
    for content, i in _unique_places([state.a[i] for i in olds], olds, common).items():
        if content in places and state.partner[i] < 0 and state.origin[places[content]] < 0:
            state.join(i, places[content])
            _extend(state, i, places[content])


def _is_telling(state: Alignment, content: str) -> bool:
    """Whether a short block is the only one of its kind in both texts, and has a word."""
    return state.a.count(content) == state.b.count(content) == 1 and bool(state.codes(content))


def _extend(state: Alignment, i: int, j: int) -> None:
    for step in (-1, 1):
        p, q = i + step, j + step
        while 0 <= p < len(state.a) and 0 <= q < len(state.b) and state.partner[p] < 0 and state.origin[q] < 0:
            if state.a[p] != state.b[q]:
                break
            state.join(p, q)
            p, q = p + step, q + step


def join_neighbours(state: Alignment) -> None:
    """Join equal blocks that are left and stand beside the same blocks as before, a moved short heading say."""
    partner, last = state.partner, len(state.partner) - 1
    for i in state.free_olds():
        for beside in (i - 1, i + 1):
            if partner[i] < 0 and 0 <= beside <= last and partner[beside] >= 0:
                j = partner[beside] + i - beside
                if 0 <= j < len(state.origin) and state.origin[j] < 0 and state.a[i] == state.b[j]:
                    state.join(i, j)
