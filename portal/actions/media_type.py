"""What a file is, told from its bytes; what it is called and said to be does not count."""

import re
from codecs import getincrementaldecoder

from portal.store.submissions import MediaType

# By its first bytes: PDF (ISO 32000-1, 7.5.2), PNG (RFC 2083, 3.1), JPEG (ITU T.81, B.1.1), TIFF 6.0 (section 2).
MAGIC = (
    (b"%PDF-", MediaType.PDF),
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
)
HEAD = 64_000
"""So many bytes at the beginning are looked at for the fields of a mail."""
CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
FIELD = re.compile(rb"([!-9;-~]+):[ \t]?|[ \t]")  # a header field or the continuation of one (RFC 5322, 2.2)
OF_A_MAIL = {b"from", b"date"}  # which every mail has (RFC 5322, 3.6)


class Told:
    """Takes a file a piece at a time, and tells at the end what it is. A piece of no length is the end."""

    def __init__(self) -> None:
        self._head = b""
        self._plain = self._utf8 = True
        self._decoder = getincrementaldecoder("utf-8")()

    def take(self, piece: bytes) -> None:
        if len(self._head) < HEAD:
            self._head += piece[: HEAD - len(self._head)]
        if self._plain:
            self._plain = not CONTROLS.search(piece)
        if self._utf8:
            self._utf8 = self._decodes(piece, final=not piece)

    def media_type(self) -> MediaType | None:
        """None for whatever is not taken. Mails may be in any 8-bit encoding, other text is UTF-8."""
        known = next((kind for magic, kind in MAGIC if self._head.startswith(magic)), None)
        if known is not None or not self._plain or not self._head.strip():
            return known
        if _is_mail(self._head):
            return MediaType.MAIL
        return MediaType.TEXT if self._utf8 else None

    def _decodes(self, piece: bytes, *, final: bool) -> bool:
        try:
            self._decoder.decode(piece, final)
        except UnicodeDecodeError:
            return False
        return True


def _is_mail(head: bytes) -> bool:
    """Whether it begins with the header of a mail."""
    fields = set()
    for line in head.splitlines():
        if not line:
            break
        field = FIELD.match(line)
        if field is None:
            return False
        fields.add((field[1] or b"").lower())
    return fields >= OF_A_MAIL
