"""Changes as the component `change.card` shows them."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.rules.changes import Change, Document, blocks_at, marked
from portal.rules.changes.document import number_of, without_number
from portal.rules.changes.result import Span
from portal.web.plain_words import below_title, plain_parts
from portal.web.redline import Redline
from portal.web.redline.passages import MOVES
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
    inline: Markup
    moved_from: tuple[str, ...]
    before: Markup
    after: Markup
    notes: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    reason: str = ""
    origin: int | None = None
    language: str = ""

    @property
    def heading(self) -> str:
        """The heading it stands under, without its number where the clause's own number beside it says that too."""
        if not self.section:
            return ""
        title = self.section[-1]
        number = number_of(title)
        said = self.label and number and self.label.startswith(f"{number}.")
        return without_number(title) if said else title


@dataclass(frozen=True, slots=True)
class Classified:
    """What legal said of a change: purposes (none = editorial) and why."""

    purposes: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Cards:
    """Makes the cards of one comparison. `titles` and `treatments` are by purpose; `wording` is said where a change
    touches none; `language` is that of the two texts."""

    redline: Redline
    titles: Mapping[str, str]
    treatments: Mapping[str, str]
    wording: str = ""
    language: str = ""

    def card(self, change: Change, classified: Classified | None = None) -> Card:
        old, new = self.redline.old.document, self.redline.new.document
        shown = self.redline.shown(change)
        section = below_title(_section(old, new, change), new.text)
        return Card(
            id=change.id,
            kind=change.kind,
            cls=change.cls,
            minor=change.minor,
            section=section,
            label=_label(change, section),
            flags=change.flags,
            inline=Markup("") if change.kind == "move" else shown.inline,
            moved_from=below_title(_path_at(old, change.old), old.text) if change.kind in MOVES else (),
            before=shown.before,
            after=shown.after,
            notes=tuple(note.text for note in shown.notes),
            tags=self.tags(classified) if classified else (),
            reason=classified.reason if classified else "",
            language=self.language,
        )

    def tags(self, classified: Classified) -> tuple[Tag, ...]:
        if not classified.purposes:
            return ((self.wording or _("Editorial"), "editorial"),)
        return tuple((self.titles.get(p, p), self.treatments.get(p, "purpose")) for p in classified.purposes)


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


def kind_name(kind: str) -> str:
    """What became of the paragraph, in words."""
    names = {
        "insert": _("Added"),
        "delete": _("Removed"),
        "modify": _("Reworded"),
        "move": _("Moved"),
        "move+modify": _("Moved and reworded"),
        "split": _("Split"),
        "merge": _("Merged"),
    }
    return names.get(kind, kind)


def flag_name(flag: str) -> str:
    names = {
        "number": _("Numbers"),
        "date": _("Dates"),
        "modal": _("may, must, shall"),
        "negation": _("not"),
        "elsewhere": _("still present elsewhere"),
    }
    return names.get(flag, flag)


def chosen_names(found: Collection[str], name: Mapping[str, str]) -> list[tuple[str, str]]:
    """(key, name) of what occurs, in alphabetical order of the names."""
    return sorted(((key, name.get(key, key)) for key in found), key=lambda pair: pair[1])


def _section(old: Document, new: Document, change: Change) -> tuple[str, ...]:
    """The headings above the change; a heading's own words stand in for it."""
    document, span = (old, change.old) if change.new is None else (new, change.new)
    block = blocks_at(document, span)[0] if span else None
    return _path_at(document, span) if block and block.level else change.section


def _label(change: Change, section: tuple[str, ...]) -> str | None:
    """The clause number, where the heading does not begin with it anyway."""
    told = section[-1].lstrip("(§ ") if section else ""
    return (
        None
        if change.label and told.startswith((f"{change.label}.", f"{change.label} ", f"{change.label})"))
        else change.label
    )


def _path_at(document: Document, span: Span | None) -> tuple[str, ...]:
    """The headings above what stands at the span."""
    if span is None or not document.blocks:
        return ()
    block = bisect_right(document.blocks, span[0], key=lambda one: one.start) - 1
    return document.path(max(block, 0))
