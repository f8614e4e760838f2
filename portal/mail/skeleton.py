"""A message made once for all its readers, with slots where they differ: a reader's own message is then one join.

Templates are rendered, encoded and put together as `compose` does it, but with slots instead of values. What comes out
is compared with `compose` for readers made up for that, one with everything in their name that has to be escaped:
where the two ways say different things, or a template computes with a value, there is no skeleton, and `compose` makes
each message.
"""

import email
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime
from functools import lru_cache
from itertools import product
from operator import itemgetter
from string import ascii_letters, digits

from markupsafe import escape

from portal.mail.compose import END, Letter, Recipient, Sender, compose, headed, part, rendered, to_line, to_lines
from portal.mail.quoted import SOFT, quoted, quoted_value
from portal.mail.slots import Slot, has_signs, parted

NAME = "name"
TOKEN = "0123456789abcdef" * 2
"""The length and the kind of the random part of a Message-ID."""
HEADERS = ("to", "token", "date")
# What is the same in a text and in HTML, and needs no quoting in either; one line of it is short enough.
_SAME = (ascii_letters + digits + "_-. \n").encode()
_LONGEST_SAME = 72
_MOVING = (b"\n.", b"\n ", b".\n", b" \n")
"""At an end of a line a dot or a blank would not arrive as it is."""
_NOBODY = Recipient("nobody@invalid.example")
_ODD = 'Zoë <O\'Hara> & "Sons" %(x)s'


class NoSkeleton(ValueError):
    """The messages of this letter have to be made one by one."""


class Skeleton:
    """`texts` is the message with a gap behind each of them but the last; `gaps` says what goes there: a header's value
    ("to", "token", "date"), or a slot and whether it stands in the HTML."""

    def __init__(self, texts: Sequence[bytes], gaps: Sequence[str | tuple[str, bool]]) -> None:
        self._slots = sorted({gap[0] for gap in gaps if isinstance(gap, tuple)})
        order = [*HEADERS, *product(self._slots, (False, True))]
        self._gaps = itemgetter(*map(order.index, gaps))
        self._pieces = [b""] * (2 * len(gaps) + 1)
        self._pieces[::2] = texts

    def filled(
        self, to: Sequence[tuple[str, str]], tokens: Sequence[str], at: datetime, values: Mapping[str, Sequence[str]]
    ) -> list[bytes]:
        """The messages to some readers, as they go over the wire: no line begins with a dot. `to`: the address and the
        name of each; `tokens` and `values` in the same order."""
        addresses, names = zip(*to, strict=True)
        columns = [to_lines(addresses, names), "\n".join(tokens).encode("ascii").split(b"\n"), [_date(at)] * len(to)]
        for slot in self._slots:
            columns += _encoded(names if slot == NAME else values[slot])
        pieces, messages = self._pieces.copy(), []
        for one in zip(*self._gaps(columns), strict=True):
            pieces[1::2] = one
            messages.append(b"".join(pieces))
        return messages


def _encoded(values: Sequence[str]) -> tuple[list[bytes], list[bytes]]:
    """The values as they stand in a text, and in HTML."""
    lines = "\n".join(("", *values, "")).encode("ascii", "replace")  # by a sign that is none of these
    if not lines.translate(None, _SAME) and not any(moving in lines for moving in _MOVING):
        same = lines.split(b"\n")[1:-1]
        if len(same) == len(values) and len(max(same, key=len, default=b"")) <= _LONGEST_SAME:
            return same, same
    return [quoted_value(value) for value in values], [quoted_value(str(escape(value))) for value in values]


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
        columns = {slot: [value] for slot, value in values.items()}
        if _said(plain) != _said(made.filled([(to.address, to.name)], [TOKEN], at, columns)[0]):
            raise NoSkeleton("the two ways say different things")
    return made


def _made(letter: LetterOf, slots: Mapping[str, str], sender: Sender, reader: Recipient, at: datetime) -> Skeleton:
    open_letter = letter(TOKEN, {name: Slot(name) for name in slots})
    nobody = Recipient(_NOBODY.address, "", reader.language)
    texts = rendered(open_letter, sender, Slot(NAME) if reader.name else "", reader.language)
    if has_signs([texts.subject]):
        raise NoSkeleton("the subject has a slot")
    pieces = _Pieces()
    headers = headed(open_letter, sender, nobody, sender.message_id(TOKEN), at=at, subject=texts.subject)
    pieces.add_headers(headers, nobody, at)
    pieces.add(part("plain", b""))
    pieces.add_text(texts.plain, escaped=False)
    pieces.add(part("html", b""))
    pieces.add_text(texts.html, escaped=True)
    pieces.add(END)
    return Skeleton(pieces.texts, pieces.gaps)


class _Pieces:
    """What has been put together so far: `gaps[n]` is the gap behind `texts[n]`."""

    def __init__(self) -> None:
        self.texts: list[bytes] = [b""]
        self.gaps: list[str | tuple[str, bool]] = []

    def add(self, piece: bytes) -> None:
        self.texts[-1] += piece

    def add_headers(self, headers: bytes, nobody: Recipient, at: datetime) -> None:
        gaps = {to_line(nobody.address): "to", TOKEN.encode(): "token", _date(at): "date"}
        for piece in re.split(b"(" + b"|".join(map(re.escape, gaps)) + b")", headers):
            if piece in gaps:
                self._leave(gaps[piece])
            else:
                self.add(piece)

    def add_text(self, text: str, *, escaped: bool) -> None:
        """A slot stands on lines of its own, whose ends are soft: it may have any length and moves nothing."""
        for words, slot in parted(text):
            self.add(quoted(words))
            if slot:
                self.add(SOFT)
                self._leave((slot, escaped))
                self.add(SOFT)

    def _leave(self, gap: str | tuple[str, bool]) -> None:
        self.gaps.append(gap)
        self.texts.append(b"")


@lru_cache(maxsize=8)
def _date(at: datetime) -> bytes:
    return format_datetime(at).encode("ascii")


def _said(wire: bytes) -> object:
    """What a reader's program makes of a message."""
    message = email.message_from_bytes(wire, _class=EmailMessage, policy=default)
    bodies = [body.get_content() for body in message.iter_parts() if isinstance(body, EmailMessage)]
    return [(name, str(value)) for name, value in message.items()], bodies
