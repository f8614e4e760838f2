"""Quoted-printable (RFC 2045, 6.7): readable in the raw, and safe where a relay knows no 8 bits."""

import binascii
import re

SOFT = b"=\r\n"
_DOT = re.compile(rb"^\.", re.MULTILINE)
_PLAIN = re.compile(r"[!-<>-~](?:[!-<>-~ ]{0,70}[!-<>-~])?")


def quoted(text: str) -> bytes:
    """The text in lines of 76 characters at most that end in CRLF; none begins with a dot, so nothing on the way has to
    double one (RFC 5321, 4.5.2)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode()
    return _DOT.sub(b"=2E=\n", binascii.b2a_qp(lines, istext=True)).replace(b"\n", b"\r\n")


def quoted_value(value: str) -> bytes:
    """The same for one short value; what stands for itself is not looked at twice."""
    if _PLAIN.fullmatch(value) and value[0] != ".":
        return value.encode("ascii")
    return quoted(value)
