"""Which mails of ours a message speaks of: by the return path (VERP), the envelope's id, or a Message-ID."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message

from portal.mail.returned.bounded import readable
from portal.mail.returned.envelope import Envelope, bare, local_and_domain

MOST = 20
REPLY = re.compile(r"^r-([0-9a-f]{32})$")
NAMED = re.compile(r"^([sm])(\d{1,18})-([0-9a-z]{12})$")
MESSAGE_ID = re.compile(r"<[!-;=?A-~]{1,120}@[!-;=?A-~]{1,120}>")
TOKEN = re.compile(r"^[0-9a-f]{32}$")
LONGEST_QUOTED = 20_000
ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,255}")
# Where servers quote the headers of what they return; the address in the first ends in a name of ours.
QUOTED = re.compile(
    r"^[ \t>]{0,8}(Return-Path|Message-ID|X-Notice-Id|To):[ \t]*([^\r\n]{1,300})", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Ours:
    """The portal's own addresses: `return_path` takes bounces, `sender` is what members write to."""

    sender: str
    return_path: str

    @property
    def all(self) -> tuple[str, str]:
        return self.sender, self.return_path


@dataclass(frozen=True, slots=True)
class Verp:
    """A name in a return path: the kind (`s` a sending of a notice, `m` another mail), its row, and part of its token.

    The row's number can be guessed, the token cannot: who has not seen the mail cannot name it.
    """

    kind: str
    id: int
    token: str


@dataclass(frozen=True, slots=True)
class Names:
    """What a message names, each at most `MOST` times; all of it claims, to be checked against the rows.

    `addresses`: to whom the mail with one of the Message-IDs went. By them it is looked for, not known.
    """

    verps: tuple[Verp, ...] = ()
    message_ids: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


def verp(address: str, ours: Ours) -> Verp | None:
    """The name in an address such as `bounces+s12-0123456789ab@example.com`, if it is a return path of ours."""
    local, plus, extension = local_and_domain(address)[0].rpartition("+")
    return named(extension) if plus and local == local_and_domain(ours.return_path)[0] else None


def reply_token(address: str, ours: Ours) -> str:
    """The token in an address such as `bounces+r-0123…@example.com`, to which replies to a notice go; else ""."""
    local, _, extension = local_and_domain(address)[0].rpartition("+")
    found = REPLY.match(extension)
    return found[1] if found and local == local_and_domain(ours.return_path)[0] else ""


def named(text: str) -> Verp | None:
    """`s12-0123456789ab` as a name."""
    found = NAMED.match(text.strip().lower())
    return Verp(found[1], int(found[2]), found[3]) if found else None


def names_of_report(envelope: Envelope, message: Message, ours: Ours, returned: str, envelope_id: str) -> Names:
    """What a report names. `returned`: the headers that it returns, as text; `envelope_id`: RFC 3464's, "" if none."""
    addresses = [*envelope.recipients, bare(message.get("To") or "")]
    found = [verp(address, ours) for address in addresses]
    found.append(named(envelope_id))
    message_ids: list[str] = MESSAGE_ID.findall(envelope_id)
    went_to: list[str] = []
    for header, value in _quoted(returned):
        if header == "return-path":
            found.append(verp(bare(value), ours))
        elif header == "to":
            went_to.append(bare(value))
        elif header == "message-id":
            message_ids += MESSAGE_ID.findall(value)
        elif TOKEN.match(value):
            message_ids.append(own_id(value, ours))
    return Names(_some(one for one in found if one), _some(message_ids), _some(_plain(went_to)))


def names_of_letter(envelope: Envelope, message: Message, ours: Ours) -> Names:
    """What a reply names: the mail it answers; and addresses: the sender's, and those in its text, which quotes."""
    found = [verp(address, ours) for address in envelope.recipients]
    tokens = [token for address in (*envelope.recipients, *_to(message)) if (token := reply_token(address, ours))]
    answered = " ".join((message.get("In-Reply-To") or "", message.get("References") or ""))
    sender = bare(message.get("From") or "")
    return Names(
        _some(one for one in found if one),
        _some([*(own_id(token, ours) for token in tokens), *MESSAGE_ID.findall(answered[-4000:])]),
        _some(_plain([sender, *ADDRESS.findall(readable(message, LONGEST_QUOTED))])),
    )


def _to(message: Message) -> list[str]:
    return [bare(message.get("To") or "")]


def own_id(token: str, ours: Ours) -> str:
    """The Message-ID that was made around the token."""
    return f"<{token}@{ours.sender.rpartition('@')[2]}>"


def _quoted(returned: str) -> list[tuple[str, str]]:
    return [(name.lower(), value.strip()) for name, value in QUOTED.findall(returned)[: 3 * MOST]]


def _some(found: Iterable[Verp] | Iterable[str]) -> tuple:  # type: ignore[type-arg]
    return tuple(dict.fromkeys(found))[:MOST]


def _plain(addresses: Iterable[str]) -> Iterator[str]:
    return (one for one in addresses if one and one.isascii() and one.isprintable() and len(one) <= 320)
