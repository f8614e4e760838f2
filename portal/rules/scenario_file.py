"""Reads scenario files (rules: "Scenario files"). Everything malformed is named by its place."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from portal.rules.errors import Malformed
from portal.rules.form import an_object, instant, items, known_name, no_twins, number, text, texts, wanted
from portal.rules.policy import ClassifiedChange, NoticeTerms, Treatment, Version, treatments_from_json
from portal.rules.window import deadline

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


@dataclass(frozen=True)
class Scenario:
    """A whole scenario, checked."""

    versions: tuple[Version, ...]
    members: tuple[Member, ...]
    events: tuple[Event, ...]
    questions: tuple[Question, ...]

    def version(self, number: int | None) -> Version | None:
        return self._by_number.get(number)

    @cached_property
    def _by_number(self) -> Mapping[int | None, Version]:
        return {version.number: version for version in self.versions}


def read(parsed: object) -> Scenario:
    """A scenario out of parsed JSON; an object with a `scenario` key is that scenario. Raises Malformed."""
    if isinstance(parsed, dict) and "scenario" in parsed:
        parsed = parsed["scenario"]
    top = an_object(parsed, "", {"policy", "versions", "members", "events", "questions"})
    for key in ("policy", "versions", "members"):
        wanted(top, key, "")
    versions, purposes = _versions(top)
    members = items(top, "members", "", lambda item, place: _member(item, place, len(versions)))
    no_twins([member.id for member in members], "members")
    names = frozenset(member.id for member in members)
    events = items(top, "events", "", lambda item, place: _event(item, place, names, purposes))
    questions = items(top, "questions", "", lambda item, place: _question(item, place, names, purposes))
    scenario = Scenario(versions, members, events, questions)
    _check_windows_end(scenario)
    return scenario


def _versions(top: dict[str, object]) -> tuple[tuple[Version, ...], frozenset[str]]:
    """The versions, and every purpose that the policy or one of them treats."""
    policy = an_object(top["policy"], "policy", {"slug", "notice", "purposes"})
    text(policy.get("slug", "policy"), "policy.slug")
    terms = NoticeTerms.from_json(policy.get("notice", {}), "policy.notice")
    treatments = treatments_from_json(policy.get("purposes", {}), "policy.purposes")
    versions = items(top, "versions", "", lambda item, place: _version(item, place, terms, treatments))
    for i, version in enumerate(versions):
        if version.number != i + 1:
            raise Malformed(f"versions[{i}].number", f"versions are numbered 1, 2, 3 …; {i + 1} is wanted here")
        if i and version.posted_at <= versions[i - 1].posted_at:
            raise Malformed(f"versions[{i}].posted_at", "must be later than the version before it")
    return versions, frozenset(treatments).union(*(version.treatments for version in versions))


def _version(given: object, place: str, terms: NoticeTerms, treatments: Mapping[str, Treatment]) -> Version:
    item = an_object(given, place, {"number", "posted_at", "changes", "notice", "purposes"})
    if "notice" in item:
        terms = NoticeTerms.from_json(item["notice"], f"{place}.notice")
    if "purposes" in item:
        treatments = treatments_from_json(item["purposes"], f"{place}.purposes")
    changes = items(item, "changes", place, lambda change, where: _change(change, where, treatments))
    no_twins([change.id for change in changes], f"{place}.changes")
    return Version(
        number=number(wanted(item, "number", place), f"{place}.number"),
        posted_at=instant(wanted(item, "posted_at", place), f"{place}.posted_at"),
        changes=changes,
        terms=terms,
        treatments=treatments,
    )


def _change(given: object, place: str, treatments: Mapping[str, Treatment]) -> ClassifiedChange:
    item = an_object(given, place, {"id", "purposes"})
    purposes = texts(item.get("purposes", []), f"{place}.purposes")
    for i, purpose in enumerate(purposes):
        known_name(purpose, treatments, f"{place}.purposes[{i}]", "purpose")
    return ClassifiedChange(text(wanted(item, "id", place), f"{place}.id"), frozenset(purposes))


def _member(given: object, place: str, newest: int) -> Member:
    item = an_object(given, place, {"id", "joined_at", "joined_on"})
    joined_on = None if item.get("joined_on") is None else number(item["joined_on"], f"{place}.joined_on")
    if joined_on is not None and not 0 <= joined_on <= newest:
        raise Malformed(f"{place}.joined_on", f"there is no version {joined_on}")
    return Member(
        id=text(wanted(item, "id", place), f"{place}.id"),
        joined_at=instant(wanted(item, "joined_at", place), f"{place}.joined_at"),
        joined_on=joined_on,
    )


def _event(given: object, place: str, members: Collection[str], purposes: Collection[str]) -> Event:
    item = an_object(given, place)
    kind = known_name(wanted(item, "type", place), EVENT_KEYS, f"{place}.type", "event type")
    an_object(item, place, {"at", "type", "member"} | EVENT_KEYS[kind])
    for key in sorted(EVENT_KEYS[kind] - OPTIONAL):
        wanted(item, key, place)
    changes = item.get("changes")
    return Event(
        at=instant(wanted(item, "at", place), f"{place}.at"),
        type=kind,
        member=known_name(wanted(item, "member", place), members, f"{place}.member", "member"),
        version=number(item["version"], f"{place}.version") if "version" in item else None,
        changes=() if changes is None else texts(changes, f"{place}.changes"),
        purpose=known_name(item["purpose"], purposes, f"{place}.purpose", "purpose") if "purpose" in item else None,
        sending=None if item.get("sending") is None else number(item["sending"], f"{place}.sending"),
    )


def _question(given: object, place: str, members: Collection[str], purposes: Collection[str]) -> Question:
    item = an_object(given, place, {"member", "purpose", "collected_at", "at"})
    return Question(
        member=known_name(wanted(item, "member", place), members, f"{place}.member", "member"),
        purpose=known_name(wanted(item, "purpose", place), purposes, f"{place}.purpose", "purpose"),
        collected_at=instant(wanted(item, "collected_at", place), f"{place}.collected_at"),
        at=instant(wanted(item, "at", place), f"{place}.at"),
    )


def _check_windows_end(scenario: Scenario) -> None:
    """Whatever may open a window leaves room for its end: the calendar of `datetime` has the years 1 to 9999."""
    for i, version in enumerate(scenario.versions):
        _check_window_ends(version.posted_at, version, f"versions[{i}].posted_at")
    for i, event in enumerate(scenario.events):
        version_told = scenario.version(event.version) if event.type in ("sent", "seen") else None
        if version_told is not None:
            _check_window_ends(event.at, version_told, f"events[{i}].at")


def _check_window_ends(opens: datetime, version: Version, place: str) -> None:
    try:
        deadline(opens, version.terms)
    except OverflowError as error:
        raise Malformed(place, "a window that opens here would end outside the years 1 to 9999") from error
