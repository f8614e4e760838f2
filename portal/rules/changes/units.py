"""Units: what one change is about, in the order of the new text, with what was deleted where it stood."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.rules.changes.alignment import Alignment, joined
from portal.rules.changes.chain import heaviest_chain

_EACH = 300
_REWORDED = 500
"""What moved past what is a matter of choice: the fewest and shortest blocks. Each counts its characters and this many
more; a reworded one more still, for "moved and reworded" is the hardest of all changes to read."""


@dataclass(slots=True)
class Unit:
    """The blocks of each side, in a row; none on one side for an insertion or a deletion.

    `same`: they are equal, one by one, as are the blank lines between them. `moved`: they left their place.
    """

    olds: Sequence[int]
    news: Sequence[int]
    same: bool = False
    moved: bool = False


def units_of(alignment: Alignment) -> list[Unit]:
    """Every block is in exactly one unit. Units follow the new text; deletions follow the block they stood behind."""
    pairs = sorted(_matched(alignment), key=_place)
    kept = set(heaviest_chain([unit.olds[0] for unit in pairs], lambda k: _weight(alignment, pairs[k])))
    deleted, inserted = alignment.free_olds(), alignment.free_news()
    units: list[Unit] = []
    d = n = 0
    for number, pair in enumerate(pairs):
        stays = number in kept
        while stays and d < len(deleted) and deleted[d] < pair.olds[0]:
            units.append(Unit((deleted[d],), ()))
            d += 1
        while n < len(inserted) and inserted[n] < pair.news[0]:
            units.append(Unit((), (inserted[n],)))
            n += 1
        if stays:
            units.append(pair)
        else:
            units += _moved(pair)
    units += [Unit((i,), ()) for i in deleted[d:]]
    units += [Unit((), (j,)) for j in inserted[n:]]
    return units


def _place(unit: Unit) -> int:
    return unit.news[0]


def _weight(alignment: Alignment, unit: Unit) -> int:
    blocks = alignment.old.blocks
    chars = blocks[unit.olds[-1]].stop - blocks[unit.olds[0]].start
    return chars + _EACH * len(unit.olds) + (0 if unit.same else _REWORDED)


def _moved(unit: Unit) -> list[Unit]:
    if not unit.same:
        return [Unit(unit.olds, unit.news, moved=True)]
    return [Unit((i,), (j,), same=True, moved=True) for i, j in zip(unit.olds, unit.news, strict=True)]


def _matched(state: Alignment) -> list[Unit]:
    """Units with both sides: the runs of equal blocks, and each other pair on its own."""
    found: list[Unit] = []
    for i, j, count in joined(sorted(state.runs)):
        found += _run(state, range(i, i + count), range(j, j + count))
    for i in state.olds:
        j = state.partner[i]
        if j >= 0 and (i in state.splits or j in state.merges):
            olds = state.merges.get(j, (i,))
            if olds[0] == i:
                found.append(Unit(olds, state.splits.get(i, (j,))))
        elif j >= 0:
            found.append(Unit((i,), (j,), same=state.a[i] == state.b[j]))
    return found


def _run(state: Alignment, olds: range, news: range) -> list[Unit]:
    """A run as one unit, where the blank lines within are equal too."""
    old, new = state.old, state.new
    before = old.text[old.blocks[olds[0]].start : old.blocks[olds[-1]].end]
    if before == new.text[new.blocks[news[0]].start : new.blocks[news[-1]].end]:
        return [Unit(olds, news, same=True)]
    return [Unit((i,), (j,), same=True) for i, j in zip(olds, news, strict=True)]
