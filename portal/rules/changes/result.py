"""The result of a comparison, and its JSON form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from portal.rules.changes.classes import MINOR

Span = tuple[int, int]
Delta = tuple[Span | str, ...]


class Hunk(NamedTuple):
    """Changed words inside a unit. Spans are ``[start, end)`` in code points; None where there is nothing."""

    old: Span | None
    new: Span | None
    cls: str


class Change(NamedTuple):
    """One addressable difference. `kind`: insert, delete, modify, move, move+modify, split, merge."""

    id: str
    kind: str
    cls: str
    flags: tuple[str, ...]
    group: str
    section: tuple[str, ...]
    label: str | None
    similarity: float
    old: Span | None
    new: Span | None
    hunks: tuple[Hunk, ...]

    @property
    def minor(self) -> bool:
        """Shown collapsed, but counted: numbering, link, format, typography, space, meta."""
        return self.cls in MINOR


@dataclass(frozen=True, slots=True)
class SectionEvent:
    """What happened to a whole section: added, removed, renamed, renumbered, reparented, moved."""

    event: str
    old: tuple[str, ...] | None
    new: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Extent:
    """Which text was compared: its digest, and its length in code points."""

    digest: str
    chars: int


@dataclass(frozen=True, slots=True)
class Comparison:
    engine: str
    degraded: bool
    old: Extent
    new: Extent
    changes: tuple[Change, ...]
    sections: tuple[SectionEvent, ...]
    delta: Delta

    def to_json(self) -> dict[str, Any]:
        """The form that is printed, stored and published."""
        return {
            "engine": self.engine,
            "degraded": self.degraded,
            "old": {"digest": self.old.digest, "chars": self.old.chars},
            "new": {"digest": self.new.digest, "chars": self.new.chars},
            "changes": [_change_to_json(change) for change in self.changes],
            "sections": [
                {
                    "event": s.event,
                    "old": list(s.old) if s.old is not None else None,
                    "new": list(s.new) if s.new is not None else None,
                }
                for s in self.sections
            ],
            "delta": [part if isinstance(part, str) else list(part) for part in self.delta],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Comparison":
        """The inverse of `to_json`; KeyError or TypeError where the form is another."""
        return cls(
            engine=data["engine"],
            degraded=data["degraded"],
            old=Extent(**data["old"]),
            new=Extent(**data["new"]),
            changes=tuple(_change_from_json(change) for change in data["changes"]),
            sections=tuple(
                SectionEvent(
                    s["event"],
                    tuple(s["old"]) if s["old"] is not None else None,
                    tuple(s["new"]) if s["new"] is not None else None,
                )
                for s in data["sections"]
            ),
            delta=tuple(part if isinstance(part, str) else (part[0], part[1]) for part in data["delta"]),
        )


def _change_to_json(change: Change) -> dict[str, Any]:
    return {
        "id": change.id,
        "kind": change.kind,
        "class": change.cls,
        "flags": list(change.flags),
        "group": change.group,
        "section": list(change.section),
        "label": change.label,
        "similarity": change.similarity,
        "old": _list(change.old),
        "new": _list(change.new),
        "hunks": [{"old": _list(h.old), "new": _list(h.new), "class": h.cls} for h in change.hunks],
    }


def _change_from_json(data: Mapping[str, Any]) -> Change:
    return Change(
        id=data["id"],
        kind=data["kind"],
        cls=data["class"],
        flags=tuple(data["flags"]),
        group=data["group"],
        section=tuple(data["section"]),
        label=data["label"],
        similarity=data["similarity"],
        old=_span(data["old"]),
        new=_span(data["new"]),
        hunks=tuple(Hunk(_span(h["old"]), _span(h["new"]), h["class"]) for h in data["hunks"]),
    )


def _list(span: Span | None) -> list[int] | None:
    return None if span is None else [span[0], span[1]]


def _span(data: Any) -> Span | None:
    return None if data is None else (data[0], data[1])
