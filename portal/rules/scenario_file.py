"""Reads scenario files and writes their answers (rules: "Scenario files"). Everything malformed is named by its place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from portal.rules.errors import Malformed
from portal.rules.policy import ClassifiedChange, NoticeTerms, Treatment, Version, an_object, treatments_from_json

Item = TypeVar("Item")

EVENT_KEYS = {
    "sent": {"version"},
    "refused": {"version"},
    "bounced": {"version", "sending"},
    "seen": {"version"},
    "objected": {"version", "changes"},
    "withdrawn": {"version"},
    "consented": {"version", "purpose"},
    "closed": set[str](),
    "opted_out": {"purpose"},
    "opted_in": {"purpose"},
}
OPTIONAL = {"sending", "changes"}


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a scenario; `joined_on` None = computed from `joined_at`."""

    id: str
    joined_at: datetime
    joined_on: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; which of the optional parts are there depends on the type."""

    at: datetime
    type: str
    member: str
    version: int | None = None
    changes: tuple[str, ...] = ()
    purpose: str | None = None
    sending: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Which version governs this member's data, collected then, for this purpose, asked at `at`?"""

    member: str
    purpose: str
    collected_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole scenario, checked."""

    versions: tuple[Version, ...]
    members: tuple[Member, ...]
    events: tuple[Event, ...]
    questions: tuple[Question, ...]

    def version(self, number: int | None) -> Version | None:
        return next((version for version in self.versions if version.number == number), None)


def read(parsed: object) -> Scenario:
    """A scenario out of parsed JSON; an object with a `scenario` key is that scenario. Raises Malformed."""
    if isinstance(parsed, dict) and "scenario" in parsed:
        parsed = parsed["scenario"]
    top = an_object(parsed, "", {"policy", "versions", "members", "events", "questions"})
    policy = an_object(_wanted(top, "policy", ""), "policy", {"slug", "notice", "purposes"})
    terms = NoticeTerms.from_json(policy.get("notice", {}), "policy.notice")
    treatments = treatments_from_json(policy.get("purposes", {}), "policy.purposes")
    versions = _versions(top, terms, treatments)
    purposes = frozenset(treatments).union(*(version.treatments for version in versions))
    members = _items(top, "members", lambda item, place: _member(item, place, versions))
    _no_twins([member.id for member in members], "members")
    names = frozenset(member.id for member in members)
    return Scenario(
        versions=versions,
        members=members,
        events=_items(top, "events", lambda item, place: _event(item, place, names, purposes)),
        questions=_items(top, "questions", lambda item, place: _question(item, place, names, purposes)),
    )


def _versions(
    top: dict[str, object], terms: NoticeTerms, treatments: Mapping[str, Treatment]
) -> tuple[Version, ...]:
    versions = _items(top, "versions", lambda item, place: _version(item, place, terms, treatments))
    for i, version in enumerate(versions):
        if version.number != i + 1:
            raise Malformed(f"versions[{i}].number", f"versions are numbered 1, 2, 3 …; {i + 1} is wanted here")
        if i and version.posted_at <= versions[i - 1].posted_at:
            raise Malformed(f"versions[{i}].posted_at", "must be later than the version before it")
    return versions


def _version(given: object, place: str, terms: NoticeTerms, treatments: Mapping[str, Treatment]) -> Version:
    item = an_object(given, place, {"number", "posted_at", "changes", "notice", "purposes"})
    if "notice" in item:
        terms = NoticeTerms.from_json(item["notice"], f"{place}.notice")
    if "purposes" in item:
        treatments = treatments_from_json(item["purposes"], f"{place}.purposes")
    changes = _items(item, "changes", lambda change, where: _change(change, where, treatments), place)
    _no_twins([change.id for change in changes], f"{place}.changes")
    return Version(
        number=_number(_wanted(item, "number", place), f"{place}.number"),
        posted_at=_instant(_wanted(item, "posted_at", place), f"{place}.posted_at"),
        changes=changes,
        terms=terms,
        treatments=treatments,
    )


def _change(given: object, place: str, treatments: Mapping[str, Treatment]) -> ClassifiedChange:
    item = an_object(given, place, {"id", "purposes"})
    purposes = _texts(item.get("purposes", []), f"{place}.purposes")
    for i, purpose in enumerate(purposes):
        _known(purpose, treatments, f"{place}.purposes[{i}]", "purpose")
    return ClassifiedChange(_text(_wanted(item, "id", place), f"{place}.id"), frozenset(purposes))


def _member(given: object, place: str, versions: tuple[Version, ...]) -> Member:
    item = an_object(given, place, {"id", "joined_at", "joined_on"})
    on = item.get("joined_on")
    if on is not None and _number(on, f"{place}.joined_on") not in range(len(versions) + 1):
        raise Malformed(f"{place}.joined_on", f"there is no version {on}")
    joined_at = _instant(_wanted(item, "joined_at", place), f"{place}.joined_at")
    return Member(_text(_wanted(item, "id", place), f"{place}.id"), joined_at, on if isinstance(on, int) else None)


def _event(given: object, place: str, members: frozenset[str], purposes: frozenset[str]) -> Event:
    item = an_object(given, place)
    kind = _text(_wanted(item, "type", place), f"{place}.type")
    if kind not in EVENT_KEYS:
        raise Malformed(f"{place}.type", f"{kind!r} is none of {', '.join(EVENT_KEYS)}")
    an_object(item, place, {"at", "type", "member"} | EVENT_KEYS[kind])
    for key in sorted(EVENT_KEYS[kind] - OPTIONAL):
        _wanted(item, key, place)
    event = Event(
        at=_instant(_wanted(item, "at", place), f"{place}.at"),
        type=kind,
        member=_known(_wanted(item, "member", place), members, f"{place}.member", "member"),
        version=_number(item["version"], f"{place}.version") if "version" in item else None,
        changes=_texts(item.get("changes") or [], f"{place}.changes"),
        purpose=_known(item["purpose"], purposes, f"{place}.purpose", "purpose") if "purpose" in item else None,
        sending=_number(item["sending"], f"{place}.sending") if item.get("sending") is not None else None,
    )
    return event


def _question(given: object, place: str, members: frozenset[str], purposes: frozenset[str]) -> Question:
    item = an_object(given, place, {"member", "purpose", "collected_at", "at"})
    return Question(
        member=_known(_wanted(item, "member", place), members, f"{place}.member", "member"),
        purpose=_known(_wanted(item, "purpose", place), purposes, f"{place}.purpose", "purpose"),
        collected_at=_instant(_wanted(item, "collected_at", place), f"{place}.collected_at"),
        at=_instant(_wanted(item, "at", place), f"{place}.at"),
    )


def _items(
    parent: dict[str, object], key: str, read_one: Callable[[object, str], Item], place: str = ""
) -> tuple[Item, ...]:
    where = f"{place}.{key}" if place else key
    given = parent.get(key, [])
    if not isinstance(given, list):
        raise Malformed(where, "a list is wanted here")
    return tuple(read_one(item, f"{where}[{i}]") for i, item in enumerate(given))


def _wanted(item: dict[str, object], key: str, place: str) -> object:
    if key not in item:
        raise Malformed(f"{place}.{key}" if place else key, "is missing")
    return item[key]


def _instant(given: object, place: str) -> datetime:
    """An instant in UTC, to the second. Fractions are dropped before anything else."""
    try:
        instant = datetime.fromisoformat(_text(given, place))
    except ValueError as error:
        raise Malformed(place, f"{given!r} is no instant such as 2026-03-22T04:00:00Z") from error
    if instant.tzinfo is None:
        raise Malformed(place, f"{given!r} has no offset; write 2026-03-22T04:00:00Z or +01:00")
    return instant.astimezone(UTC).replace(microsecond=0)


def _number(given: object, place: str) -> int:
    if not isinstance(given, int) or isinstance(given, bool):
        raise Malformed(place, f"{given!r} is no whole number")
    return given


def _text(given: object, place: str) -> str:
    if not isinstance(given, str) or not given:
        raise Malformed(place, f"{given!r} is no text")
    return given


def _texts(given: object, place: str) -> tuple[str, ...]:
    if not isinstance(given, list):
        raise Malformed(place, "a list is wanted here")
    return tuple(_text(item, f"{place}[{i}]") for i, item in enumerate(given))


def _known(given: object, known: Any, place: str, kind: str) -> str:
    name = _text(given, place)
    if name not in known:
        raise Malformed(place, f"there is no {kind} {name!r}")
    return name


def _no_twins(ids: list[str], place: str) -> None:
    for i, name in enumerate(ids):
        if name in ids[:i]:
            raise Malformed(f"{place}[{i}].id", f"{name!r} stands here twice")
