"""What changed besides words, told in words: a link's target, a number, formatting."""

from dataclasses import dataclass

from portal.rules.changes import Change
from portal.rules.changes.result import Hunk
from portal.web.redline.unit import SPOKEN
from portal.web.text import gettext as _

LONGEST = 120


@dataclass(frozen=True, slots=True)
class Note:
    """One remark; `cls` is the class of the hunks that it is about."""

    cls: str
    text: str


def notes_of(change: Change, old_text: str, new_text: str) -> tuple[Note, ...]:
    """Every remark once, in the order of the hunks."""
    found = [
        note
        for hunk in change.hunks
        if hunk.cls not in SPOKEN and (note := _note(hunk, _at(old_text, hunk.old), _at(new_text, hunk.new)))
    ]
    if change.kind in ("split", "merge"):
        said = _("One paragraph became several.") if change.kind == "split" else _("Several paragraphs became one.")
        found.insert(0, Note(change.kind, said))
    return tuple(dict.fromkeys(found))


def _note(hunk: Hunk, before: str, after: str) -> Note | None:
    if hunk.cls == "link":
        return _link(_target(before), _target(after))
    if hunk.cls == "numbering" and before.strip() and after.strip():
        values = {"old": before.strip(), "new": after.strip()}
        return Note("numbering", _("Renumbered: %(old)s became %(new)s.", **values))
    if hunk.old is None or hunk.new is None:
        return Note(hunk.cls, _("Formatting changed.")) if hunk.cls == "format" else None
    texts = {
        "numbering": _("Renumbered."),
        "format": _("Formatting changed."),
        "typography": _("Quotation marks, dashes or the like changed."),
        "meta": _("Data about the text changed."),
    }
    return Note(hunk.cls, texts[hunk.cls]) if hunk.cls in texts else None


def _link(before: str, after: str) -> Note | None:
    if before == after:
        return None
    if not before:
        return Note("link", _("Links to %(target)s.", target=after))
    if not after:
        return Note("link", _("Linked to %(target)s before.", target=before))
    return Note("link", _("Link changed from %(old)s to %(new)s.", old=before, new=after))


def _target(markdown: str) -> str:
    text = markdown.strip().removeprefix("](").removeprefix("][").removesuffix(")").removesuffix("]").strip("<>\\ ")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _at(text: str, span: tuple[int, int] | None) -> str:
    return text[span[0] : span[1]] if span else ""
