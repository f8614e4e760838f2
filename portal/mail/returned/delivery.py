"""Delivery status notifications (RFC 3464, RFC 6533): what became of recipients, and what is returned."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from email.policy import compat32

from portal.mail.outcome import masked
from portal.mail.returned.bounded import BoundedMessage, parts_of, text_of, words
from portal.mail.returned.kinds import Bounce, Delayed, Delivered

STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
HEADER_PARTS = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers")
MESSAGE_PARTS = ("message/rfc822", "message/global")
MOST_BLOCKS = 100
LONGEST_RETURNED = 60_000
LONGEST_REASON = 300
ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
ADDRESS = re.compile(r"[^\s<>\"'()\[\],;:=]{1,200}@[^\s<>\"'()\[\],;:=]{1,200}")
GONE = ("failed", "failure", "error")  # the second and third are no words of the standard, but servers write them
REACHED = ("delivered", "relayed", "expanded")


@dataclass(frozen=True, slots=True)
class Status:
    """The fields of a report: of the message as a whole, and of each recipient."""

    whole: Message
    recipients: Sequence[Message]

    @property
    def envelope_id(self) -> str:
        return words(self.whole.get("Original-Envelope-Id") or "", 300)


def status_of(message: Message) -> Status | None:
    """The report's fields; None where the message is no such report."""
    for part in parts_of(message):
        if part.get_content_type() in STATUS_PARTS and (blocks := list(_blocks(part))):
            recipients = [block for block in blocks if "Action" in block or "Final-Recipient" in block]
            return Status(blocks[0], recipients) if recipients else None
    return None


def judged(status: Status) -> Bounce | Delayed | Delivered | None:
    """What the report says. Of several recipients (an alias behind the address) one that failed is enough."""
    actions = [(_action(block), block) for block in status.recipients]
    for action, block in actions:
        if action in GONE:
            code = _code(block)
            return Bounce(is_hard(code), code, _reason(block), _recipient(block))
    for action, block in actions:
        if action == "delayed":
            return Delayed(_code(block), _reason(block))
    return next((Delivered(action) for action, _ in actions if action in REACHED), None)


def is_hard(code: str) -> bool:
    """Whether it says something about the address: neither "gave up waiting" nor "mailbox full" (RFC 3463, x.2.2)."""
    return not code.startswith("4.") and code[1:] != ".2.2"


def returned_text(message: Message) -> str:
    """The headers, and a little more, of the mail that the report is about, as text; quoted in its own words, too."""
    found = []
    for part in parts_of(message):
        kind = part.get_content_type()
        if kind in HEADER_PARTS:
            found.append(_own_text(part))
        elif kind in MESSAGE_PARTS:
            carried = part.get_payload()
            inner = carried[0] if isinstance(carried, list) and carried else part
            if isinstance(inner, Message):
                found.append("\n".join(f"{name}: {str(value)[:300]}" for name, value in inner.items()[:200]))
        elif kind == "text/plain":
            found.append(text_of(part, LONGEST_RETURNED))
    return "\n".join(found)[:LONGEST_RETURNED]


def without_addresses(text: str, recipient: str = "") -> str:
    """On one line, and fit for rows that hold no names."""
    line = masked(text[:2000], recipient)
    return ADDRESS.sub("the address", line)[:LONGEST_REASON].strip()


def _action(block: Message) -> str:
    """The first word; some servers put a comment behind it."""
    return words(block.get("Action") or "", 40).lower().partition(" ")[0].strip("();")


def _own_text(part: Message) -> str:
    """Of `message/rfc822-headers`, which the parser takes for a whole message, the headers it found in it."""
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return "\n".join(f"{name}: {str(value)[:300]}" for name, value in payload[0].items()[:200])
    return text_of(part, LONGEST_RETURNED)


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields. The parser makes a message of each, but not where the part is encoded or in UTF-8."""
    payload = part.get_payload()
    if isinstance(payload, list) and part.get_content_type() == STATUS_PARTS[0] and not _is_encoded(part):
        yield from (block for block in payload[:MOST_BLOCKS] if isinstance(block, Message) and block.keys())
        return
    for text in re.split(r"\n[ \t]*\n", _text_below(part))[:MOST_BLOCKS]:
        if text.strip():
            yield HeaderParser(BoundedMessage, policy=compat32).parsestr(text.lstrip("\n"))


def _is_encoded(part: Message) -> bool:
    return str(part.get("Content-Transfer-Encoding") or "").strip().lower() in ("base64", "quoted-printable")


def _text_below(part: Message) -> str:
    """The part's content as text, put together again from what the parser took for messages."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return text_of(part, LONGEST_RETURNED)
    pieces = []
    for block in payload[:MOST_BLOCKS]:
        if isinstance(block, Message):
            head = "\n".join(f"{name}: {value}" for name, value in block.items())
            body = block.get_payload()
            pieces.append(f"{head}\n\n{body if isinstance(body, str) else ''}")
    whole = "\n\n".join(pieces)
    if not _is_encoded(part):
        return whole[:LONGEST_RETURNED]
    again = BoundedMessage(policy=compat32)
    again["Content-Transfer-Encoding"] = str(part.get("Content-Transfer-Encoding"))
    again.set_payload(whole.strip())
    return text_of(again, LONGEST_RETURNED)


def _code(block: Message) -> str:
    """The status code; where that is the one that says nothing (x.0.0), the one of the server's own words."""
    said = ENHANCED.search(words(block.get("Status") or "", 100))
    told = ENHANCED.search(words(block.get("Diagnostic-Code") or "", 1000))
    if told is not None and (said is None or said[1].endswith(".0.0")):
        return told[1]
    return said[1] if said else ""


def _reason(block: Message) -> str:
    told = words(block.get("Diagnostic-Code") or "", 1000)
    kind, semicolon, rest = told.partition(";")
    told = rest if semicolon and len(kind) < 20 else told
    return without_addresses(told or words(block.get("Status") or "", 100), _recipient(block))


def _recipient(block: Message) -> str:
    written = words(block.get("Original-Recipient") or block.get("Final-Recipient") or "", 400)
    return written.rpartition(";")[2].strip().strip("<>")[:320]
