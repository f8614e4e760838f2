"""Whatever anybody sends, it is read in bounded time and size, and nothing raises."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.mail.returned import Bounce, Envelope, Letter, read
from portal.mail.returned.bounded import KEPT, clean, parsed, readable
from tests.support import came_back as texts
from tests.support.came_back import OURS, PATH, dsn

NULL = Envelope("", (PATH,))
MANY = 10_000_000


def nested(depth: int, kind: str) -> bytes:
    if kind == "rfc822":
        return b"Content-Type: message/rfc822\r\n\r\n" * depth + b"Subject: In\r\n\r\nHere.\r\n"
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (number, number) for number in range(depth)
    )
    return opened + b"\r\nHere.\r\n" + b"x\r\n" * 200_000


HOSTILE = {
    "nothing": b"",
    "one byte": b"\0",
    "NULs": b"\0" * 5000,
    "no blank line": b"Subject: Hello",
    "only a body": b"\r\n\r\nHello",
    "10 MB": b"Subject: Large\r\n\r\n" + b"x" * MANY,
    "10 MB of short lines": b"Subject: Large\r\n\r\n" + b"x\n" * (MANY // 2),
    "a header of 10 MB": b"Subject: " + b"x" * MANY + b"\r\n\r\n",
    "a million headers": b"X-A: b\r\n" * 1_000_000,
    "parameters without end": b"Content-Type: multipart/report" + b';"' * 500_000 + b"\r\n\r\n",
    "semicolons in a quote": b'Content-Type: text/plain; a="' + b";" * 900_000 + b"\r\n\r\n",
    "a folded header without end": b"Content-Type: multipart/report" + b";\r\n a=b" * 100_000 + b"\r\n\r\n",
    "nested deeply": nested(2_000, "mixed"),
    "nested as deeply as it is read": nested(55, "mixed"),
    "messages in messages": nested(20_000, "rfc822"),
    "an unknown charset": b"Content-Type: text/plain; charset=no-such\r\n\r\n\xff\xfe",
    "a charset that is none": b"Content-Type: text/plain; charset=base64\r\n\r\nabc",
    "a wrong charset": b"Content-Type: text/plain; charset=utf-16\r\n\r\nabc",
    "an encoded word of an unknown charset": b"Subject: =?no-such?B?////?= \xff\r\n\r\n",
    "broken base64": b"Content-Transfer-Encoding: base64\r\n\r\n=====\xff",
    "an unknown encoding": b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 666 a\n\xff\nend",
    "a boundary that is empty": b'Content-Type: multipart/report; boundary=""\r\n\r\n--\r\n--\r\n',
    "a report without parts": b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\nHello",
    "a status without fields": dsn().replace(b"Final-Recipient", b"X").replace(b"Action", b"Y"),
    "an action that is none": dsn(action="\x00"),
    "a status of another world": dsn(status="9" * 5000),
    "addresses without end": b"From: " + b"<" * 100_000 + b"\r\nTo: " + b"(" * 100_000 + b"\r\n\r\n",
    "at signs": dsn(diagnostic="smtp; " + "@a" * 5000),
    "every byte": bytes(range(256)) * 100,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("envelope", [NULL, Envelope()], ids=["null", "unknown"])
def test_it_is_taken_in_good_time(name: str, envelope: Envelope) -> None:
    started = time.process_time()
    came = read(HOSTILE[name], envelope, OURS)
    text = readable(parsed(came.kept), 100_000)
    assert time.process_time() - started < 10
    assert len(came.kept) <= KEPT
    assert came.cut is (len(HOSTILE[name]) > KEPT)
    for line in (came.sender, came.subject, text):
        line.encode()
        assert "\0" not in line
    assert "\n" not in came.sender + came.subject


def test_what_is_larger_than_the_bound_is_cut_and_says_so() -> None:
    raw = dsn() + b"x" * KEPT
    came = read(raw, NULL, OURS)
    assert isinstance(came.what, Bounce)
    assert (came.cut, came.size, came.kept) == (True, len(raw), raw[:KEPT])
    assert read(raw[:KEPT], NULL, OURS, size=len(raw)).size == len(raw)


def test_the_line_of_a_mailbox_before_it_is_no_part_of_it() -> None:
    first = read(b"From MAILER-DAEMON Mon Mar  2 09:00:00 2026\n" + dsn(), NULL, OURS)
    assert first.digest == read(dsn(), NULL, OURS).digest
    assert first.kept == dsn()


def test_another_byte_is_another_message() -> None:
    assert read(dsn() + b" ", NULL, OURS).digest != read(dsn(), NULL, OURS).digest


def test_a_bounce_among_too_many_parts_is_left_to_a_person() -> None:
    raw = b"Subject: Undeliverable\r\nFrom: mailer-daemon@example.net\r\n" + nested(500, "mixed")
    assert read(raw, NULL, OURS).what == Letter(report=True)


@given(st.binary(max_size=3000))
def test_noise_is_read_as_something(noise: bytes) -> None:
    came = read(noise, NULL, OURS)
    assert came.size == len(came.kept)


@given(st.data())
def test_a_bounce_with_holes_and_noise_is_read_as_something(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from([dsn(), texts.QMAIL, texts.EXIM, texts.ARF, texts.HOLIDAY])))
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(raw) - 1))
        width = data.draw(st.integers(0, 40))
        raw[place : place + width] = data.draw(st.binary(max_size=40))
        raw = raw or bytearray(b"x")
    came = read(bytes(raw), NULL, OURS)
    if isinstance(came.what, Bounce):
        assert "@" not in came.what.reason
        assert came.what.reason.isprintable() or not came.what.reason
        assert len(came.what.status) < 16
    assert all(len(verp.token) == 12 for verp in came.names.verps)


@given(st.text())
def test_clean_text_can_be_stored_and_shown(text: str) -> None:
    kept = clean(text)
    kept.encode()
    assert not set(kept) & {chr(number) for number in range(32) if chr(number) not in "\n\t"}


def test_the_words_of_html_are_read_without_scripts() -> None:
    raw = b"Content-Type: text/html\r\n\r\n<style>p{}</style><p>I <b>object</b>.<script>a()</script><p>Maria &amp; co"
    assert readable(parsed(raw), 1000) == "I object.\nMaria & co"
