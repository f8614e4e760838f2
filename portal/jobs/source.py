"""What one range of a campaign still has to send: claimed in batches ahead of need, made into messages one by one, or
signed in groups."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial

from portal.actions.claim import Range, claim_batch, release_notices
from portal.jobs.composing import Composing, Ready
from portal.jobs.desk import Desk
from portal.jobs.line import Line
from portal.jobs.office import Office
from portal.mail.connecting import RelayUnusable
from portal.mail.outcome import Outcome
from portal.mail.recipient import domain_of
from portal.mail.signing import GROUP, Signing
from portal.store.alone import run_alone
from portal.store.holds import held
from portal.store.owed_batch import Claimed, OwedNotice, owed_notices

LEAST, MOST = 20, 500
MOST_TOO_LARGE = 10
AHEAD = 50
QUICK, SLOW = 10.0, 60.0
"""After a batch that took fewer seconds the next may be larger, after a slower one it is smaller: claims end."""


class Source:
    """Gives messages to the connections of one range, in the order of the members' ids."""

    def __init__(self, office: Office, of: Range, desk: Desk) -> None:
        self._office, self._of, self._desk = office, of, desk
        self._composing = Composing(office, desk.campaign, desk.messages)
        self._line = Line(office.throttle)
        self._made: deque[Ready] = deque()
        self._ahead: deque[tuple[OwedNotice, Ready]] = deque()
        self._left: list[int] = []
        self._loading: asyncio.Task[int] | None = None
        self._groups: set[asyncio.Task[None]] = set()
        self._size = LEAST * 5
        self._loaded_at = time.monotonic()
        self._empty = False
        self._held = False
        self._too_large = 0

    async def start(self) -> int:
        """Claims the first batch; gives how many messages there may be: as many as the range has members, if it is
        full."""
        claimed = await self._load()
        return self._of.last - self._of.first + 1 if claimed >= self._size else len(self._line)

    async def take(self, *, patient: bool) -> Ready | None:
        """The next message; None where there is none, or, without patience, where it would have to be waited for."""
        signing = self._office.signing
        while not self._office.closed and not self._held:
            self._work_ahead()
            if (made := self._next_made()) is not None:
                return made
            if signing is None and (owed := self._line.next()) is not None:
                ready = await self._ready(owed)
                if ready is not None:
                    return ready
                continue
            working = [*self._groups, *([self._loading] if self._loading else [])]
            if not working or not patient:
                return None
            done, _ = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        return None

    @property
    def steady(self) -> bool:
        """Whether messages can be given out as they come: nothing has to be asked for each."""
        return self._office.throttle.idle and not self._held

    def at_hand(self, most: int) -> list[Ready]:
        """Up to so many of the next messages; fewer where the next has to be waited for, or where `take` has to look.

        Where there are none, many are made in a row: made one by one, between other work, each would cost more.
        """
        found: list[Ready] = []
        while len(found) < most and not self._office.closed and self.steady:
            if self._made or not self._ahead:
                self._work_ahead()
            if self._office.signing is None and not self._made and not self._ahead:
                self._make_ahead()
            wanted = most - len(found)
            if self._made:
                found += [self._made.popleft() for _ in range(min(wanted, len(self._made)))]
            elif self._ahead:
                found += [self._ahead.popleft()[1] for _ in range(min(wanted, len(self._ahead)))]
            else:
                break
        return found

    async def look_for_a_hold(self) -> None:
        """Gives nothing more where the campaign is held."""
        self._held = self._held or await held(self._of.version_id) is not None

    def ended(self, ready: Ready, outcome: Outcome | None = None) -> None:
        """What became of a message that was taken; None where it was not sent, and is not given back."""
        self._office.throttle.end(ready.begin.notice.id)
        if outcome is not None:
            self._office.throttle.note(ready.parcel.recipient, outcome)

    def went_well(self, ended: Sequence[Ready], outcomes: Sequence[Outcome]) -> None:
        """The usual: the relay accepted these messages. Nobody is told who would do nothing about it."""
        office = self._office
        office.note_accepted(len(ended))
        if office.throttle.keeps_count:
            for ready, outcome in zip(ended, outcomes, strict=True):
                self.ended(ready, outcome)
        if self._too_large or office.too_large:
            for ready in ended:
                self.note_size(ready, "")

    def back(self, ready: Ready) -> None:
        """A message that was not begun after all."""
        self._made.append(ready)

    def leave(self, ready: Ready) -> None:
        """A message that cannot be begun now: it is not given again, and due for whoever looks next."""
        self._left.append(ready.begin.notice.id)
        self.ended(ready)

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
        working = [*self._groups, *([self._loading] if self._loading else [])]
        if working:
            await asyncio.wait(working)
        self._line_up_again()
        left = [(owed.id, owed.address) for owed in self._line.leave()]
        left += [(ready.begin.notice.id, ready.parcel.recipient) for ready in self._made]
        throttle = self._office.throttle
        for notice_id, address in left:
            throttle.end(notice_id)
            throttle.unused(domain_of(address))
        unsent = [notice_id for notice_id, _ in left] + self._left
        try:
            await throttle.save()
        finally:
            await self._office.backlog.record(partial(release_notices, unsent, self._office.owner))

    def _work_ahead(self) -> None:
        self._load_ahead()
        if self._office.signing is not None:
            self._sign_ahead(self._office.signing)

    def _load_ahead(self) -> None:
        if len(self._line) <= self._size // 2 and not self._empty and self._loading is None:
            self._loading = asyncio.create_task(self._load())
            self._loading.add_done_callback(_seen)

    async def _load(self) -> int:
        """Claims the next batch; gives how many there were, whether they may go now or not."""
        try:
            took, self._loaded_at = time.monotonic() - self._loaded_at, time.monotonic()
            self._size = max(
                LEAST, min(MOST, self._size * 2 if took < QUICK else self._size // 2 if took > SLOW else MOST)
            )
            claimed = await self._claim()
            self._empty = not claimed.rows
            try:
                await self._line_up(claimed)
            except BaseException:
                self._left += claimed.ids
                raise
            return len(claimed.rows)
        finally:
            self._loading = None

    async def _claim(self) -> Claimed:
        run = self._desk.noting.claim if self._desk.noting is not None else run_alone
        return await claim_batch(self._of, self._office.owner, self._office.clock(), self._size, run)

    async def _line_up(self, claimed: Claimed) -> None:
        self._line.add(await self._office.throttle.let_through(await owed_notices(claimed)))

    def _next_made(self) -> Ready | None:
        """What was made ahead has to wait its turn again where a domain is full or wants a pause by now."""
        if self._made:
            return self._made.popleft()
        if self._ahead and not self._office.throttle.idle:
            self._line_up_again()
        return self._ahead.popleft()[1] if self._ahead else None

    def _line_up_again(self) -> None:
        self._line.back([owed for owed, _ready in self._ahead])
        self._ahead.clear()

    def _make_ahead(self) -> None:
        at = self._office.clock()
        owed = self._line.several(AHEAD)
        made = self._composing.at_once(owed, at)
        self._ahead += zip(owed, made, strict=False)
        self._line.back(owed[len(made) :])

    def _sign_ahead(self, signing: Signing) -> None:
        """Keeps a group with each process that signs, and one waiting."""
        while len(self._groups) <= signing.processes and len(self._made) < GROUP:
            group = self._line.several(GROUP)
            if not group:
                return
            task = asyncio.create_task(self._sign(signing, group))
            self._groups.add(task)
            task.add_done_callback(self._groups.discard)

    async def _sign(self, signing: Signing, group: list[OwedNotice]) -> None:
        try:
            made = [ready for owed in group if (ready := await self._ready(owed))]
            signed = await self._composing.signed(signing, made)
        except BaseException as reason:
            self._give_up([owed.id for owed in group])
            self._left += [owed.id for owed in group]
            if not isinstance(reason, RelayUnusable):
                raise
            self._office.halt(reason)
            return
        self._made += signed
        self._give_up({ready.begin.notice.id for ready in made} - {ready.begin.notice.id for ready in signed})

    async def _ready(self, owed: OwedNotice) -> Ready | None:
        try:
            ready = await self._composing.ready(owed)
        except BaseException:
            self._left.append(owed.id)
            self._office.throttle.end(owed.id)
            raise
        if ready is None:
            self._office.throttle.end(owed.id)
        return ready

    def _give_up(self, notice_ids: Iterable[int]) -> None:
        for notice_id in notice_ids:
            self._office.throttle.end(notice_id)


def _seen(loading: asyncio.Task[int]) -> None:
    """Who needs what could not be loaded will try again, and meet the same fault."""
    if not loading.cancelled():
        loading.exception()
