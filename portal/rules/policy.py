"""Purposes, treatments, notice terms, and the versions that carry them (rules: "Treatments", "Notice terms")."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar
from zoneinfo import ZoneInfo

from portal.rules.errors import Malformed
from portal.rules.holiday import holidays_known

USUAL_OBJECTION_DAYS = 20
FEWEST_OBJECTION_DAYS = 10

Kind = TypeVar("Kind", bound=StrEnum)


class Treatment(StrEnum):
    """What an objection to a purpose means."""

    SEPARABLE = "separable"
    INSEPARABLE = "inseparable"
    OPT_IN = "opt_in"

    @property
    def objectable(self) -> bool:
        return self is not Treatment.OPT_IN


class Channel(StrEnum):
    """A way in which a change is told."""

    SITE = "site"
    ACCOUNT = "account"
    EMAIL = "email"


class DayCount(StrEnum):
    """How the days of an objection window are counted."""

    ELAPSED = "elapsed"
    CALENDAR = "calendar"
    WORKING = "working"


@dataclass(frozen=True, slots=True)
class NoticeTerms:
    """How a version's changes are told and objected to. `zone` is an IANA name, `holidays` like `DE` or `DE-BY`."""

    channels: frozenset[Channel] = frozenset(Channel)
    objection_days: int = USUAL_OBJECTION_DAYS
    day_count: DayCount = DayCount.CALENDAR
    zone: str = "UTC"
    holidays: str | None = None

    @property
    def by_email(self) -> bool:
        return Channel.EMAIL in self.channels

    @property
    def may_object(self) -> bool:
        return self.objection_days > 0

    def to_json(self) -> dict[str, object]:
        """The terms as scenario files and the archive write them."""
        terms: dict[str, object] = {
            "channels": [str(channel) for channel in Channel if channel in self.channels],
            "objection_days": self.objection_days,
            "day_count": str(self.day_count),
            "zone": self.zone,
        }
        if self.holidays is not None:
            terms["holidays"] = self.holidays
        return terms

    @classmethod
    def from_json(cls, given: object, place: str = "notice") -> "NoticeTerms":
        """Terms out of parsed JSON or TOML; missing settings take the usual value. Raises Malformed."""
        settings = an_object(given, place, {"channels", "objection_days", "day_count", "zone", "holidays"})
        return cls(
            channels=_channels(settings.get("channels", list(Channel)), f"{place}.channels"),
            objection_days=_objection_days(
                settings.get("objection_days", USUAL_OBJECTION_DAYS), f"{place}.objection_days"
            ),
            day_count=_day_count(settings.get("day_count", "calendar"), f"{place}.day_count"),
            zone=_zone(settings.get("zone", "UTC"), f"{place}.zone"),
            holidays=_holidays(settings.get("holidays"), f"{place}.holidays"),
        )


@dataclass(frozen=True, slots=True)
class ClassifiedChange:
    """A change as the rules see it: an id and the purposes legal gave to it (none = editorial)."""

    id: str
    purposes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Version:
    """One published version: its number, when it was posted (UTC), its changes, and its own terms and treatments."""

    number: int
    posted_at: datetime
    changes: tuple[ClassifiedChange, ...] = ()
    terms: NoticeTerms = NoticeTerms()
    treatments: Mapping[str, Treatment] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def touched(self) -> frozenset[str]:
        """Every purpose that some change of this version touches."""
        return frozenset(purpose for change in self.changes for purpose in change.purposes)

    @cached_property
    def objectable(self) -> Mapping[str, frozenset[str]]:
        """Change id -> the separable and inseparable purposes it touches; changes with none of these are left out."""
        covers = {change.id: frozenset(filter(self._is_objectable, change.purposes)) for change in self.changes}
        return {change_id: purposes for change_id, purposes in covers.items() if purposes}

    def treats(self, purpose: str, treatment: Treatment) -> bool:
        """Whether this version touches the purpose and treats it so."""
        return purpose in self.touched and self.treatments.get(purpose) is treatment

    def closes(self, purposes: frozenset[str]) -> bool:
        """Whether an objection that covers these purposes closes the account."""
        return any(self.treatments[purpose] is Treatment.INSEPARABLE for purpose in purposes)

    def _is_objectable(self, purpose: str) -> bool:
        return self.treatments[purpose].objectable


def treatments_from_json(given: object, place: str = "purposes") -> Mapping[str, Treatment]:
    """`{"marketing": "separable"}` as treatments. Raises Malformed."""
    purposes = an_object(given, place)
    return MappingProxyType({name: _treatment(value, f"{place}.{name}") for name, value in purposes.items()})


def an_object(given: object, place: str, known: set[str] | None = None) -> dict[str, object]:
    """The given value as an object with no keys but the known ones. Raises Malformed with the place."""
    if not isinstance(given, dict):
        raise Malformed(place, "an object is wanted here")
    for key in given:
        if known is not None and key not in known:
            raise Malformed(f"{place}.{key}" if place else str(key), f"unknown key; known are {', '.join(sorted(known))}")
    return given


def _treatment(given: object, place: str) -> Treatment:
    return _one_of(Treatment, given, place)


def _day_count(given: object, place: str) -> DayCount:
    return _one_of(DayCount, given, place)


def _one_of(kind: type[Kind], given: object, place: str) -> Kind:
    if given not in list(kind):
        raise Malformed(place, f"{given!r} is none of {', '.join(kind)}")
    return kind(str(given))


def _channels(given: object, place: str) -> frozenset[Channel]:
    if not isinstance(given, list):
        raise Malformed(place, "a list of channels is wanted here")
    named = {_one_of(Channel, channel, f"{place}[{i}]") for i, channel in enumerate(given)}
    return frozenset(named | {Channel.SITE})


def _objection_days(given: object, place: str) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or given < 0:
        raise Malformed(place, f"{given!r} is no number of days")
    if 0 < given < FEWEST_OBJECTION_DAYS:
        raise Malformed(place, f"{given} is too few: 0 (no right to object) or {FEWEST_OBJECTION_DAYS} and more")
    return given


def _zone(given: object, place: str) -> str:
    try:
        return ZoneInfo(str(given)).key
    except (KeyError, ValueError, OSError) as error:
        raise Malformed(place, f"{given!r} is no IANA time zone") from error


def _holidays(given: object, place: str) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str) or not holidays_known(given):
        raise Malformed(place, f"{given!r} is no country or region with known holidays, such as DE or DE-BY")
    return given
