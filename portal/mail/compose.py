"""From a template folder and what it tells to a whole message (RFC 5322), text and HTML side by side."""

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from hashlib import sha256
from typing import Any
from unicodedata import category

from portal.mail.language import environment, spoken

LONGEST_NAME = 120
LONGEST_SUBJECT = 180
# The email package may fold a header before its first word, which some programs show as a blank, or not at all.
EMPTY_FIRST_LINE = re.compile(rb"^((?:From|To|Subject):)\r\n ", re.MULTILINE)
BLANK, UNSEEN = ("Cc", "Zl", "Zp", "Zs"), ("Cf", "Cs")
# Unseen, too, but words of some scripts, and some emoji, are written with them.
JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes. `return_path` takes what comes back; `portal` is the public address of the pages."""

    company: str
    name: str
    address: str
    return_path: str
    portal: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    def message_id(self, token: str) -> str:
        """A Message-ID around an unguessable token, which is unrelated to that of any link."""
        return f"<{token}@{self.domain}>"

    def return_path_of(self, name: str) -> str:
        """The envelope sender of one message: bounces come back with its name in their address (VERP)."""
        local, _, domain = self.return_path.rpartition("@")
        return f"{local}+{name}@{domain}"


@dataclass(frozen=True, slots=True)
class Recipient:
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
    words = environment(spoken(to.language))
    told = {"company": sender.company, "portal": sender.portal, "name": one_line(to.name, LONGEST_NAME), **letter.told}
    parts = {
        name: words.get_template(f"mail/{letter.kind}/{name}").render(told)
        for name in ("subject.txt", "body.txt", "body.html")
    }
    message = EmailMessage(policy=SMTP)
    message["From"] = _mailbox(sender.name, sender.address)
    message["To"] = _mailbox(to.name, to.address)
    message["Subject"] = one_line(parts["subject.txt"], LONGEST_SUBJECT)
    message["Date"] = at
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = spoken(to.language)
    for header, value in letter.headers.items():
        message[header] = one_line(value, 900)
    message["MIME-Version"] = "1.0"
    # Derived, not random: the same message rendered again is the same to the byte.
    message["Content-Type"] = f'multipart/alternative; boundary="=_{sha256(message_id.encode()).hexdigest()[:40]}"'
    message.set_payload([_part("plain", parts["body.txt"]), _part("html", parts["body.html"])])
    headers, end, body = message.as_bytes().partition(b"\r\n\r\n")
    return EMPTY_FIRST_LINE.sub(rb"\1 ", headers) + end + body


def one_line(text: str, longest: int) -> str:
    """The text on one line and without control or direction-changing characters, so that it can end no header.

    What looks like an encoded word (RFC 2047) is taken apart: programs would decode it, and find there what they like.
    """
    kept = "".join(" " if category(c) in BLANK else c for c in text if c in JOINERS or category(c) not in UNSEEN)
    line = " ".join(kept.replace("=?", "= ?").split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _mailbox(name: str, address: str) -> Address:
    return Address(display_name=one_line(name, LONGEST_NAME), addr_spec=address)


def _part(kind: str, text: str) -> MIMEPart:
    """A part in quoted-printable (RFC 2045, 6.7): readable in the raw, and safe where a relay knows no 8 bits."""
    part = MIMEPart(policy=SMTP)
    part["Content-Type"] = f'text/{kind}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    lines = text.strip("\n").replace("\r\n", "\n").replace("\r", "\n") + "\n"
    part.set_payload(binascii.b2a_qp(lines.encode(), istext=True).decode("ascii"))
    return part
