"""The canonical form of a text, and its digest."""

import hashlib
import re

from portal.rules.changes.bounds import MAX_BLOCKS, MAX_BYTES
from portal.rules.errors import RuleBroken
from portal.rules.said import later

_TOO_LARGE = {
    "bytes": later("The text is too large: more than %(limit)s bytes."),
    "blocks": later("The text is too large: more than %(limit)s blocks."),
}
_MAY_BE_CODE = re.compile(r"^(?: {4}|\t| {0,3}(?:```|~~~)|---)", re.MULTILINE)
_CHUNK = re.compile(r"\n[ \t]*+\n(?=[ \t]*+[^ \t\n])")


def normalised(text: str) -> str:
    """LF line ends, no BOM, NUL as U+FFFD, a line feed at the end; an empty text stays empty."""
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return text if text.endswith("\n") or not text else text + "\n"


def canonical(raw: bytes | str) -> str:
    """The text that is published, digested and compared.

    Raises RuleBroken with ``text_not_utf8``, ``text_empty`` or ``text_too_large`` (1 MB; 10,000 paragraphs, as far
    as they can be counted without parsing: `parse` counts the blocks).
    """
    if len(raw) > MAX_BYTES or (isinstance(raw, str) and len(raw.encode("utf-8", "surrogatepass")) > MAX_BYTES):
        raise too_large("bytes", MAX_BYTES)
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw.encode("utf-8").decode("utf-8")
    except UnicodeError as error:
        place = getattr(error, "start", 0)
        raise RuleBroken(
            "text_not_utf8", "The text is not valid UTF-8 at position %(position)s.", position=place
        ) from None
    text = normalised(text)
    if not text.strip():
        raise RuleBroken("text_empty", "The text is empty.")
    refuse_many_paragraphs(text)
    return text


def refuse_many_paragraphs(text: str) -> None:
    """Refuse early what has too many paragraphs; texts with code wait for the parser, blank lines do not part code."""
    if text.count("\n") < 2 * MAX_BLOCKS or _MAY_BE_CODE.search(text):
        return
    if sum(1 for _ in _CHUNK.finditer(text)) >= MAX_BLOCKS:
        raise too_large("blocks", MAX_BLOCKS)


def too_large(what: str, limit: int) -> RuleBroken:
    """`what`: bytes or blocks."""
    return RuleBroken("text_too_large", _TOO_LARGE[what], what=what, limit=limit)


def digest(text: str) -> str:
    """SHA-256 of the canonical text's UTF-8 bytes, as ``sha256:`` and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
