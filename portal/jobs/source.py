"""What one range of a campaign still has to send: claimed in batches ahead of need, made into messages one by one."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from portal.actions.campaign import Campaign, Rendered
from portal.actions.claim import Range, claim_ids, release_notices
from portal.actions.messages import Messages, token_of
from portal.actions.sending import NO_ADDRESS, fail_before_sending, refuse_before_sending
from portal.actions.sending_many import Begin, may_repeat
from portal.jobs.office import Office, log_error
from portal.mail.delivery import Parcel
from portal.mail.recipient import NotSendable, sendable
from portal.store.bulk import reserve_ids
from portal.store.connections import transaction
from portal.store.holds import held
from portal.store.owed_batch import OwedNotice, owed_notices

LEAST, MOST = 20, 500
MOST_TOO_LARGE = 10
QUICK, SLOW = 10.0, 60.0
"""After a batch that took fewer seconds the next may be larger, after a slower one it is smaller: claims end."""


@dataclass(slots=True)
class Ready:
    """A message to one recipient. `tries`: how many connections have broken before it."""

    begin: Begin
    parcel: Parcel
    tries: int = 0


class Source:
    """Gives messages to the connections of one range, in the order of the members' ids."""

    def __init__(self, office: Office, of: Range, campaign: Campaign, messages: Messages) -> None:
        self._office, self._of, self._campaign, self._messages = office, of, campaign, messages
        self._owed: deque[tuple[OwedNotice, int]] = deque()
        self._back: deque[Ready] = deque()
        self._left: list[int] = []
        self._loading: asyncio.Task[None] | None = None
        self._size = LEAST * 5
        self._loaded_at = time.monotonic()
        self._empty = False
        self._held = False
        self._too_large = 0

    async def start(self) -> int:
        """Claims the first batch; gives how many messages there may be: as many as the range has members, if it is
        full."""
        await self._load()
        full = len(self._owed) >= self._size
        return self._of.last - self._of.first + 1 if full else len(self._owed)

    async def take(self, *, patient: bool) -> Ready | None:
        """The next message; None where there is none, or, without patience, where it would have to be waited for."""
        while not self._office.closed and not self._held:
            if self._back:
                return self._back.popleft()
            if len(self._owed) <= self._size // 2 and not self._empty and self._loading is None:
                self._loading = asyncio.create_task(self._load())
                self._loading.add_done_callback(_seen)
            if self._owed:
                ready = await self._next()
                if ready is not None:
                    return ready
            elif self._loading is None or not patient:
                return None
            else:
                await asyncio.shield(self._loading)
        return None

    async def look_for_a_hold(self) -> None:
        """Gives nothing more where the campaign is held."""
        self._held = self._held or await held(self._of.version_id) is not None

    def back(self, ready: Ready) -> None:
        """A message that was not begun after all."""
        self._back.append(ready)

    def leave(self, ready: Ready) -> None:
        """A message that cannot be begun now: it is not given again, and due for whoever looks next."""
        self._left.append(ready.begin.notice.id)

    def note_size(self, ready: Ready, too_large: str) -> None:
        """A message that the relay takes none of the size of is left, as owed as before; the others need not wait.

        After ten in a row nothing more is given: each would be made, and left, once a minute.
        """
        self._office.note_size(len(ready.parcel.content), too_large)
        self._too_large = self._too_large + 1 if too_large else 0
        if too_large:
            self.leave(ready)
            self._held = self._held or self._too_large >= MOST_TOO_LARGE

    async def close(self) -> None:
        """Gives up the claims on what was not begun."""
        if self._loading is not None:
            await asyncio.wait([self._loading])
        left = [owed.id for owed, _ in self._owed] + [ready.begin.notice.id for ready in self._back] + self._left
        await self._office.backlog.record(partial(release_notices, left, self._office.owner))

    async def _load(self) -> None:
        try:
            took, self._loaded_at = time.monotonic() - self._loaded_at, time.monotonic()
            self._size = max(
                LEAST, min(MOST, self._size * 2 if took < QUICK else self._size // 2 if took > SLOW else MOST)
            )
            claimed = await claim_ids(self._of, self._office.owner, self._office.clock(), self._size)
            self._empty = not claimed
            try:
                batch = await owed_notices(claimed)
                if batch:
                    async with transaction() as connection:
                        ids = await reserve_ids(connection, "sending", len(batch))
                    self._owed += zip(batch, ids, strict=True)
            except BaseException:
                self._left += claimed
                raise
        finally:
            self._loading = None

    async def _next(self) -> Ready | None:
        owed, reserved = self._owed.popleft()
        try:
            return await self._ready(owed, reserved)
        except BaseException:
            self._left.append(owed.id)
            raise

    async def _ready(self, owed: OwedNotice, reserved: int) -> Ready | None:
        """The message; None where there can be none, which is then on record."""
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

    def _made(self, owed: OwedNotice, address_id: int, recipient: str, reserved: int, at: datetime) -> Ready:
        sender, earlier = self._office.sender, owed.earlier
        repeated = earlier if earlier is not None and may_repeat(earlier, address_id) else None
        token = token_of(repeated)
        made = self._messages.made(owed, recipient, token, at)
        named = repeated.id if repeated is not None else reserved
        rendered = Rendered(address_id, sender.message_id(token), made.digest, earlier, reserved, at)
        name = f"s{named}-{token[:12]}"
        return Ready(Begin(owed, rendered), Parcel(sender.return_path_of(name), recipient, made.content, name))


def _seen(loading: asyncio.Task[None]) -> None:
    """Who needs what could not be loaded will try again, and meet the same fault."""
    if not loading.cancelled():
        loading.exception()
