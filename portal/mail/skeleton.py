"""A message made once for all its readers, with slots where they differ: a reader's own message is then one join.

Templates are rendered, encoded and put together as `compose` does it, but with slots instead of values. What comes out
is compared with `compose` for readers made up for that, one with everything in their name that has to be escaped:
where the two ways say different things, or a template computes with a value, there is no skeleton, and `compose` makes
each message.
"""

import email
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime
from functools import lru_cache

from markupsafe import escape

from portal.mail.compose import END, Letter, Recipient, Sender, compose, headed, part, rendered, to_line
from portal.mail.quoted import SOFT, quoted, quoted_value
from portal.mail.slots import Slot, has_signs, parted

NAME = "name"
TOKEN = "0123456789abcdef" * 2
"""The length and the kind of the random part of a Message-ID."""
_NOBODY = Recipient("nobody@invalid.example")
_ODD = 'Zoë <O\'Hara> & "Sons" %(x)s'


class NoSkeleton(ValueError):
    """The messages of this letter have to be made one by one."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """`parts` is the message with gaps; `gaps` are their places, by what goes there: a header's value ("to", "token",
    "date"), or a slot in the text or in the HTML."""

    parts: tuple[bytes, ...]
    headers: tuple[tuple[int, str], ...]
    slots: tuple[tuple[int, str, bool], ...]

    def filled(self, to: Recipient, token: str, at: datetime, values: Mapping[str, str]) -> bytes:
        """The message to one reader, as it goes over the wire: no line of it begins with a dot."""
        found = list(self.parts)
        heads = {"to": to_line(to), "token": token.encode("ascii"), "date": _date(at)}
        for place, name in self.headers:
            found[place] = heads[name]
        known: dict[tuple[str, bool], bytes] = {}
        for place, name, escaped in self.slots:
            encoded = known.get((name, escaped))
            if encoded is None:
                value = values[name]
                encoded = known[name, escaped] = quoted_value(str(escape(value)) if escaped else value)
            found[place] = encoded
        return b"".join(found)


LetterOf = Callable[[str, Mapping[str, object]], Letter]
"""Makes the letter of a Message-ID's token and the values, or of slots in their place."""


def skeleton(letter: LetterOf, slots: Mapping[str, str], sender: Sender, reader: Recipient, at: datetime) -> Skeleton:
    """The skeleton of a letter; `slots` names the values that differ, each with a sample of it. `reader.name` says
    whether the readers have names. Raises NoSkeleton."""
    try:
        made = _made(letter, slots, sender, reader, at)
    except Exception as problem:
        raise NoSkeleton(type(problem).__name__) from problem
    samples = (dict(slots), {name: f"{value}&x='1'" for name, value in slots.items()})
    for values, name in zip(samples, ("Maria Muster", _ODD), strict=True):
        to = Recipient(_NOBODY.address, name if reader.name else "", reader.language)
        plain = compose(letter(TOKEN, values), sender, to, sender.message_id(TOKEN), at)
        if _said(plain) != _said(made.filled(to, TOKEN, at, {**values, NAME: to.name})):
            raise NoSkeleton("the two ways say different things")
    return made


def _made(letter: LetterOf, slots: Mapping[str, str], sender: Sender, reader: Recipient, at: datetime) -> Skeleton:
    open_letter = letter(TOKEN, {name: Slot(name) for name in slots})
    nobody = Recipient(_NOBODY.address, "", reader.language)
    texts = rendered(open_letter, sender, Slot(NAME) if reader.name else "", reader.language)
    if has_signs([texts.subject]):
        raise NoSkeleton("the subject has a slot")
    pieces = _Pieces()
    pieces.add_headers(headed(open_letter, sender, nobody, sender.message_id(TOKEN), at, texts.subject), nobody, at)
    pieces.add(part("plain", b""))
    pieces.add_text(texts.plain, escaped=False)
    pieces.add(part("html", b""))
    pieces.add_text(texts.html, escaped=True)
    pieces.add(END)
    return Skeleton(tuple(pieces.parts), tuple(pieces.headers), tuple(pieces.slots))


class _Pieces:
    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.headers: list[tuple[int, str]] = []
        self.slots: list[tuple[int, str, bool]] = []
        self._open = False

    def add(self, piece: bytes) -> None:
        if self._open:
            self.parts[-1] += piece
        else:
            self.parts.append(piece)
        self._open = True

    def add_headers(self, headers: bytes, nobody: Recipient, at: datetime) -> None:
        gaps = {to_line(nobody): "to", TOKEN.encode(): "token", _date(at): "date"}
        for piece in re.split(b"(" + b"|".join(map(re.escape, gaps)) + b")", headers):
            if piece in gaps:
                self.headers.append((self._gap(), gaps[piece]))
            else:
                self.add(piece)

    def add_text(self, text: str, *, escaped: bool) -> None:
        """A slot stands on lines of its own, whose ends are soft: it may have any length and moves nothing."""
        for words, slot in parted(text):
            self.add(quoted(words))
            if slot:
                self.add(SOFT)
                self.slots.append((self._gap(), slot, escaped))
                self.add(SOFT)

    def _gap(self) -> int:
        self.parts.append(b"")
        self._open = False
        return len(self.parts) - 1


@lru_cache(maxsize=8)
def _date(at: datetime) -> bytes:
    return format_datetime(at).encode("ascii")


def _said(wire: bytes) -> object:
    """What a reader's program makes of a message."""
    message = email.message_from_bytes(wire, _class=EmailMessage, policy=default)
    bodies = [body.get_content() for body in message.iter_parts() if isinstance(body, EmailMessage)]
    return [(name, str(value)) for name, value in message.items()], bodies
