"""The calendar that is handed out is one by RFC 5545."""

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.web.calendar import LINE_OCTETS, CalendarEvent, calendar

AT = datetime(2026, 3, 21, 23, 0, tzinfo=UTC)
ESCAPES = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}


def event(summary: str = "Words", description: str = "", **more: object) -> CalendarEvent:
    usual: dict[str, object] = {
        "uid": "5f0c",
        "sequence": 3,
        "stamped_at": AT,
        "starts_at": AT - timedelta(hours=1),
        "ends_at": AT,
        "summary": summary,
        "description": description,
        "url": "https://p.example/account",
    }
    return CalendarEvent(**usual | more)  # type: ignore[arg-type]


def read(content: bytes) -> list[tuple[str, str]]:
    """(name, value) of each content line, unfolded."""
    assert content.endswith(b"\r\n")
    lines = content[:-2].replace(b"\r\n ", b"").split(b"\r\n")
    return [(name, value) for name, _, value in (line.decode().partition(":") for line in lines)]


def unescaped(value: str) -> str:
    return re.sub(r"\\[nN,;\\]", lambda found: ESCAPES[found[0]], value)


def test_the_parts_stand_in_their_order_and_what_must_be_is_there() -> None:
    found = read(calendar(event(reminder=timedelta(days=1)), "-//A//B//EN"))
    assert [pair for pair in found if pair[0] in ("BEGIN", "END")] == [
        ("BEGIN", "VCALENDAR"),
        ("BEGIN", "VEVENT"),
        ("BEGIN", "VALARM"),
        ("END", "VALARM"),
        ("END", "VEVENT"),
        ("END", "VCALENDAR"),
    ]
    named = dict(found)
    assert (named["VERSION"], named["PRODID"], named["UID"], named["SEQUENCE"]) == ("2.0", "-//A//B//EN", "5f0c", "3")
    assert (named["DTSTART"], named["DTEND"]) == ("20260321T220000Z", "20260321T230000Z")
    assert (named["ACTION"], named["TRIGGER"]) == ("DISPLAY", "-PT86400S")


def test_instants_of_other_zones_are_written_in_utc() -> None:
    berlin = datetime.fromisoformat("2026-03-22T00:00:00+01:00")
    assert b"DTEND:20260321T230000Z\r\n" in calendar(event(ends_at=berlin), "x")


def test_without_a_reminder_there_is_no_alarm() -> None:
    assert b"VALARM" not in calendar(event(), "x")


def test_separators_are_escaped_and_lines_joined() -> None:
    content = calendar(event("a,b;c\\d", "one\r\ntwo\rthree\nfour"), "x")
    assert b"SUMMARY:a\\,b\\;c\\\\d\r\n" in content
    assert b"DESCRIPTION:one\\ntwo\\nthree\\nfour\r\n" in content


def test_what_could_end_a_line_or_the_event_does_not() -> None:
    content = calendar(event("x\r\nEND:VEVENT\x0bBEGIN:VEVENT\x00\x85"), "x")
    assert content.count(b"END:VEVENT\r\n") == 1
    assert b"SUMMARY:x\\nEND:VEVENTBEGIN:VEVENT\r\n" in content


@given(st.text(max_size=400), st.text(max_size=400))
def test_whatever_is_written_no_line_is_longer_than_allowed_and_the_words_come_back(summary: str, words: str) -> None:
    content = calendar(event(summary, words), "x")
    assert all(len(line) <= LINE_OCTETS for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    for line in content.split(b"\r\n"):
        line.decode()  # no character is parted
    named = dict(read(content))
    for given_text, name in ((summary, "SUMMARY"), (words, "DESCRIPTION")):
        lines = given_text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        kept = "\n".join("".join(c for c in line if c == "\t" or not is_control(c)) for line in lines)
        assert unescaped(named[name]) == kept


def is_control(character: str) -> bool:
    return ord(character) < 32 or 127 <= ord(character) < 160 or 0xD800 <= ord(character) < 0xE000
