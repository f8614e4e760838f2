"""The whole text in two columns: before and after, block beside block."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.rules.changes import Change
from portal.web.redline.notes import Note
from portal.web.redline.passages import Passage
from portal.web.redline.pieces import piece
from portal.web.redline.unit import Text, side


@dataclass(frozen=True, slots=True)
class SideRow:
    """`kind` is the change's, `same` for a stretch of `count` blocks that stayed as they were; `left`: the change moved
    away from here."""

    old: Markup
    new: Markup
    change_id: str | None
    kind: str
    notes: tuple[str, ...] = ()
    count: int = 1
    left: bool = False


@dataclass(frozen=True)
class Sides:
    """Makes the rows of one comparison."""

    old: Text
    new: Text
    changes: Sequence[Change]
    notes: Sequence[Sequence[Note]]

    def rows(self, passages: Sequence[Passage]) -> tuple[SideRow, ...]:
        return tuple(self._row(passage) for passage in _joined(passages))

    def _row(self, passage: Passage) -> SideRow:
        if passage.number is None:
            return SideRow(self._before(passage, None), self._after(passage, None), None, "same", (), len(passage.news))
        change = self.changes[passage.number]
        notes = () if passage.left else tuple(note.text for note in self.notes[passage.number])
        # A moved passage stands on the left at its old place, on the right at its new one.
        moved = change.kind == "move"
        before = Markup("") if moved and not passage.left else self._before(passage, None if moved else change)
        return SideRow(before, self._after(passage, change), change.id, change.kind, notes, left=passage.left)

    def _before(self, passage: Passage, change: Change | None) -> Markup:
        return piece(self.old, passage.olds, side(self.old, passage.olds, change, deleted=True))

    def _after(self, passage: Passage, change: Change | None) -> Markup:
        return piece(self.new, passage.news, side(self.new, passage.news, change, deleted=False))


def _joined(passages: Sequence[Passage]) -> Iterator[Passage]:
    """Neighbours that did not change as one."""
    held: Passage | None = None
    for passage in passages:
        if held and passage.number is None and _follows(held, passage):
            held = Passage(held.olds + passage.olds, held.news + passage.news)
            continue
        if held:
            yield held
        held = passage if passage.number is None else None
        if held is None:
            yield passage
    if held:
        yield held


def _follows(held: Passage, passage: Passage) -> bool:
    olds = not held.olds or not passage.olds or passage.olds[0] == held.olds[-1] + 1
    return olds and passage.news[0] == held.news[-1] + 1
