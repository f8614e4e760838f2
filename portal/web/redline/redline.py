"""Everything that can be shown of one comparison, each part made when it is asked for."""

from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from portal.rules.changes import Change, Comparison, Document
from portal.rules.changes.reading import Lexicon
from portal.web.redline.merged import Merged, merged
from portal.web.redline.notes import Note, notes_of
from portal.web.redline.passages import Passage, passages_of
from portal.web.redline.pieces import piece
from portal.web.redline.sides import SideRow, Sides
from portal.web.redline.unit import Text, both, reads_otherwise, side
from portal.web.redline.whole import Anchors, whole_html


@dataclass(frozen=True, slots=True)
class Shown:
    """One change: both wordings in one, before, after; empty where that side does not exist. `notes`: what the words
    do not show."""

    inline: Markup
    before: Markup
    after: Markup
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Redline:
    """A comparison with its two texts."""

    comparison: Comparison
    old: Text
    new: Text

    def shown(self, change: Change) -> Shown:
        passage = self._passages_by_number[self._numbers[change.id]]
        olds = side(self.old, passage.olds, change, deleted=True)
        news = side(self.new, passage.news, change, deleted=False)
        before, after = piece(self.old, passage.olds, olds), piece(self.new, passage.news, news)
        inline = before or after
        if passage.olds and passage.news and reads_otherwise(self.old, self.new, passage):
            inline = before + after
        elif passage.olds and passage.news:
            one = both(self.old, self.new, passage, change) if change.kind != "move" else news
            inline = piece(self.new, passage.news, one)
        elif passage.news:
            inline = after
        return Shown(inline, before, after, self.notes[self._numbers[change.id]])

    @cached_property
    def whole(self) -> Markup:
        """The new text, changes in place: each has the id ``change-<id>``, an old place ``change-<id>-from``."""
        return whole_html(self.merged, Anchors(self.comparison.changes, self.notes))

    @cached_property
    def sides(self) -> tuple[SideRow, ...]:
        return Sides(self.old, self.new, self.comparison.changes, self.notes).rows(self.passages)

    @cached_property
    def merged(self) -> Merged:
        return merged(self.old, self.new, self.passages, self.comparison.changes)

    @cached_property
    def exact(self) -> Merged:
        """The source that reads as the old text without what was added, as the new one without what was removed."""
        return merged(self.old, self.new, self.passages, self.comparison.changes, exact=True)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        return passages_of(self.comparison, self.old.document, self.new.document)

    @cached_property
    def notes(self) -> tuple[tuple[Note, ...], ...]:
        return tuple(notes_of(change, self.old.text, self.new.text) for change in self.comparison.changes)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {change.id: number for number, change in enumerate(self.comparison.changes)}

    @cached_property
    def _passages_by_number(self) -> dict[int, Passage]:
        return {p.number: p for p in self.passages if p.number is not None and not p.left}


def redline_of(comparison: Comparison, old: Document, new: Document) -> Redline:
    """The comparison's two texts must be those that it was made of."""
    lexicon = Lexicon()
    return Redline(comparison, Text(old, lexicon), Text(new, lexicon))
