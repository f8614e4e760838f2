"""A mail as it goes over the wire: its headers, its two parts, and nothing smuggled in by a name."""

import email
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32, default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.mail.compose import LONGEST_NAME, Letter, Recipient, Sender, compose, one_line, one_lines, to_line, to_lines
from portal.mail.recipient import NotSendable, sendable

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
SENDER = Sender(
    "Ternwick Software GmbH", "Ternwick", "privacy@ternwick.example", "bounces@ternwick.example", "https://p.example"
)
LINK = Letter("sign_in", {"link": "https://p.example/sign-in/abc", "minutes": 90}, {"X-Notice-Id": "abc"})


def sent(name: str = "Maria Muster", letter: Letter = LINK, language: str = "en") -> tuple[bytes, EmailMessage]:
    wire = compose(letter, SENDER, Recipient("maria@example.org", name, language), "<t@ternwick.example>", AT)
    return wire, email.message_from_bytes(wire, _class=EmailMessage, policy=default)


def test_the_headers_say_who_when_and_that_no_person_wrote_it() -> None:
    _, message = sent()
    assert message["From"] == "Ternwick <privacy@ternwick.example>"
    assert message["To"] == "Maria Muster <maria@example.org>"
    assert message["Message-ID"] == "<t@ternwick.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Notice-Id"] == "abc"
    assert message["Date"].datetime == AT
    assert message["List-Unsubscribe"] is None


def test_a_reply_goes_to_an_address_with_the_token_where_it_has_room() -> None:
    token = "0123456789abcdef" * 2
    assert SENDER.reply_to(token) == f"bounces+r-{token}@ternwick.example"
    assert replace(SENDER, return_path=f"{'b' * 30}@ternwick.example").reply_to(token) == ""
    letter = Letter("sign_in", LINK.told, {"Reply-To": SENDER.reply_to(token)})
    wire, message = sent(letter=letter)
    assert b"\r\nReply-To: bounces+r-" in wire
    assert message["Reply-To"] == SENDER.reply_to(token)


def test_text_and_html_stand_side_by_side_the_html_last() -> None:
    _, message = sent()
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    for part in message.iter_parts():
        assert "https://p.example/sign-in/abc" in part.get_content()


@pytest.mark.parametrize(("minutes", "said"), [(120, "2 hours"), (90, "90 minutes"), (60, "60 minutes"), (1, "minute")])
def test_whole_hours_are_told_as_hours(minutes: int, said: str) -> None:
    _, message = sent(letter=Letter("sign_in", {**LINK.told, "minutes": minutes}))
    for part in message.iter_parts():
        assert f"It works once, in the next {said}." in " ".join(part.get_content().split())


def test_the_wire_is_ascii_in_short_lines_that_end_in_crlf() -> None:
    wire, message = sent("Žofia Ångström 李")
    wire.decode("ascii")
    assert b"\n" not in wire.replace(b"\r\n", b"")
    assert max(map(len, wire.split(b"\r\n"))) <= 998
    assert message["To"].addresses[0].display_name == "Žofia Ångström 李"
    assert "Hello Žofia Ångström 李," in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_the_same_mail_made_again_is_the_same_to_the_byte() -> None:
    assert sent()[0] == sent()[0]


@given(st.text(max_size=130), st.sampled_from(["m@example.org", f"{'m' * 60}@{'long.' * 20}example.org"]))
def test_the_line_that_says_to_whom_reads_as_the_name_and_the_address(name: str, address: str) -> None:
    line = to_line(address, name)
    message = email.message_from_bytes(line + b"\r\n\r\n", _class=EmailMessage, policy=default)
    [found] = message["To"].addresses
    assert found.addr_spec == address
    shown = one_line(name, LONGEST_NAME)
    if shown.isascii():
        assert found.display_name == shown
    else:  # Python's parser of addresses shows a blank between two encoded words, which RFC 2047, 6.2, tells to drop
        read = str(make_header(decode_header(line.decode("ascii").removeprefix("To: ").replace("\r\n", ""))))
        assert read.rpartition(" <")[0].rstrip() == shown
    assert all(len(part) <= 998 for part in line.split(b"\r\n"))
    assert len(message.keys()) == 1


@pytest.mark.parametrize(
    "name",
    [
        "Maria\r\nBcc: everyone@example.org",
        "Maria\nX-Evil: yes\n\nbody",
        "Maria\u2028Bcc: a@example.org",
        'Maria" <other@example.org>, "x',
        "Maria\x00\x07\x85",
        "\u202eairaM",
        "Maria, Noah; <a@b>",
        "=?utf-8?q?=0D=0ABcc:_a@example.org?=",
    ],
)
def test_a_name_cannot_smuggle_in_a_header_or_a_recipient(name: str) -> None:
    wire, message = sent(name)
    assert len(message["To"].addresses) == 1
    assert message["To"].addresses[0].addr_spec == "maria@example.org"
    assert message["Bcc"] is None
    assert message["X-Evil"] is None
    assert message.get_content_type() == "multipart/alternative"
    headers = wire.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert sum(line.startswith((b"Bcc:", b"X-Evil:")) for line in headers) == 0


@given(st.text(max_size=400))
def test_whatever_the_name_the_message_has_its_recipient_and_both_parts(name: str) -> None:
    wire, message = sent(name)
    wire.decode("ascii")
    assert [one.addr_spec for one in message["To"].addresses] == ["maria@example.org"]
    assert len(list(message.iter_parts())) == 2
    assert message["Subject"] == "Ternwick Software GmbH: your sign-in link"


def test_a_long_name_is_cut() -> None:
    wire, _ = sent("Maria " * 100)
    # The older way to read it: the newer parser shows a blank between two encoded words (RFC 2047, 6.2).
    read = str(make_header(decode_header(email.message_from_bytes(wire, policy=compat32)["To"])))
    assert len(read.partition(" <")[0]) <= 120


@given(st.text(max_size=300), st.integers(10, 200))
def test_one_line_is_one_line(text: str, longest: int) -> None:
    line = one_line(text, longest)
    assert len(line) <= longest
    assert len(line.splitlines()) <= 1


NAMES = st.lists(st.one_of(st.text(max_size=150), st.from_regex(r"[A-Za-z' -]{0,70}", fullmatch=True)), max_size=6)


@given(NAMES)
def test_the_names_and_headers_of_many_are_those_of_each(names: list[str]) -> None:
    assert one_lines(names, LONGEST_NAME) == [one_line(name, LONGEST_NAME) for name in names]
    addresses = [f"{'m' * (1 + 7 * place)}@example.org" for place in range(len(names))]
    each = [to_line(address, name) for address, name in zip(addresses, names, strict=True)]
    assert to_lines(addresses, names) == each


def test_a_name_of_two_lines_is_no_two_names() -> None:
    assert one_lines(["Maria\nMuster", "Jo"], LONGEST_NAME) == ["Maria Muster", "Jo"]
    assert to_lines(["a@x.example", "b@x.example"], ["Maria\nMuster", "Jo"])[0] == b"To: Maria Muster <a@x.example>"


def test_a_long_foreign_name_leaves_no_header_with_an_empty_first_line() -> None:
    wire, _ = sent("Остап Гнатюк " * 6)
    assert b"\r\nTo: =?utf-8?" in wire
    # Read the older way: the newer parser puts a blank between encoded words (RFC 2047, 6.2 says to drop it).
    written = email.message_from_bytes(wire, policy=compat32)["To"]
    assert str(make_header(decode_header(written))) == " ".join(["Остап Гнатюк"] * 6) + " <maria@example.org>"


def test_a_name_is_escaped_in_the_html() -> None:
    _, message = sent("<script>alert(1)</script>")
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_language_without_a_catalog_gets_english() -> None:
    _, message = sent(language="tlh")
    assert message["Content-Language"] == "en"


def test_the_return_path_names_the_message() -> None:
    assert SENDER.return_path_of("s12-abc") == "bounces+s12-abc@ternwick.example"


@pytest.mark.parametrize(
    ("address", "ascii_form"),
    [
        ("maria@example.org", "maria@example.org"),
        (" maria@example.org ", "maria@example.org"),
        ("maria@bücher.example", "maria@xn--bcher-kva.example"),
        ("maria@mail.corp.local", "maria@mail.corp.local"),
        ('"maria muster"@example.org', '"maria muster"@example.org'),
    ],
)
def test_a_domain_is_written_in_ascii(address: str, ascii_form: str) -> None:
    assert sendable(address) == ascii_form


@pytest.mark.parametrize(
    ("address", "code"),
    [("mária@example.org", "5.6.7"), ("maria", "5.1.3"), ("a@b\r\nRCPT TO:<c@d>", "5.1.3"), ("a b@c.de", "5.1.3")],
)
def test_an_address_that_no_server_takes_is_refused_before_sending(address: str, code: str) -> None:
    with pytest.raises(NotSendable) as refused:
        sendable(address)
    assert refused.value.code == code
