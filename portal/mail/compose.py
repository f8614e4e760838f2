"""From a template folder and what it tells to a whole message (RFC 5322), text and HTML side by side."""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cached_property, lru_cache
from typing import Any, NamedTuple
from unicodedata import category

from portal.mail.language import environment, spoken
from portal.mail.quoted import quoted

# What the email package writes as it is, without quotes or an encoded word.
_NAME = r"(?:[A-Za-z][A-Za-z0-9'-]*(?: [A-Za-z0-9'-]+)*)?"
_SIMPLE_NAME, _SIMPLE_NAMES = re.compile(_NAME), re.compile(rf"{_NAME}(?:\n{_NAME})*")
_SHORT = 60
WORD_BYTES = 45
# Cannot stand in quoted-printable, where a hexadecimal digit or a line's end follows each of these signs.
BOUNDARY = "=_a"
END = f"--{BOUNDARY}--\r\n".encode()
LONGEST_NAME = 120
LONGEST_LOCAL_PART = 64
LONGEST_SUBJECT = 180
# The email package may fold a header before its first word, which some programs show as a blank, or not at all.
EMPTY_FIRST_LINE = re.compile(rb"^((?:From|Reply-To|To|Subject):)\r\n ", re.MULTILINE)
SOMEBODY = "somebody@portal.invalid"
"""Stands for the recipient until their header is written by `to_line`."""
BLANK, UNSEEN = ("Cc", "Zl", "Zp", "Zs"), ("Cf", "Cs")
# Unseen, too, but words of some scripts, and some emoji, are written with them.
JOINERS = "\u200c\u200d"


@dataclass(frozen=True)
class Sender:
    """Who writes. `return_path` takes what comes back; `portal` is the public address of the pages."""

    company: str
    name: str
    address: str
    return_path: str
    portal: str

    @cached_property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @cached_property
    def _returns(self) -> tuple[str, str]:
        """The local part and the domain of the return path."""
        local, _, domain = self.return_path.rpartition("@")
        return local, domain

    def message_id(self, token: str) -> str:
        """A Message-ID around an unguessable token, which is unrelated to that of any link."""
        return self.message_ids([token])[0]

    def message_ids(self, tokens: Sequence[str]) -> list[str]:
        """What `message_id` makes of each."""
        domain = self.domain
        return [f"<{token}@{domain}>" for token in tokens]

    def return_path_of(self, name: str) -> str:
        """The envelope sender of one message: bounces come back with its name in their address (VERP)."""
        return self.return_paths_of([name])[0]

    def return_paths_of(self, names: Sequence[str]) -> list[str]:
        """Those of many."""
        local, domain = self._returns
        return [f"{local}+{name}@{domain}" for name in names]

    def reply_to(self, token: str) -> str:
        """Where a reply goes, with the token of the Message-ID in it: some relays replace that header, and programs
        answer what they got. "" where the local part would be longer than RFC 5321, 4.5.3.1.1 allows."""
        address = self.return_path_of(f"r-{token}")
        return address if len(address.rpartition("@")[0]) <= LONGEST_LOCAL_PART else ""


def token_in(message_id: str) -> str:
    """The token of a Message-ID that `Sender.message_id` made."""
    return message_id.strip("<>").partition("@")[0]


class Recipient(NamedTuple):
    """Who reads: `address` in ASCII, see `recipient.sendable`."""

    address: str
    name: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is a message: the template folder under `templates/mail/`, what it tells, and own headers."""

    kind: str
    told: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


def compose(letter: Letter, sender: Sender, to: Recipient, message_id: str, at: datetime) -> bytes:
    """The message as it goes over the wire, in ASCII: lines end in CRLF, none is longer than 998 bytes."""
    texts = rendered(letter, sender, to.name, to.language)
    return (
        headed(letter, sender, to, message_id, at=at, subject=texts.subject)
        + part("plain", quoted(texts.plain))
        + part("html", quoted(texts.html))
        + END
    )


@dataclass(frozen=True, slots=True)
class Texts:
    """What the templates made of a letter."""

    subject: str
    plain: str
    html: str


def rendered(letter: Letter, sender: Sender, name: object, language: str) -> Texts:
    """The letter's texts; `name` is the reader's, or what stands for it."""
    words = environment(spoken(language))
    shown = one_line(name, LONGEST_NAME) if isinstance(name, str) else name
    told = {"company": sender.company, "portal": sender.portal, "name": shown, **letter.told}
    subject, plain, html = (
        words.get_template(f"mail/{letter.kind}/{name}").render(told)
        for name in ("subject.txt", "body.txt", "body.html")
    )
    return Texts(one_line(subject, LONGEST_SUBJECT), whole_lines(plain), whole_lines(html))


def whole_lines(text: str) -> str:
    return text.strip("\n").replace("\r\n", "\n").replace("\r", "\n") + "\n"


def headed(letter: Letter, sender: Sender, to: Recipient, message_id: str, *, at: datetime, subject: str) -> bytes:
    """The message's headers and the empty line behind them."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _mailbox(sender.name, sender.address)
    message["To"] = SOMEBODY
    message["Subject"] = subject
    message["Date"] = at
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = letter.headers.get("Auto-Submitted", "auto-generated")
    message["Content-Language"] = spoken(to.language)
    for header, value in letter.headers.items():
        if header != "Auto-Submitted":
            message[header] = one_line(value, 900)
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = f'multipart/alternative; boundary="{BOUNDARY}"'
    headers, end, _body = message.as_bytes().partition(b"\r\n\r\n")
    headers = EMPTY_FIRST_LINE.sub(rb"\1 ", headers)
    # The email package loses a blank between two encoded words that it folds.
    return headers.replace(b"\r\nTo: " + SOMEBODY.encode("ascii"), b"\r\n" + to_line(to.address, to.name), 1) + end


def part(kind: str, encoded: bytes) -> bytes:
    """One part of the message, of text in quoted-printable."""
    return (
        f"--{BOUNDARY}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode("ascii") + encoded


def one_line(text: str, longest: int) -> str:
    """The text on one line and without control or direction-changing characters, so that it can end no header.

    What looks like an encoded word (RFC 2047) is taken apart: programs would decode it, and find there what they like.
    """
    if len(text) <= longest and _SIMPLE_NAME.fullmatch(text):
        return text
    kept = "".join(" " if category(c) in BLANK else c for c in text if c in JOINERS or category(c) not in UNSEEN)
    line = " ".join(kept.replace("=?", "= ?").split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def to_line(address: str, name: str = "") -> bytes:
    """The header that says to whom, without the end of its line."""
    if len(name) + len(address) < _SHORT and _SIMPLE_NAME.fullmatch(name):
        return (f"To: {name} <{address}>" if name else f"To: {address}").encode("ascii")
    name = one_line(name, LONGEST_NAME)
    if not name.isascii():
        return b"To: %b\r\n <%b>" % (b"\r\n ".join(_encoded_words(name)), address.encode("ascii"))
    header = SMTP.header_factory("To", _mailbox(name, address))
    return EMPTY_FIRST_LINE.sub(rb"\1 ", SMTP.fold_binary("To", header)).removesuffix(b"\r\n")


def one_lines(texts: Sequence[str], longest: int) -> list[str]:
    """What `one_line` makes of each."""
    if _are_simple(texts) and _length(texts) <= longest:
        return list(texts)
    return [one_line(text, longest) for text in texts]


def to_lines(addresses: Sequence[str], names: Sequence[str]) -> list[bytes]:
    """What `to_line` makes of each."""
    if all(names) and _are_simple(names) and _length(names) + _length(addresses) < _SHORT:
        lines = [f"To: {name} <{address}>" for name, address in zip(names, addresses, strict=True)]
        return "\n".join(lines).encode("ascii").split(b"\n")
    return [to_line(address, name) for address, name in zip(addresses, names, strict=True)]


def _are_simple(names: Sequence[str]) -> bool:
    return _simple_lines("\n".join(names)) == len(names)


@lru_cache(maxsize=4)  # a group's are asked for twice
def _simple_lines(text: str) -> int:
    """How many lines it has, where each is a simple name; else 0."""
    return text.count("\n") + 1 if _SIMPLE_NAMES.fullmatch(text) else 0


def _length(texts: Sequence[str]) -> int:
    """Of the longest."""
    return max(map(len, texts), default=0)


def _encoded_words(text: str) -> list[bytes]:
    """The text in encoded words of 75 signs at most, none of which parts a character (RFC 2047, 2 and 5)."""
    pieces = [b""]
    for character in text.encode("utf-8", "replace").decode():
        encoded = character.encode()
        if len(pieces[-1]) + len(encoded) > WORD_BYTES:
            pieces.append(b"")
        pieces[-1] += encoded
    return [b"=?utf-8?b?%b?=" % b64encode(piece) for piece in pieces]


def _mailbox(name: str, address: str) -> Address:
    return Address(display_name=one_line(name, LONGEST_NAME), addr_spec=address)
