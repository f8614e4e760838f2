"""Changes as the component `change.card` shows them, from the record of a comparison and the two texts."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.rules.changes import Change, Document, marked, parse
from portal.rules.changes.result import Span
from portal.web.markdown import rendered_piece
from portal.web.plain_words import below_title, plain_parts
from portal.web.text import gettext as _

PARTS = {"equal": "same", "delete": "removed", "insert": "added"}
Part = tuple[str, str]
Tag = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Card:
    """One change, ready to be shown; see the component for what its fields mean."""

    id: str
    kind: str
    cls: str
    minor: bool
    section: tuple[str, ...]
    label: str | None
    flags: tuple[str, ...]
    parts: tuple[Part, ...]
    moved_from: tuple[str, ...]
    before: Markup
    after: Markup
    tags: tuple[Tag, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Classified:
    """What legal said of a change: purposes (none = editorial) and why."""

    purposes: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Cards:
    """Makes the cards of one comparison. `titles` and `treatments` are by purpose."""

    old: Document
    new: Document
    titles: Mapping[str, str]
    treatments: Mapping[str, str]

    def card(self, change: Change, classified: Classified | None = None) -> Card:
        moved = change.kind in ("move", "move+modify")
        return Card(
            id=change.id,
            kind=change.kind,
            cls=change.cls,
            minor=change.minor,
            section=below_title(change.section, self.new.text),
            label=change.label,
            flags=change.flags,
            parts=() if change.kind == "move" else parts_of(change, self.old.text, self.new.text),
            moved_from=_path_at(self.old, change.old) if moved else (),
            before=_piece(self.old, change.old),
            after=_piece(self.new, change.new),
            tags=self.tags(classified) if classified else (),
            reason=classified.reason if classified else "",
        )

    def tags(self, classified: Classified) -> tuple[Tag, ...]:
        if not classified.purposes:
            return ((_("Editorial"), "editorial"),)
        return tuple((self.titles.get(p, p), self.treatments.get(p, "purpose")) for p in classified.purposes)


def cards_of(old_text: str, new_text: str, titles: Mapping[str, str], treatments: Mapping[str, str]) -> Cards:
    return Cards(parse(old_text), parse(new_text), titles, treatments)


def parts_of(change: Change, old_text: str, new_text: str) -> tuple[Part, ...]:
    """The words of the change, without Markdown's marks: kept, removed and added."""
    segments = marked(change, old_text, new_text)
    return plain_parts([(PARTS[segment.op], segment.text) for segment in segments])


def split_minor(cards: Sequence[Card]) -> tuple[list[Card], list[Card]]:
    """Those that may change the meaning, and those of form only."""
    return [card for card in cards if not card.minor], [card for card in cards if card.minor]


def class_name(cls: str) -> str:
    """What was changed, in words."""
    names = {
        "text": _("Words"),
        "punctuation": _("Punctuation"),
        "numbering": _("Numbering of clauses"),
        "link": _("Links"),
        "format": _("Formatting"),
        "typography": _("Typography"),
        "space": _("Blanks"),
        "meta": _("Data about the text"),
    }
    return names.get(cls, cls)


def flag_name(flag: str) -> str:
    names = {
        "number": _("Numbers"),
        "date": _("Dates"),
        "modal": _("may, must, shall"),
        "negation": _("not"),
    }
    return names.get(flag, flag)


def chosen_names(found: Collection[str], name: Mapping[str, str]) -> list[tuple[str, str]]:
    """(key, name) of what occurs, in alphabetical order of the names."""
    return sorted(((key, name.get(key, key)) for key in found), key=lambda pair: pair[1])


def _piece(document: Document, span: Span | None) -> Markup:
    return rendered_piece(document.text[span[0] : span[1]]) if span else Markup("")


def _path_at(document: Document, span: Span | None) -> tuple[str, ...]:
    """The headings above what stands at the span."""
    if span is None or not document.blocks:
        return ()
    block = bisect_right(document.blocks, span[0], key=lambda one: one.start) - 1
    return document.path(max(block, 0))
