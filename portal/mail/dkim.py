"""A message's DKIM signature (RFC 6376): rsa-sha256, relaxed/relaxed, as a header to put above it.

The signature has no time of its own (`t=`), so the same message signed with the same key has the same signature.
"""

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

# RFC 6376, 5.4.1, and what receivers ask for: unsubscribing has to be covered (RFC 8058, 4), and Gmail's feedback too.
COVERED = (
    "From",
    "Reply-To",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Language",
    "Auto-Submitted",
    "List-Id",
    "Feedback-ID",
    "X-Notice-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
)
ONCE_MORE = frozenset({"From", "To", "Subject"})
"""Named once more than they are there, so that nobody can add another one (RFC 6376, 8.15)."""

_WIDTH = 76
_BLANKS = re.compile(rb"[ \t]{2,}|\t")
Sign = Callable[[bytes], bytes]
"""The RSA signature (PKCS #1 v1.5, SHA-256) of some bytes."""


class NotSignable(ValueError):
    """The message has no header From, or no end of its headers."""


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs, and where the public key stands in the DNS: at `selector`._domainkey.`domain`, both in ASCII.

    `left_out`: fields that are not covered, in lower case, since somebody on the way replaces them.
    """

    domain: str
    selector: str
    left_out: frozenset[str] = frozenset()


def fields_left_out(given: str) -> frozenset[str]:
    """Of field names with commas between. Raises ValueError where one is not covered anyway, or has to be."""
    names = [name for part in given.split(",") if (name := part.strip())]
    known = {name.lower() for name in COVERED}
    for name in names:
        if name.lower() not in known:
            raise ValueError(f"{name!r} is not covered anyway; covered are {', '.join(COVERED)}")
        if name.lower() == "from":
            raise ValueError("From has to be covered (RFC 6376, 5.4)")
    return frozenset(name.lower() for name in names)


def signature(message: bytes, by: Signatory, sign: Sign) -> bytes:
    """The header `DKIM-Signature` with its line's end. `message`: as it is before dots are doubled, lines in CRLF.

    Raises NotSignable.
    """
    head, end, body = message.partition(b"\r\n\r\n")
    fields = _fields(head)
    names = [name for name in COVERED if name.lower() not in by.left_out and name.lower() in fields]
    if not end or "From" not in names:
        raise NotSignable
    listed = [name for name in names for _ in range(1 + (name in ONCE_MORE))]
    unsigned = _header(by, listed, b64encode(sha256(relaxed_body(body)).digest()).decode())
    covered = b"".join(fields[name.lower()] + b"\r\n" for name in names)
    signed = b64encode(sign(covered + _relaxed(unsigned.encode("ascii")))).decode()
    return (unsigned + _folded(signed) + "\r\n").encode("ascii")


def relaxed_body(body: bytes) -> bytes:
    """The body as it is hashed (RFC 6376, 3.4.4): no blanks at a line's end, no empty lines at the end of all."""
    body = body.replace(b"\t", b" ")
    while b"  " in body:  # a tenth of what a regular expression takes
        body = body.replace(b"  ", b" ")
    kept = body.replace(b" \r\n", b"\r\n").rstrip(b"\r\n").removesuffix(b" ")
    return kept + b"\r\n" if kept else b""


def _fields(head: bytes) -> dict[str, bytes]:
    """Name in lower case -> the field in relaxed form; of several of a name the last one, which is signed first."""
    lines = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n")
    return {line.partition(b":")[0].rstrip().lower().decode("latin-1"): _relaxed(line) for line in lines}


def _relaxed(field: bytes) -> bytes:
    """A header field as it is hashed (RFC 6376, 3.4.2), without the end of its line."""
    name, _, value = field.replace(b"\r\n", b"").partition(b":")
    return name.rstrip(b" \t").lower() + b":" + _BLANKS.sub(b" ", value).strip(b" \t")


def _header(by: Signatory, names: list[str], body_hash: str) -> str:
    """The header up to where the signature itself goes."""
    lines = [f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={by.domain};", f" s={by.selector}; h="]
    for place, name in enumerate(names):
        piece = name + (";" if place == len(names) - 1 else ":")
        if len(lines[-1]) + len(piece) > _WIDTH:
            lines.append(" ")
        lines[-1] += piece
    return "\r\n".join([*lines, f" bh={body_hash};", " b="])


def _folded(text: str) -> str:
    """The text in lines that go on from ` b=`."""
    first, rest = text[: _WIDTH - 3], text[_WIDTH - 3 :]
    return "\r\n ".join([first, *(rest[at : at + _WIDTH - 1] for at in range(0, len(rest), _WIDTH - 1))])
