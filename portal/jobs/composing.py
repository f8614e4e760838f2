"""From what is owed to a member to a message that can be sent; what cannot be made or sent is on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from portal.actions.campaign import Campaign
from portal.actions.messages import Messages, new_tokens
from portal.actions.sending import NO_ADDRESS, fail_before_sending, refuse_before_sending
from portal.actions.sending_many import Begin, may_repeat
from portal.jobs.office import Office, log_error
from portal.mail.compose import token_in
from portal.mail.delivery import Parcel
from portal.mail.recipient import NotSendable, sendable
from portal.mail.signing import Signing
from portal.rules.columns import rows_of
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

    async def ready(self, owed: OwedNotice) -> Ready | None:
        """The message, not signed; None where there can be none."""
        at, owner = self._office.clock(), self._office.owner
        try:
            return self._made([owed], at)[0]
        except NotSendable as reason:
            await refuse_before_sending(owed, reason.code, owner, at)
            return None
        except Exception as error:  # noqa: BLE001 - one member's message must not stop the others'
            log_error("notices", error, notice=owed.id)
            await fail_before_sending(self._campaign, owed, at)
            return None

    def at_once(self, owed: Sequence[OwedNotice], at: datetime) -> list[Ready]:
        """The messages of several, at `at` (UTC): of all before the first one that `ready` has to look at."""
        try:
            return self._made(owed, at)
        except Exception:  # noqa: BLE001 - `ready` meets it again, and says what it is
            half = len(owed) // 2
            if not half:
                return []
            made = self.at_once(owed[:half], at)
            return made + self.at_once(owed[half:], at) if len(made) == half else made

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

    def _made(self, batch: Sequence[OwedNotice], at: datetime) -> list[Ready]:
        """Raises NotSendable where one of them is, and what a broken template raises."""
        if not batch:
            return []
        *_, address_ids, addresses, earlier, reserved, asked = zip(*batch, strict=True)
        if None in address_ids:
            raise NotSendable(NO_ADDRESS)
        sender, some = self._office.sender, len(batch)
        recipients = list(map(sendable, addresses))
        rows, tokens = list(reserved), new_tokens(some)
        for place, row in enumerate(earlier if any(earlier) else ()):
            if row is not None and may_repeat(row, address_ids[place]):
                rows[place], tokens[place] = row.id, token_in(row.message_id)
        contents = self._messages.made(batch, recipients, tokens, at)
        digests = [sha256(content).hexdigest() for content in contents]
        names = [f"s{row}-{token[:12]}" for row, token in zip(rows, tokens, strict=True)]
        ids, returns = sender.message_ids(tokens), sender.return_paths_of(names)
        begins = rows_of(Begin, batch, address_ids, ids, digests, earlier, reserved, [at] * some, asked)
        parcels = rows_of(Parcel, returns, recipients, contents, names, [False] * some)
        return list(map(Ready, begins, parcels))
