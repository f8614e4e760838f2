"""A message made from a skeleton says what `compose` would have said, to whomever it goes."""

import email
import quopri
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32, default
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.mail import recipient
from portal.mail.compose import LONGEST_NAME, Letter, Recipient, Sender, compose, one_line
from portal.mail.quoted import quoted, quoted_value
from portal.mail.recipient import NotSendable, sendable
from portal.mail.skeleton import TOKEN, NoSkeleton, Skeleton, skeleton
from portal.mail.slots import Computed, Slot

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
SENDER = Sender(
    "Ternwick Software GmbH", "Ternwick", "privacy@ternwick.example", "bounces@ternwick.example", "https://p.example"
)
LINK = {"link": "https://p.example/sign-in/abc"}


def letter(token: str, values: Mapping[str, object]) -> Letter:
    return Letter("sign_in", {"link": values["link"], "minutes": 90}, {"X-Notice-Id": token})


NAMED = skeleton(letter, LINK, SENDER, Recipient("a@example.org", "Maria"), AT)
NAMELESS = skeleton(letter, LINK, SENDER, Recipient("a@example.org"), AT)


def said(wire: bytes) -> tuple[list[tuple[str, str]], list[str]]:
    message = email.message_from_bytes(wire, _class=EmailMessage, policy=default)
    # Read the older way: the newer parser puts a blank between encoded words (RFC 2047, 6.2 says to drop it).
    headers = email.message_from_bytes(wire, policy=compat32).items()
    read = [(name, str(make_header(decode_header(value)))) for name, value in headers]
    return read, [part.get_content() for part in message.iter_parts()]


def both(made: Skeleton, to: Recipient, link: str) -> tuple[bytes, bytes]:
    [filled] = made.filled([(to.address, to.name)], [TOKEN], AT, {"link": [link]})
    return filled, compose(letter(TOKEN, {"link": link}), SENDER, to, SENDER.message_id(TOKEN), AT)


names = st.text(st.characters(exclude_categories=["Cs"]), max_size=60).map(lambda text: one_line(text, LONGEST_NAME))
links = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=150)


@given(names, links)
@example("0 ¡0000000¡¡¡®¡¡¡¡¡\U00010000\U00010000\U00010000\U00017cf3 :", "!")
def test_whatever_the_values_both_ways_say_the_same(name: str, link: str) -> None:
    filled, composed = both(NAMED if name else NAMELESS, Recipient("maria@example.org", name), link)
    assert said(filled) == said(composed)


@given(names, links)
def test_the_wire_is_ascii_in_short_lines_none_of_which_begins_with_a_dot(name: str, link: str) -> None:
    filled, _ = both(NAMED if name else NAMELESS, Recipient("maria@example.org", name), link)
    filled.decode("ascii")
    _headers, _, body = filled.partition(b"\r\n\r\n")
    assert b"\n" not in filled.replace(b"\r\n", b"")
    assert all(len(line) <= 78 for line in body.split(b"\r\n"))
    assert not any(line.startswith(b".") for line in filled.split(b"\r\n"))
    assert filled.endswith(b"\r\n")


readers = st.tuples(names.filter(bool), links | st.sampled_from(["x", ".x", "x.", "x\ny", "", "y" * 80]))


@given(st.lists(readers, min_size=1, max_size=5))
@example([("Maria", "x\ny"), ("Noah", "z")])
def test_many_at_once_are_what_each_is_alone(several: list[tuple[str, str]]) -> None:
    to = [(f"m{number}@example.org", name) for number, (name, _) in enumerate(several)]
    tokens = [f"{number:032x}" for number in range(len(to))]
    values = [link for _, link in several]
    alone = [
        NAMED.filled([one], [token], AT, {"link": [link]})[0]
        for one, token, link in zip(to, tokens, values, strict=True)
    ]
    assert NAMED.filled(to, tokens, AT, {"link": values}) == alone


def test_messages_to_two_readers_differ_where_their_values_do_and_nowhere_else() -> None:
    to = [("a@example.org", "Maria"), ("b@example.org", "Noah")]
    one, other = NAMED.filled(to, ["0" * 32, "1" * 32], AT, {"link": ["x", "y"]})
    lines = zip(one.split(b"\r\n"), other.split(b"\r\n"), strict=True)
    assert len([1 for left, right in lines if left != right]) == 7  # To, two tokens, twice name and link


def test_a_template_that_computes_with_a_value_has_no_skeleton() -> None:
    def computing(token: str, values: Mapping[str, object]) -> Letter:
        link = values["link"]
        return letter(token, {"link": link + "?x"})  # type: ignore[operator]

    with pytest.raises(NoSkeleton, match="Computed"):
        skeleton(computing, LINK, SENDER, Recipient("a@example.org", "Maria"), AT)


def test_what_changes_a_value_unnoticed_has_no_skeleton() -> None:
    def changing(token: str, values: Mapping[str, object]) -> Letter:
        return letter(token, {"link": str(values["link"]).replace("x=", "y=")})

    with pytest.raises(NoSkeleton, match="different things"):
        skeleton(changing, LINK, SENDER, Recipient("a@example.org", "Maria"), AT)


def test_a_slot_can_be_written_and_nothing_else() -> None:
    slot = Slot("name")
    assert str(slot) == f"{slot}"
    computations: list[Callable[[Any], object]] = [
        len,
        int,
        list,
        lambda one: one == "x",
        lambda one: one + "x",
        lambda one: "x" in one,
    ]
    for compute in computations:
        with pytest.raises(Computed):
            compute(slot)
    with pytest.raises(Computed):
        f"{slot:>20}"


@given(st.text(max_size=200))
def test_quoted_text_reads_as_it_was(text: str) -> None:
    wanted = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "surrogatepass")
    if "\ud800" <= max(text, default="") <= "\udfff":
        return
    for encoded in (quoted(text), quoted_value(text)) if text else (quoted(text),):
        assert quopri.decodestring(encoded).replace(b"\r\n", b"\n") == wanted
        assert all(len(line) <= 76 for line in encoded.split(b"\r\n"))


@given(st.emails() | st.from_regex(r"[a-zA-Z0-9._+-]{1,70}@[a-z0-9.-]{1,40}", fullmatch=True))
def test_the_short_way_to_an_address_comes_to_what_the_validator_says(address: str) -> None:
    def found() -> str:
        try:
            return sendable(address)
        except NotSendable as reason:
            return f"not: {reason.code}"

    quick = found()
    usual, recipient._USUAL = recipient._USUAL, re.compile(r"(?!)")
    try:
        assert found() == quick
    finally:
        recipient._USUAL = usual
