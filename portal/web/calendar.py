"""One event as a calendar takes it in: the format iCalendar (RFC 5545), as little of it as an appointment needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from unicodedata import category

LINE_OCTETS = 75
MEDIA_TYPE = "text/calendar; charset=utf-8"


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """Instants in UTC. `uid` names the event for good; of two with the same, a calendar keeps the higher `sequence`.

    `reminder`: how long before the start it reminds, None for never.
    """

    uid: str
    sequence: int
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    url: str
    reminder: timedelta | None = None


def calendar(event: CalendarEvent, product: str) -> bytes:
    """A calendar with that event. `product`: who wrote it."""
    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_text(product)}", *_event(event), "END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(event: CalendarEvent) -> Iterator[str]:
    """Instants are in UTC (form 2 of 3.3.5), so no time zone has to be described; private, and it blocks no time."""
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.uid)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTAMP:{_instant(event.stamped_at)}"
    yield f"DTSTART:{_instant(event.starts_at)}"
    yield f"DTEND:{_instant(event.ends_at)}"
    yield f"SUMMARY:{_text(event.summary)}"
    yield f"DESCRIPTION:{_text(event.description)}"
    yield f"URL:{event.url}"
    yield "CLASS:PRIVATE"
    yield "TRANSP:TRANSPARENT"
    if event.reminder is not None:
        yield from _alarm(event.reminder, event.summary)
    yield "END:VEVENT"


def _alarm(before: timedelta, words: str) -> Iterator[str]:
    """A reminder that is shown; `-PT86400S` is a duration before the start (3.3.6, 3.8.6.3)."""
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{_text(words)}"
    yield f"TRIGGER:-PT{int(before.total_seconds())}S"
    yield "END:VALARM"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """A text as a value (3.3.11): its separators escaped, without control characters."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    lines = escaped.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\\n".join("".join(c for c in line if c == "\t" or category(c) not in ("Cc", "Cs")) for line in lines)


def _folded(line: str) -> bytes:
    """The line in pieces of 75 octets at most, none of which parts a character (3.1); the blank of the next counts."""
    pieces = [b""]
    for character in line:
        encoded = character.encode()
        if len(pieces[-1]) + len(encoded) > LINE_OCTETS:
            pieces.append(b" ")
        pieces[-1] += encoded
    return b"\r\n".join(pieces) + b"\r\n"
