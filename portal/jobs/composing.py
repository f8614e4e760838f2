"""From what is owed to a member to a message that can be sent; what cannot be made or sent is on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.actions.campaign import Campaign
from portal.actions.messages import Messages, new_tokens, token_of
from portal.actions.sending import NO_ADDRESS, fail_before_sending, refuse_before_sending
from portal.actions.sending_many import Begin, may_repeat
from portal.jobs.office import Office, log_error
from portal.mail.delivery import Parcel
from portal.mail.recipient import NotSendable, sendable
from portal.mail.signing import Signing
from portal.store.owed_batch import OwedNotice


@dataclass(slots=True)
class Ready:
    """A message to one recipient. `tries`: how many connections have broken before it."""

    begin: Begin
    parcel: Parcel
    tries: int = 0


class Composing:
    """Makes the messages of one campaign."""

    def __init__(self, office: Office, campaign: Campaign, messages: Messages) -> None:
        self._office, self._campaign, self._messages = office, campaign, messages
        self._tokens = new_tokens()

    async def ready(self, owed: OwedNotice, reserved: int) -> Ready | None:
        """The message, not signed; None where there can be none. `reserved`: the id of its sending's row."""
        at, owner = self._office.clock(), self._office.owner
        if owed.address_id is None:
            await refuse_before_sending(owed, NO_ADDRESS, owner, at)
            return None
        try:
            recipient = sendable(owed.address)
        except NotSendable as reason:
            await refuse_before_sending(owed, reason.code, owner, at)
            return None
        try:
            return self._made(owed, owed.address_id, recipient, reserved, at)
        except Exception as error:  # noqa: BLE001 - one member's message must not stop the others'
            log_error("notices", error, notice=owed.id)
            await fail_before_sending(self._campaign, owed, at)
            return None

    def at_once(self, owed: OwedNotice, reserved: int, at: datetime) -> Ready | None:
        """The same at `at` (UTC), where nothing is to be recorded for it; None: `ready` has to look at it."""
        if owed.address_id is None:
            return None
        try:
            return self._made(owed, owed.address_id, sendable(owed.address), reserved, at)
        except Exception:  # noqa: BLE001 - `ready` meets it again, and says what it is
            return None

    async def signed(self, signing: Signing, unsigned: Sequence[Ready]) -> list[Ready]:
        """The messages with their signatures. Raises RelayUnusable."""
        found: list[Ready] = []
        headers = await signing.signed([ready.parcel.content for ready in unsigned])
        for ready, header in zip(unsigned, headers, strict=True):
            if header is None:
                await fail_before_sending(self._campaign, ready.begin.notice, self._office.clock())
            else:
                ready.parcel = ready.parcel._replace(content=header + ready.parcel.content)
                found.append(ready)
        return found

    def _made(self, owed: OwedNotice, address_id: int, recipient: str, reserved: int, at: datetime) -> Ready:
        sender, earlier = self._office.sender, owed.earlier
        repeated = earlier if earlier is not None and may_repeat(earlier, address_id) else None
        token = token_of(repeated) if repeated is not None else next(self._tokens)
        content, digest = self._messages.made(owed, recipient, token, at)
        name = f"s{repeated.id if repeated is not None else reserved}-{token[:12]}"
        return Ready(
            Begin(owed, address_id, sender.message_id(token), digest, earlier, reserved, at, owed.asked),
            Parcel(sender.return_path_of(name), recipient, content, name),
        )
