"""The whole new text with its changes in place: anchors, ways to the next and the one before, remarks."""

from collections.abc import Sequence

from markupsafe import Markup

from portal.rules.changes import Change
from portal.web.markdown import text_html
from portal.web.redline.merged import Merged
from portal.web.redline.notes import Note
from portal.web.redline.passages import MOVES
from portal.web.redline.signs import with_tags
from portal.web.text import gettext as _

_HOP = Markup(
    '<span class="hop"><a class="hop-number" href="#change-{id}" title="{title}">{number}</a>{previous}{next}</span>'
)
_STEP = Markup('<a href="#change-{id}" aria-label="{label}">{arrow}</a>')
_NOTE = Markup('<span class="change-note">{}</span> ')
_LEFT = Markup('<span class="moved-from" id="change-{id}-from">{text} <a href="#change-{id}">{link}</a></span>')
_WAY_BACK = Markup('{} <a href="#change-{}-from">{}</a>')


class Anchors:
    """What stands where a change begins, and where it left."""

    def __init__(self, changes: Sequence[Change], notes: Sequence[Sequence[Note]]) -> None:
        self.changes, self.notes = changes, notes
        self.main = [number for number, change in enumerate(changes) if not change.minor]
        self.rank = {number: rank for rank, number in enumerate(self.main)}

    def place(self, number: int) -> Markup:
        change = self.changes[number]
        begin = Markup('<span class="change-at" id="change-{}">').format(change.id)
        shown = self._hop(number) if number in self.rank else Markup("")
        if change.kind in MOVES:
            shown += _NOTE.format(_WAY_BACK.format(_("Moved here from"), change.id, _("its old place")))
        for note in self.notes[number]:
            shown += _NOTE.format(note.text)
        return begin + shown + Markup("</span>")

    def left(self, number: int) -> Markup:
        return _LEFT.format(id=self.changes[number].id, text=_("A passage stood here that was"), link=_("moved"))

    def _hop(self, number: int) -> Markup:
        rank = self.rank[number]
        return _HOP.format(
            id=self.changes[number].id,
            title=_("Link to this change"),
            number=rank + 1,
            previous=self._step(rank - 1, _("Previous change"), "↑"),
            next=self._step(rank + 1, _("Next change"), "↓"),
        )

    def _step(self, rank: int, label: str, arrow: str) -> Markup:
        if not 0 <= rank < len(self.main):
            return Markup("")
        return _STEP.format(id=self.changes[self.main[rank]].id, label=label, arrow=arrow)


def whole_html(found: Merged, anchors: Anchors) -> Markup:
    return with_tags(text_html(found.source, found.headings), anchors.place, anchors.left)
