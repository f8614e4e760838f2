"""By when a member's request has to be answered (rules: "Requests")."""

from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.rules.window import Deadline, first_instant

DAYS = 30
MONTHS = 1
EXTENDED_MONTHS = 2
"""By so many further months an answer may be put off (GDPR, art. 12(3))."""


def answer_by(received_at: datetime, zones: Iterable[str]) -> Deadline:
    """When a request received at that instant (UTC) has to be answered: before `closes_at`, so on `last_day` at last.

    GDPR, art. 12(3) allows one month, which Regulation (EEC, Euratom) No 1182/71, art. 3(2)(c) counts by dates; we
    promise 30 days. Whichever ends first counts. The day of receipt does not count, and weekends and holidays move
    nothing. Of several `zones` (IANA names; none: UTC) the one in which the last day ends first counts.
    """
    return _first_to_end(zones, lambda zone: _earlier(_day(received_at, zone)))


def extended_answer_by(received_at: datetime, zones: Iterable[str]) -> Deadline:
    """The same where the answer was put off by the two further months of art. 12(3), three in all."""
    return _first_to_end(zones, lambda zone: _months_later(_day(received_at, zone), MONTHS + EXTENDED_MONTHS))


def _first_to_end(zones: Iterable[str], last_day: Callable[[ZoneInfo], date]) -> Deadline:
    ends = [_end(last_day(zone), zone) for zone in map(ZoneInfo, set(zones) or {"UTC"})]
    return min(ends, key=lambda end: (end.closes_at, end.last_day))


def _end(last_day: date, zone: ZoneInfo) -> Deadline:
    return Deadline(first_instant(last_day + timedelta(days=1), zone), last_day)


def _day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def _earlier(received_on: date) -> date:
    return min(received_on + timedelta(days=DAYS), _months_later(received_on, MONTHS))


def _months_later(day: date, months: int) -> date:
    """The same date that many months later; the last day of a month that has no such date."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
