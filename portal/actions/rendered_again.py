"""A message that was sent, made once more from the rows and compared with the digest that was kept of it.

No message is stored. What it was made from is: the version, the member's address and name as they were given by then,
the Message-ID, the instant in its header, the keys. What was not kept exactly is tried: which of the keys signed its
link, and of which epoch the link was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from itertools import product

from portal.actions.messages import Messages
from portal.actions.notice_letter import told_version
from portal.keys import Keys, KeysBefore
from portal.mail.compose import Sender, token_in
from portal.mail.recipient import NotSendable, sendable
from portal.mail.told import Told
from portal.store.events import Event
from portal.store.members import Address, Member, Profile
from portal.store.notices import Notice, Sending
from portal.store.owed_batch import OwedNotice

MOST_EPOCHS = 3
PREFIX = "sha256:"


class Why(StrEnum):
    """Why a message is not there again, or not the same."""

    NO_DIGEST = "no_digest"
    ADDRESS_ERASED = "address_erased"
    NO_NAME = "no_name"
    NOT_COMPOSED = "not_composed"
    OTHERWISE = "otherwise"  # a template, a title, a deadline, a setting or a key is another one now


@dataclass(frozen=True, slots=True)
class RenderedAgain:
    """`content`: the message, None where it cannot be made. `same`: its digest is the one kept. `why` it is not."""

    content: bytes | None
    same: bool
    digest: str
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    """What the message is made from, but for what has to be tried. `closes_at` is the window's as it stands now."""

    told: Told
    owed: OwedNotice
    recipient: str
    token: str
    dated: datetime


async def rendered_again(sending: Sending, keys: Keys, sender: Sender) -> RenderedAgain:
    """The message of the sending's last attempt, and whether it is the same to the byte as what was sent."""
    address = (await Address.get(id=sending.address_id)).address
    if not address:
        return RenderedAgain(None, same=False, digest="", why=Why.ADDRESS_ERASED)
    source = await _source(sending, address)
    if source is None:
        return RenderedAgain(None, same=False, digest="", why=Why.NOT_COMPOSED)
    kept = (sending.digest or "").removeprefix(PREFIX)
    first: bytes | None = None
    for content in _tries(source, keys, sender):
        first = content if first is None else first
        if not kept:
            break
        if sha256(content).hexdigest() == kept:
            return RenderedAgain(content, same=True, digest=kept)
    digest = sha256(first).hexdigest() if first is not None else ""
    return RenderedAgain(first, same=False, digest=digest, why=_why(kept, source))


def _why(kept: str, source: _Source) -> Why:
    if not kept:
        return Why.NO_DIGEST
    return Why.NO_NAME if not source.owed.name else Why.OTHERWISE


async def _source(sending: Sending, address: str) -> _Source | None:
    member, notice = await Member.get(id=sending.member_id), await Notice.get(id=sending.notice_id)
    dated, begun_at = await _last_attempt(sending)
    given = Profile.filter(member_id=member.id, recorded_at__lte=begun_at)
    profile = await given.order_by("-received_at", "-sequence", "-id").first()
    try:
        recipient = sendable(address)
    except NotSendable:
        return None
    owed = OwedNotice(
        id=notice.id,
        member_id=member.id,
        version_id=notice.version_id,
        closes_at=notice.closes_at,
        language=profile.language if profile else member.language,
        link_epoch=member.link_epoch,
        name=profile.name if profile else "",
        address_id=sending.address_id,
        address=address,
        earlier=None,
        reserved=sending.id,
    )
    return _Source(await told_version(notice.version_id), owed, recipient, token_in(sending.message_id), dated)


async def _last_attempt(sending: Sending) -> tuple[datetime, datetime]:
    """The instant in the message's header, and when the last attempt began: the row keeps the first, events all."""
    async for event in Event.filter(member_id=sending.member_id, action="sending.begun").order_by("-id"):
        if event.facts.get("sending") == sending.id:
            dated = event.facts.get("dated")
            return datetime.fromtimestamp(dated, UTC) if dated else event.received_at, event.received_at
    return sending.started_at, sending.started_at


def _tries(source: _Source, keys: Keys, sender: Sender) -> Iterator[bytes]:
    """The message in every way in which it may have been made, the likeliest first."""
    numbers = range(len(keys.secrets), 0, -1)
    signed = [kind(keys.secrets[:number]) for kind in (Keys, KeysBefore) for number in numbers]
    epoch = source.owed.link_epoch
    epochs = range(epoch, max(0, epoch - MOST_EPOCHS), -1)
    # A mail that goes out first finds no deadline; one that is sent again after a sight tells it.
    closings = list(dict.fromkeys([None, source.owed.closes_at]))
    for key, number, closes_at in product(signed, epochs, closings):
        owed = source.owed._replace(link_epoch=number, closes_at=closes_at)
        yield Messages(source.told, key, sender).made([owed], [source.recipient], [source.token], source.dated)[0]
