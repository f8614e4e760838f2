"""When a version takes effect for a member, and when that member's window opens and closes (rules: "Instants")."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.rules.holiday import is_holiday
from portal.rules.policy import DayCount, NoticeTerms, Version

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is known of one notice: instants in UTC, in the order in which they happened.

    `sent` holds the acceptances by a receiving mail server; `bounced` the indices (from 0) of those that came back.
    `closings` holds, for an opening instant, the closing that was recorded for it when the window opened: it is kept
    against later updates of zone and holiday tables.
    """

    sent: tuple[datetime, ...] = ()
    bounced: frozenset[int] = frozenset()
    refused: bool = False
    seen_at: datetime | None = None
    closings: Mapping[datetime, datetime] = field(default_factory=dict)

    @property
    def reached(self) -> tuple[datetime, ...]:
        """The sendings that did not bounce, and the sight."""
        unbounced = tuple(at for i, at in enumerate(self.sent) if i not in self.bounced)
        return unbounced if self.seen_at is None else (*unbounced, self.seen_at)

    def bounce_of(self, sending: int | None) -> int | None:
        """Which sending (from 0) a bounce marks: the one it names (from 1), else the latest unbounced; None = none."""
        if sending is None:
            return max(set(range(len(self.sent))) - self.bounced, default=None)
        return sending - 1 if 0 < sending <= len(self.sent) and sending - 1 not in self.bounced else None


@dataclass(frozen=True, slots=True)
class Window:
    """One member's window for one version; instants in UTC, None where there is none (yet)."""

    effective_at: datetime | None
    opens_at: datetime | None
    closes_at: datetime | None

    def open_or_ahead(self, at: datetime) -> bool:
        """Whether an answer received at that instant is in time: before the closing, or while there is none."""
        return self.closes_at is None or at < self.closes_at


@dataclass(frozen=True, slots=True)
class Deadline:
    """A closing instant and how it was counted: the last local day, and the days it was moved past."""

    closes_at: datetime
    last_day: date | None = None
    moved_past: tuple[date, ...] = ()


def window(version: Version, delivery: Delivery) -> Window:
    """The member's window for this version, from what is known of the notice."""
    effective = effective_at(version, delivery)
    opens = opens_at(version, delivery, effective)
    if opens is None or not version.terms.may_object:
        return Window(effective, opens, None)
    return Window(effective, opens, delivery.closings.get(opens) or deadline(opens, version.terms).closes_at)


def effective_at(version: Version, delivery: Delivery) -> datetime | None:
    """The later of posting and first sending, bounced or not; after a refusal the sight counts like a sending."""
    if not version.terms.by_email:
        return version.posted_at
    counted = list(delivery.sent)
    if delivery.refused and delivery.seen_at is not None:
        counted.append(delivery.seen_at)
    return max(version.posted_at, min(counted)) if counted else None


def opens_at(version: Version, delivery: Delivery, effective: datetime | None) -> datetime | None:
    """The earliest unbounced sending or sight, but never before `effective_at`."""
    if not version.terms.by_email:
        return version.posted_at
    if effective is None or not delivery.reached:
        return None
    return max(effective, min(delivery.reached))


def deadline(opens: datetime, terms: NoticeTerms) -> Deadline:
    """When a window opened at that instant (UTC) closes (UTC), under terms that give a right to object.

    Working days: the last day moves past Saturdays, Sundays and public holidays (Regulation (EEC, Euratom)
    No 1182/71, art. 3(4)).
    """
    if terms.day_count is DayCount.ELAPSED:
        return Deadline(opens + timedelta(hours=24 * terms.objection_days))
    zone = ZoneInfo(terms.zone)
    last_day = opens.astimezone(zone).date() + timedelta(days=terms.objection_days)
    moved_past: list[date] = []
    while terms.day_count is DayCount.WORKING and _is_free(last_day, terms.holidays):
        moved_past.append(last_day)
        last_day += timedelta(days=1)
    return Deadline(first_instant(last_day + timedelta(days=1), zone), last_day, tuple(moved_past))


def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) of a local day.

    Where a clock change skips midnight, the day begins after the gap; of a day that the zone skipped whole (Samoa,
    30 December 2011) it is the first instant after it. Where midnight strikes twice, the first one counts.
    """
    midnight = datetime.combine(day, time(), zone)
    struck = midnight.astimezone(UTC)
    if struck.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return struck
    # Midnight lies in a gap: with the offset before the gap it comes out behind the change, with the one after, ahead.
    return _end_of_gap(day, zone, midnight.replace(fold=1).astimezone(UTC), struck)


def _end_of_gap(day: date, zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Bisects, to the second, for the clock change between an instant before the day and one on or after it."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        before, after = (before, middle) if middle.astimezone(zone).date() >= day else (middle, after)
    return after


def _is_free(day: date, region: str | None) -> bool:
    return day.weekday() >= SATURDAY or is_holiday(day, region)
