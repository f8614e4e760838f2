"""From units to changes that lack only their id and group, and the delta beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.rules.changes.alignment import Alignment
from portal.rules.changes.classes import ELSEWHERE, FLAGS, weightiest
from portal.rules.changes.delta import DeltaWriter
from portal.rules.changes.document import Document
from portal.rules.changes.identity import label_of
from portal.rules.changes.reading import Lexicon
from portal.rules.changes.result import Delta, Hunk, Span
from portal.rules.changes.side import Side
from portal.rules.changes.units import Unit
from portal.rules.changes.words import compare_words, one_sided

COPY_CHARS = 40
"""A shorter block may stand in several places without being a copy."""
_FORCED = {"meta": "meta", "definition": "link"}


@dataclass(slots=True)
class Draft:
    """A change before it has an id and a group. `edits` are the replaced words by key, to know equal edits by."""

    kind: str
    unit: Unit
    section: tuple[str, ...]
    label: str | None
    old: Span | None
    new: Span | None
    cls: str = "space"
    flags: tuple[str, ...] = ()
    similarity: float = 1.0
    hunks: list[Hunk] = field(default_factory=list)
    edits: tuple[tuple[str, str], ...] = ()


class _Drafting:
    def __init__(self, alignment: Alignment, lexicon: Lexicon) -> None:
        self.alignment, self.lexicon = alignment, lexicon
        self.old, self.new = alignment.old, alignment.new
        self.drafts: list[Draft] = []
        self.delta = DeltaWriter()
        self.degraded = False

    def add(self, unit: Unit) -> None:
        draft: Draft | None
        if not unit.news:
            draft = self._one_sided(unit, self.old, unit.olds)
        elif not unit.olds:
            draft = self._one_sided(unit, self.new, unit.news)
            self.delta.literal(self.new.text[self.new.blocks[unit.news[0]].start : self.new.blocks[unit.news[-1]].stop])
        else:
            draft = self._two_sided(unit)
        if draft:
            self.drafts.append(draft)

    def _draft(self, kind: str, unit: Unit) -> Draft:
        document, blocks = (self.new, unit.news) if unit.news else (self.old, unit.olds)
        section = document.path(blocks[0])
        heads = document.blocks[blocks[0]].level > 0
        label = label_of(document, blocks[0])
        return Draft(
            kind,
            unit,
            section[:-1] if heads else section,
            label,
            _span(self.old, unit.olds),
            _span(self.new, unit.news),
        )

    def _one_sided(self, unit: Unit, document: Document, blocks: Sequence[int]) -> Draft:
        draft = self._draft("delete" if document is self.old else "insert", unit)
        side = Side.of(document, blocks, self.lexicon)
        words = one_sided(side, deleted=document is self.old)
        forced = _FORCED.get(document.blocks[blocks[0]].kind)
        draft.hunks = [Hunk(h.old, h.new, forced) for h in words.hunks] if forced else words.hunks
        draft.cls = weightiest([h.cls for h in draft.hunks], "space")
        draft.similarity = 0.0
        draft.flags = () if forced else _ordered(words.flags)
        other = self.new if document is self.old else self.old
        telling = side.chars >= COPY_CHARS or document.blocks[blocks[0]].level > 0
        if telling and document.contents[blocks[0]] in other.known:
            draft.flags += (ELSEWHERE,)
        return draft

    def _two_sided(self, unit: Unit) -> Draft | None:
        draft: Draft | None = None
        olds, news = unit.olds, unit.news
        if not unit.same:
            draft = self._reworded(unit)
        elif unit.moved:
            draft = self._draft("move", unit)
            draft.cls = "text" if self.alignment.codes(self.alignment.a[olds[0]]) else "format"
        last, behind = self.old.blocks[olds[-1]], self.new.blocks[news[-1]]
        blank = self.new.text[behind.end : behind.stop]
        equal = self.old.text[last.end : last.stop] == blank
        begin = self.old.blocks[olds[0]].start if unit.same else last.end
        self.delta.copy(begin, last.stop if equal else last.end)
        if equal:
            return draft
        self.delta.literal(blank)
        tail = self._tail(unit)
        if tail:
            draft = draft or self._draft("modify", Unit(unit.olds[-1:], unit.news[-1:]))
            draft.hunks.append(tail)
            draft.old = (draft.old[0], max(draft.old[1], tail.old[1])) if draft.old and tail.old else draft.old
            draft.new = (draft.new[0], max(draft.new[1], tail.new[1])) if draft.new and tail.new else draft.new
        return draft

    def _reworded(self, unit: Unit) -> Draft:
        left, right = Side.of(self.old, unit.olds, self.lexicon), Side.of(self.new, unit.news, self.lexicon)
        words = compare_words(left, right)
        self.degraded |= words.degraded
        if len(unit.news) > 1 or len(unit.olds) > 1:
            kind = "split" if len(unit.news) > 1 else "merge"
        else:
            kind = ("move+modify" if words.hunks else "move") if unit.moved else "modify"
        draft = self._draft(kind, unit)
        kind_old, kind_new = self.old.blocks[unit.olds[0]].kind, self.new.blocks[unit.news[0]].kind
        forced = _FORCED.get(kind_new) if kind_old == kind_new else None
        draft.hunks = [Hunk(h.old, h.new, forced) for h in words.hunks] if forced else words.hunks
        draft.cls = "text" if kind.startswith("move") else weightiest([hunk.cls for hunk in draft.hunks], "space")
        draft.flags = _ordered(words.flags)
        draft.similarity = round(1 - words.changed_chars / max(1, left.chars + right.chars), 2)
        draft.edits = tuple((left.keys(e.i1, e.i2), right.keys(e.j1, e.j2)) for e in words.script)
        self._write(left, right, words.regions)
        return draft

    def _write(self, left: Side, right: Side, regions: Sequence[tuple[int, int, int, int]]) -> None:
        at = left.start
        for o1, o2, n1, n2 in regions:
            self.delta.copy(at, o1)
            self.delta.literal(self.new.text[n1:n2])
            at = o2
        self.delta.copy(at, left.end)

    def _tail(self, unit: Unit) -> Hunk | None:
        """The blank lines behind a unit, where they differ: that counts where the same blocks follow it."""
        i, j = unit.olds[-1], unit.news[-1]
        before, after = self.old.blocks[i], self.new.blocks[j]
        origin = self.alignment.origin
        last = i + 1 == len(self.old.blocks) and j + 1 == len(self.new.blocks)
        if last or (j + 1 < len(origin) and origin[j + 1] == i + 1 and self.alignment.partner[i + 1] == j + 1):
            return Hunk((before.end, before.stop), (after.end, after.stop), "space")
        return None


def drafts_of(alignment: Alignment, units: Sequence[Unit], lexicon: Lexicon) -> tuple[list[Draft], Delta, bool]:
    """The drafts in the order of the units, the delta, and whether a unit was too large to compare its words."""
    drafting = _Drafting(alignment, lexicon)
    for unit in units:
        drafting.add(unit)
    return drafting.drafts, tuple(drafting.delta.parts), drafting.degraded


def _span(document: Document, blocks: Sequence[int]) -> Span | None:
    return (document.blocks[blocks[0]].start, document.blocks[blocks[-1]].end) if blocks else None


def _ordered(flags: set[str]) -> tuple[str, ...]:
    return tuple(name for name in FLAGS if name in flags)
