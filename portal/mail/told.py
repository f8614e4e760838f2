"""What a notice tells: each change that matters in a sentence, what may be answered, and until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import escape

from portal.mail.plain import plain, shortened, tail
from portal.mail.quoted import quoted
from portal.rules.changes import Comparison, Segment, canonical, marked
from portal.rules.changes.result import Change
from portal.rules.policy import NoticeTerms, Treatment
from portal.rules.window import Deadline, deadline

LONGEST_PIECE = 180
CONTEXT = 48
MOST_CHANGES = 30
ROOM = 60_000
"""Bytes for the summary and the changes, in both parts and as they are sent. What else a mail says is less than 25,000,
in whatever script: so a message stays below 100,000, where some programs begin to cut."""
EDGE = "\x01"


@dataclass(frozen=True, slots=True)
class Tag:
    """A purpose that a change concerns: its title, and what an objection to it means."""

    title: str
    treatment: Treatment


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A change as the mail tells it. `before` and `after` are plain words, empty where there are none."""

    id: str
    kind: str
    where: tuple[str, ...]
    before: str
    after: str
    places: int
    tags: tuple[Tag, ...]
    told_of: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A version as a notice tells it, the same for all its members. `changes` are those that concern a purpose.

    `more`: changes that found no room. `wording_only`: those that concern none.
    """

    slug: str
    title: str
    number: int
    language: str
    summary: str
    posted_at: datetime
    terms: NoticeTerms
    changes: tuple[ToldChange, ...]
    more: int
    wording_only: int
    touched: tuple[Tag, ...]
    told_of: tuple[str, ...]
    can_stop: tuple[tuple[str, str], ...]

    def titles(self, treatment: str) -> list[str]:
        """The purposes touched that are treated so, by their titles."""
        return [tag.title for tag in self.touched if tag.treatment == treatment]

    @property
    def may_object(self) -> bool:
        """Whether there is a right to object, and something to object to."""
        return self.terms.may_object and any(tag.treatment.objectable for tag in self.touched)

    @property
    def can_prevent(self) -> bool:
        """Whether the mail is no channel and there to tell of a use, which can be prevented by opting out."""
        return bool(self.told_of) and not self.terms.by_email

    def if_opened(self, at: datetime) -> Deadline:
        """When a window would close that opened at that instant."""
        return deadline(at, self.terms)


@dataclass(frozen=True, slots=True)
class Purposes:
    """Of the version: the titles, the treatments, and the purposes that are told of by mail in any case, by key."""

    titles: Mapping[str, str]
    treatments: Mapping[str, Treatment]
    told_of: Sequence[str] = ()

    def tags(self, keys: Sequence[str]) -> tuple[Tag, ...]:
        known = [key for key in self.treatments if key in keys]
        return tuple(Tag(self.titles.get(key, key), self.treatments[key]) for key in known)


def told_changes(
    comparison: Comparison | None, old: str, new: str, classified: Mapping[str, Sequence[str]], purposes: Purposes
) -> list[ToldChange]:
    """The changes that concern a purpose, in the order of the text. `classified`: change id -> purposes."""
    if comparison is None:
        return []
    before, after = canonical(old), canonical(new)
    return [
        _told(change, before, after, list(classified[change.id]), purposes)
        for change in comparison.changes
        if classified.get(change.id)
    ]


def fitting(changes: Sequence[ToldChange], summary: str) -> tuple[ToldChange, ...]:
    """The first of the changes, as many as a mail has room for beside the summary."""
    left, found = ROOM - _size(summary), list[ToldChange]()
    for change in changes[:MOST_CHANGES]:
        left -= _size(" ".join([*change.where, change.before, change.after, *(tag.title for tag in change.tags)]))
        if left < 0:
            break
        found.append(change)
    return tuple(found)


def _size(text: str) -> int:
    """Bytes of the words in the text and in the HTML; in quoted-printable one character may take twelve."""
    return len(quoted(text)) + len(quoted(escape(text)))


def _told(change: Change, old: str, new: str, keys: Sequence[str], purposes: Purposes) -> ToldChange:
    was, becomes, places = _words(change, old, new)
    return ToldChange(
        id=change.id,
        kind=change.kind,
        where=_where(change, new or old),
        before=was,
        after=becomes,
        places=places,
        tags=purposes.tags(keys),
        told_of=any(key in purposes.told_of for key in keys),
    )


def _where(change: Change, text: str) -> tuple[str, ...]:
    """The headings above the change, without the text's own title, and with the clause's number."""
    section = change.section
    title = text.lstrip().partition("\n")[0]
    if len(section) > 1 and title.startswith("# ") and title[2:].strip() == section[0]:
        section = section[1:]
    path = [shortened(plain(name), LONGEST_PIECE) for name in section]
    if change.label:
        path = [*path[:-1], f"{change.label} {path[-1]}"] if path else [change.label]
    return tuple(path)


def _words(change: Change, old: str, new: str) -> tuple[str, str, int]:
    """The old words, the new ones, and in how many places they differ; cut to what a mail has room for."""
    if change.new is None or change.old is None:
        gone = old[slice(*change.old)] if change.old else ""
        come = new[slice(*change.new)] if change.new else ""
        return shortened(plain(gone), LONGEST_PIECE), shortened(plain(come), LONGEST_PIECE), 1
    segments = marked(change, old, new)
    first = next((i for i, segment in enumerate(segments) if segment.op != "equal"), None)
    if first is None:
        return "", "", 0
    last = first
    while last + 1 < len(segments) and _is_near(segments[last + 1]):
        last += 1
    places = 1 + sum(
        1 for i in range(last + 1, len(segments)) if segments[i].op != "equal" and segments[i - 1].op == "equal"
    )
    middle = segments[first : last + 1]
    removed = any(s.op == "delete" and plain(s.text) for s in middle)
    added = any(s.op == "insert" and plain(s.text) for s in middle)
    was, becomes = (_in_context(segments, first, last, left_out) for left_out in ("insert", "delete"))
    return was if removed else "", becomes if added else "", places


def _in_context(segments: Sequence[Segment], first: int, last: int, left_out: str) -> str:
    """The words of one side with a little of what stands around them; all lose their marks together, as one text."""
    pieces = (segments[:first], segments[first : last + 1], segments[last + 1 :])
    texts = ("".join(s.text for s in piece if s.op != left_out).replace(EDGE, "") for piece in pieces)
    before, middle, after = plain(EDGE.join(texts)).split(EDGE)
    return (tail(before, CONTEXT) + shortened(middle, LONGEST_PIECE) + shortened(after, CONTEXT)).strip(" ·")


def _is_near(segment: Segment) -> bool:
    """Whether it belongs to the same place: changed too, or only a few kept words between two changed ones."""
    return segment.op != "equal" or len(segment.text) < CONTEXT
