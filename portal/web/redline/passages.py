"""Which blocks of both texts a reader meets, in order: what stayed, what changed, and what left its place."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from portal.rules.changes import Change, Comparison, Document
from portal.rules.changes.result import Span

MOVES = frozenset({"move", "move+modify"})


@dataclass(frozen=True, slots=True)
class Passage:
    """Blocks of the old text beside blocks of the new one, by index. `number` is the change's place in the comparison,
    None where nothing changed. `left`: a change stood here before it moved."""

    olds: tuple[int, ...]
    news: tuple[int, ...]
    number: int | None = None
    left: bool = False


@dataclass
class _Places:
    """Where each block of one text belongs: block -> the change that it is part of."""

    document: Document
    starts: list[int]
    change: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document) -> "_Places":
        return cls(document, [block.start for block in document.blocks])

    def take(self, span: Span | None, number: int) -> tuple[int, ...]:
        if span is None:
            return ()
        first = max(bisect_right(self.starts, span[0]) - 1, 0)
        last = bisect_left(self.starts, max(span[1], span[0] + 1))
        found = tuple(range(first, last))
        self.change |= dict.fromkeys(found, number)
        return found


def passages_of(comparison: Comparison, old: Document, new: Document) -> tuple[Passage, ...]:
    """Every block of the new text once, every removed or moved block of the old one where it stood.

    Told from the record alone, so that one of an older engine is shown as it was made.
    """
    olds, news = _Places.of(old), _Places.of(new)
    changed = [
        Passage(olds.take(change.old, number), news.take(change.new, number), number)
        for number, change in enumerate(comparison.changes)
    ]
    found = list(_in_new_order(comparison, olds, news, changed))
    behind = _behind(comparison.changes, old, found, changed)
    ordered = [*behind[-1]]
    for passage in found:
        ordered.append(passage)
        for block in passage.news:
            ordered += behind.get(block, [])
    return tuple(ordered)


def _in_new_order(comparison: Comparison, olds: _Places, news: _Places, changed: list[Passage]) -> Iterator[Passage]:
    copies = _copies(comparison)
    starts = [copy[2] for copy in copies]
    done: set[int] = set()
    for index, block in enumerate(news.document.blocks):
        number = news.change.get(index)
        if number is None:
            before = _before(block.start, copies, starts, olds)
            yield Passage(() if before is None else (before,), (index,))
        elif number not in done:
            done.add(number)
            yield changed[number]


def _copies(comparison: Comparison) -> list[tuple[int, int, int]]:
    """What of the old text, from and to, stands where in the new one."""
    found, at = [], 0
    for part in comparison.delta:
        if not isinstance(part, str):
            found.append((part[0], part[1], at))
        at += len(part) if isinstance(part, str) else part[1] - part[0]
    return found


def _before(start: int, copies: list[tuple[int, int, int]], starts: list[int], olds: _Places) -> int | None:
    """The old block of a new one that did not change."""
    at = bisect_right(starts, start) - 1
    if at < 0:
        return None
    first, last, place = copies[at]
    was = first + start - place
    index = bisect_left(olds.starts, was)
    return index if was < last and index < len(olds.starts) and olds.starts[index] == was else None


def _behind(
    changes: tuple[Change, ...], old: Document, found: list[Passage], changed: list[Passage]
) -> dict[int, list[Passage]]:
    """New block, or -1 for the beginning -> what is shown behind it of the old text."""
    stays = {
        block: passage.news[-1]
        for passage in found
        if passage.number is None or changes[passage.number].kind not in MOVES
        for block in passage.olds
    }
    gone = {
        passage.olds[0]: Passage(passage.olds, (), passage.number, left=bool(passage.news))
        for passage in changed
        if passage.olds and not set(passage.olds) & set(stays)
    }
    behind: dict[int, list[Passage]] = defaultdict(list)
    last = -1
    for index in range(len(old.blocks)):
        last = stays.get(index, last)
        if index in gone:
            behind[last].append(gone[index])
    behind.setdefault(-1, [])
    return behind
