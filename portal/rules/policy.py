"""Purposes, treatments, notice terms, and the versions that carry them (rules: "Treatments", "Notice terms")."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache, cached_property
from importlib import resources
from types import MappingProxyType

from portal.rules.errors import Malformed
from portal.rules.form import a_list, an_object, below, number, one_of, shown, text
from portal.rules.holiday import holidays_known
from portal.rules.said import Said

USUAL_OBJECTION_DAYS = 20
FEWEST_OBJECTION_DAYS = 10
# A hundred years. The calendar ends with the year 9999, and a window has to end before.
MOST_OBJECTION_DAYS = 36_525


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
            day_count=one_of(DayCount, settings.get("day_count", "calendar"), f"{place}.day_count"),
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
    return MappingProxyType({name: one_of(Treatment, value, below(place, name)) for name, value in purposes.items()})


def _channels(given: object, place: str) -> frozenset[Channel]:
    named = {one_of(Channel, channel, f"{place}[{i}]") for i, channel in enumerate(a_list(given, place))}
    return frozenset(named | {Channel.SITE})


def _objection_days(given: object, place: str) -> int:
    days = number(given, place)
    if days != 0 and not FEWEST_OBJECTION_DAYS <= days <= MOST_OBJECTION_DAYS:
        wanted = f"0 (no right to object), or {FEWEST_OBJECTION_DAYS} to {MOST_OBJECTION_DAYS} days"
        raise Malformed(place, f"{shown(days)} is none of: {wanted}")
    return days


def _zone(given: object, place: str) -> str:
    name = text(given, place)
    if name not in _zones():
        raise Malformed(place, Said("%(given)s is no IANA time zone such as Europe/Berlin", given=shown(name)))
    return name


@cache
def _zones() -> frozenset[str]:
    """IANA's names. What else a machine's zone folder holds (`localtime`, `right/UTC`) means other things elsewhere."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("ascii").split())


def _holidays(given: object, place: str) -> str | None:
    if given is None:
        return None
    region = text(given, place)
    if not holidays_known(region):
        raise Malformed(place, f"{shown(region)} is no country or region with known holidays, such as DE or DE-BY")
    return region
