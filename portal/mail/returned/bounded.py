"""A message out of bytes from anywhere: bounded in size, depth and time, and never an exception."""

import re
from contextlib import suppress
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from html import unescape
from typing import Any

import nh3

from portal.mail.compose import one_line

KEPT = 1_000_000
"""Bytes of a message that are stored and read; of a larger one the beginning."""

LONGEST_HEADER = 4_000
MOST_PARTS = 60
# The parser holds every line against every boundary that is open.
MOST_WORK = 3_000_000
MOST_TAGS = 5_000
TAG = re.compile(r"<[^<>]{0,1000}>")
BLOCK = re.compile(r"<(br|p|div|tr|li|h[1-6])\b", re.IGNORECASE)
ENVELOPE_LINE = re.compile(rb"\AFrom [^\r\n]{0,1000}\r?\n")


class BoundedMessage(Message):
    """The email package splits a header into parameters in time that grows with the square of its length."""

    def get(self, name: str, failobj: Any = None) -> Any:
        found = super().get(name, failobj)
        return found if found is failobj else str(found)[:LONGEST_HEADER]


def parsed(kept: bytes) -> Message:
    """The message; of one that is nested too deeply to be read in good time only the headers."""
    try:
        parser = BytesParser if _is_reasonable(kept) else BytesHeaderParser
        return parser(BoundedMessage, policy=compat32).parsebytes(kept)
    except (MessageError, ValueError, LookupError, RecursionError, TypeError, AttributeError, IndexError):
        return BoundedMessage(policy=compat32)


def without_envelope_line(raw: bytes) -> bytes:
    """Without the `From ` line of mailboxes that some servers put before it, with the time of day in it."""
    return raw[found.end() :] if (found := ENVELOPE_LINE.match(raw)) else raw


def _is_reasonable(kept: bytes) -> bool:
    lowered = kept.lower()
    parts = lowered.count(b"boundary") + lowered.count(b"message/")
    return parts <= MOST_PARTS and parts * lowered.count(b"\n") <= MOST_WORK


def header(message: Message, name: str, longest: int) -> str:
    """A header's words, decoded (RFC 2047), on one line; "" where there is none."""
    return words(message.get(name) or "", longest)


def words(value: str, longest: int) -> str:
    value = str(value)[:LONGEST_HEADER]
    with suppress(MessageError, ValueError, LookupError, TypeError):
        value = str(make_header(decode_header(value)))
    return one_line(value, longest)


def parts_of(message: Message) -> list[Message]:
    """The message's own parts, in their order; not those of messages that it carries."""
    found: list[Message] = []
    waiting = [message]
    while waiting and len(found) < MOST_PARTS:
        part = waiting.pop(0)
        payload = part.get_payload() if part.get_content_maintype() == "multipart" else None
        if isinstance(payload, list):
            waiting[:0] = [one for one in payload if isinstance(one, Message)]
        else:
            found.append(part)
    return found


def text_of(part: Message, longest: int) -> str:
    """The part's text in whatever charset it claims; what cannot be decoded is replaced."""
    try:
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else str(part.get_payload()).encode("utf-8", "replace")
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
    content = content[: 4 * longest]
    try:
        text = content.decode(_charset(part), "replace")
    except (ValueError, LookupError):
        text = content.decode("utf-8", "replace")
    return clean(text)[:longest]


def clean(text: str) -> str:
    """Without what no page and no database takes: NULs, lone surrogates, other control characters but line ends."""
    kept = "".join(c if c >= " " or c in "\n\t" else "" if c == "\r" else "\ufffd" for c in text)
    return kept.encode("utf-8", "replace").decode("utf-8")


def readable(message: Message, longest: int) -> str:
    """What a person would read: the plain text, else the words of the HTML."""
    texts = {"plain": "", "html": ""}
    for part in parts_of(message):
        kind = part.get_content_subtype()
        if part.get_content_maintype() == "text" and kind in texts and not texts[kind] and not part.get_filename():
            texts[kind] = text_of(part, longest)
    return texts["plain"] or words_of_html(texts["html"])


def _charset(part: Message) -> str:
    try:
        return str(part.get_content_charset() or "utf-8")
    except (ValueError, LookupError, TypeError):
        return "utf-8"


def words_of_html(source: str, *without: str) -> str:
    """The text between the tags, but for elements of those names. The standard library's parser would take hours over
    an unclosed one, nh3 does not."""
    broken = BLOCK.sub(r"\n<\1", source)
    if source.count("<") > MOST_TAGS:  # thousands of boxes in boxes take nh3 seconds
        return clean(unescape(TAG.sub(" ", broken))).strip()
    gone = {"script", "style", "title", *without}
    text = unescape(nh3.clean(broken, tags=set(), attributes={}, clean_content_tags=gone))
    return clean(re.sub(r"[ \t]*\n\s*", "\n", text)).strip()
