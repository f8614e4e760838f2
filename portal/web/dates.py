"""Instants and days as pages write them."""

from contextvars import ContextVar
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date

from portal.mail.language import told_moment
from portal.web.text import locale

_zone: ContextVar[str] = ContextVar("zone", default="UTC")


def tell_time_in(zone: str | None) -> None:
    """From now on in this request, instants are told in that IANA zone; None changes nothing."""
    if zone:
        _zone.set(zone)


def instant(value: datetime, zone: str | None = None) -> str:
    """`22 March 2026, 00:00 (Europe/Berlin)`: in the given zone, else in the reader's."""
    name = zone or _zone.get()
    return f"{instant_bare(value, name)} ({name})" if name != "UTC" else f"{instant_bare(value, name)} UTC"


def instant_bare(value: datetime, zone: str | None = None) -> str:
    """The same without the zone's name, for where it stands beside."""
    moved = value.astimezone(_tz(zone or _zone.get()))
    return told_moment(moved, locale())


def day(value: date | datetime, zone: str | None = None) -> str:
    """`Sunday, 22 March 2026`; an instant is told in the zone."""
    shown = value.astimezone(_tz(zone or _zone.get())) if isinstance(value, datetime) else value
    return format_date(shown, "full", locale=locale())


def date_alone(value: date | datetime, zone: str | None = None) -> str:
    """`22 March 2026`; an instant is told in the zone."""
    shown = value.astimezone(_tz(zone or _zone.get())) if isinstance(value, datetime) else value
    return format_date(shown, "long", locale=locale())


def iso(value: date | datetime) -> str:
    """`2026-03-22T04:00:00Z`, or `2026-03-22` for a day."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat()


def _tz(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
