"""The job that sends the notices of one range of members: claim some, send each, until none is due."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from portal.actions.campaign import Attempted, Campaign, Rendered
from portal.actions.claim import Range, claim_notices, release_notices
from portal.actions.notice_letter import notice_letter, told_version
from portal.actions.sending import (
    NO_ADDRESS,
    REPEATABLE,
    fail_before_sending,
    give_back,
    refuse_before_sending,
    turn,
)
from portal.actions.sending_outcome import record_outcome
from portal.jobs.office import Office, log_error
from portal.mail.compose import Recipient, compose
from portal.mail.recipient import NotSendable, sendable
from portal.mail.smtp import Relay, RelayUnusable
from portal.mail.told import Told
from portal.store.contacts import last_addresses, names_of
from portal.store.members import Address, Member
from portal.store.notices import Notice, Sending
from portal.store.policies import Version
from portal.store.standings import published_versions


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed notice, and what is needed to send it."""

    notice: Notice
    member: Member
    name: str
    address: Address | None
    earlier: Sending | None


@dataclass(frozen=True, slots=True)
class Ready:
    """A message to one recipient. `token` is the random part of its Message-ID."""

    due: Due
    recipient: str
    token: str
    content: bytes
    rendered: Rendered


async def send_notices(office: Office, of: Range) -> None:
    """Sends what is due in the range, one by one over one connection."""
    version = await Version.get(id=of.version_id).only("id", "policy_id")
    published = await published_versions(version.policy_id)
    campaign = Campaign(version.policy_id, published[of.version_id], office.owner, office.retries)
    told = await told_version(of.version_id)
    async with office.relay() as relay:
        while not office.closed:
            claimed = await claim_notices(of, office.owner, office.clock())
            if not claimed:
                return
            await _Batch(office, relay, campaign, told).send(claimed)


class _Batch:
    """Sends claimed notices one after the other. An attempt's outcome is recorded with the beginning of the next."""

    def __init__(self, office: Office, relay: Relay, campaign: Campaign, told: Told) -> None:
        self._office = office
        self._relay = relay
        self._campaign = campaign
        self._told = told
        self._last: Attempted | None = None

    async def send(self, claimed: Sequence[Notice]) -> None:
        waiting = {notice.id for notice in claimed}
        try:
            for due in await _due(claimed):
                if self._office.closed:
                    break
                await self._relay.ready()
                ready = await self._ready(due)
                if ready is not None:
                    await self._send(ready)
                waiting.discard(due.notice.id)
        except RelayUnusable as reason:
            self._office.halt(reason)
        finally:
            await self._settle()
            await release_notices(list(waiting), self._office.owner)

    async def _ready(self, due: Due) -> Ready | None:
        """The message; None where there can be none, which is then on record."""
        at, owner = self._office.clock(), self._office.owner
        try:
            recipient = sendable(due.address.address) if due.address else ""
        except NotSendable as reason:
            await refuse_before_sending(due.notice, reason.code, owner, at)
            return None
        if due.address is None:
            await refuse_before_sending(due.notice, NO_ADDRESS, owner, at)
            return None
        token = _token(due)
        message_id = self._office.sender.message_id(token)
        try:
            content = self._content(due, recipient, token, at)
        except Exception as error:  # noqa: BLE001 - one member's message must not stop the others'
            log_error("notices", error, notice=due.notice.id)
            await fail_before_sending(self._campaign, due.notice, at)
            return None
        rendered = Rendered(due.address.id, message_id, sha256(content).hexdigest(), due.earlier)
        return Ready(due, recipient, token, content, rendered)

    async def _send(self, ready: Ready) -> None:
        notice, office = ready.due.notice, self._office
        last, self._last = self._last, None
        try:
            sending = await turn(self._campaign, last, notice, ready.rendered, office.clock())
        except BaseException:
            self._last = last  # what was sent must not be lost over what comes next
            raise
        if sending is None:
            return
        return_path = office.sender.return_path_of(f"s{sending.id}-{ready.token[:12]}")
        try:
            outcome = await self._relay.send(ready.content, return_path, ready.recipient)
        except RelayUnusable:
            await give_back(notice, sending, office.owner, office.clock())
            raise
        office.note(outcome)
        self._last = Attempted(notice, sending, outcome, office.clock())

    async def _settle(self) -> None:
        last, self._last = self._last, None
        if last is not None:
            await record_outcome(self._campaign, last)

    def _content(self, due: Due, recipient: str, token: str, at: datetime) -> bytes:
        office = self._office
        letter = notice_letter(
            self._told, due.notice, due.member, keys=office.keys, sender=office.sender, token=token, at=at
        )
        to = Recipient(recipient, due.name, due.member.language)
        return compose(letter, office.sender, to, office.sender.message_id(token), at)


async def _due(claimed: Sequence[Notice]) -> list[Due]:
    """The claimed notices with their members, names, addresses and last sendings, in one read for each of these."""
    ids = [notice.member_id for notice in claimed]
    members = {row.id: row for row in await Member.filter(id__in=ids)}
    addresses, names = await last_addresses(ids), await names_of(ids)
    notice_ids = [notice.id for notice in claimed]
    rows = await Sending.filter(member_id__in=ids, notice_id__in=notice_ids).order_by("number")
    earlier = {row.notice_id: row for row in rows}
    return [
        Due(
            notice,
            members[notice.member_id],
            names.get(notice.member_id, ""),
            addresses.get(notice.member_id),
            earlier.get(notice.id),
        )
        for notice in claimed
    ]


def _token(due: Due) -> str:
    """The random part of the Message-ID: the one of the sending that is tried again, else a new one."""
    earlier = due.earlier
    if earlier and due.address and earlier.state in REPEATABLE and earlier.address_id == due.address.id:
        return earlier.message_id.strip("<>").partition("@")[0]
    return secrets.token_hex(16)
