"""The whole text in two columns: before and after, block beside block."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.rules.changes import Change
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
    count: int = 1
    left: bool = False


def side_rows(old: Text, new: Text, passages: Sequence[Passage], changes: Sequence[Change]) -> tuple[SideRow, ...]:
    return tuple(_row(old, new, passage, changes) for passage in _joined(passages))


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


def _row(old: Text, new: Text, passage: Passage, changes: Sequence[Change]) -> SideRow:
    change = changes[passage.number] if passage.number is not None else None
    before = piece(old, passage.olds, side(old, passage.olds, change, deleted=True))
    after = piece(new, passage.news, side(new, passage.news, change, deleted=False))
    kind = change.kind if change else "same"
    return SideRow(before, after, change.id if change else None, kind, len(passage.news), passage.left)
