"""Connections while all goes as usual: each message accepted, and the next one on record, without a coroutine.

Most messages of a campaign go this way, and many connections go together: what their relays say is taken, and what they
send next is written, step by step for all that have been answered. At the first thing that is not usual a ride is
over, and the courier sees to it, who knows all the others.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from portal.actions.campaign import Attempted, Begun
from portal.actions.sending_many import Turn
from portal.jobs.composing import Ready
from portal.jobs.ledger import Ledger, Waiting
from portal.jobs.office import Office
from portal.jobs.source import Source
from portal.mail.delivery import Delivery
from portal.mail.outcome import accepted
from portal.mail.wire import Reply, replies_where_well
from portal.rules.columns import rows_of


class OnTheWire(NamedTuple):
    """A message that the relay waits for, and that is on record as being sent."""

    ready: Ready
    begun: Begun


class Ride:
    """One connection. `current`: the message whose text is to be written, or was. `following`: the one that was opened
    behind it.

    At its end there is a following one where not all was usual. `replies`: what the relay said to both, while the
    current one is still there. Else `last` was to be recorded with the beginning of the following one: `problem` says
    why that was not possible; without one it must not be begun.
    """

    def __init__(self, convoy: "Convoy", delivery: Delivery, current: OnTheWire) -> None:
        self._convoy = convoy
        self.heard = partial(convoy.speaks, self)
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.delivery = delivery
        self.current: OnTheWire | None = current
        self.following: Ready | None = None
        self.last: Attempted | None = None
        self.replies: list[Reply] = []
        self.problem: Exception | None = None
        self.words = ""
        self.answered_at: datetime | None = None
        """While what the relay said, these words, is not taken yet: the instant (UTC)."""

    async def over(self) -> None:
        """Sends until something is not usual, or nothing is at hand."""
        self._convoy.go_on([self])
        try:
            await self.ended
        finally:
            self.delivery.wire.forget()
            if self.answered_at is not None:  # it was cancelled meanwhile
                self._convoy.take_answers([self])

    def end(self, error: Exception | None = None) -> None:
        if self.ended.done():
            return
        if error is not None:
            self.ended.set_exception(error)
        else:
            self.ended.set_result(None)

    def answered(self, replies: list[Reply]) -> None:
        """Told where not all was well, or not said at once."""
        if self.delivery.is_usual(replies):
            self.heard(replies[0][1])
        else:
            self.replies = replies
            self.end()

    def recorded(self, begun: Begun | None, problem: Exception | None) -> None:
        """Told of a turn that was no usual one for the ledger after all."""
        if self.ended.done():  # cancelled: what was not written is unknown when its lease ends
            return
        following, self.problem = self.following, problem
        if problem is None:
            self.last = None
        if begun is None or following is None:
            self.end()
        else:
            self.current, self.following = OnTheWire(following, begun), None
            self._convoy.go_on([self])


class Convoy:
    """The rides of one range of a campaign."""

    def __init__(self, office: Office, source: Source, ledger: Ledger) -> None:
        self._office, self._source, self._ledger = office, source, ledger
        self._loop = asyncio.get_running_loop()
        self._now: datetime | None = None
        self._speaking: list[Ride] = []
        self._said: list[tuple[Ride, Turn]] = []

    def __len__(self) -> int:
        """How many have something to say."""
        return len(self._speaking)

    def speaks(self, ride: Ride, words: str) -> None:
        """The relay accepted its current message, with these words, and opened the following one."""
        at = self._now
        if at is None:
            at = self._now = self._office.clock()
            self._loop.call_soon(self._look_again)
        ride.words, ride.answered_at = words, at
        if not self._speaking:
            self._ledger.gather(self)
        self._speaking.append(ride)

    def _look_again(self) -> None:
        """At the clock. What the loop reads in one turn had all come when that turn began."""
        self._now = None

    def turns(self) -> list[Turn]:
        """What they have to say."""
        speaking, self._speaking = self._speaking, []
        self._said = []
        turns: list[Turn] = []
        try:
            rides = self._going_on(speaking)
            lasts = self.take_answers(rides)
            begins = [ride.following.begin for ride in rides if ride.following is not None]
            turns = rows_of(Turn, lasts, begins, [None] * len(rides))
            self._said = list(zip(rides, turns, strict=True))
        except Exception as error:  # noqa: BLE001 - the ledger cannot deal with it: `over` raises it
            for ride in speaking:
                ride.end(error)
        return turns

    def _going_on(self, speaking: Sequence[Ride]) -> list[Ride]:
        """Those whose wire is there, and may be used. The courier sees to the others, but for the cancelled ones: what
        was said to these is taken already."""
        going: list[Ride] = []
        staying: list[Ride] = []
        closed = self._office.closed
        for ride in speaking:
            if ride.answered_at is not None:
                (staying if closed or ride.delivery.wire.lost else going).append(ride)
        for ride in staying:
            ride.answered_at, ride.replies = None, replies_where_well(ride.words)
            ride.end()
        return going

    def take_answers(self, rides: Sequence[Ride]) -> list[Attempted]:
        """Each of them has been accepted, and its following one opened."""
        if not rides:
            return []
        ready, begun = zip(*[ride.current for ride in rides if ride.current is not None], strict=True)
        outcomes = accepted([ride.words for ride in rides], [one.parcel.recipient for one in ready])
        notices, instants = [one.begin.notice for one in ready], [ride.answered_at for ride in rides]
        attempts = rows_of(Attempted, notices, begun, outcomes, instants)
        for ride, last in zip(rides, attempts, strict=True):
            ride.last, ride.current, ride.answered_at = last, None, None
        self._source.went_well(ready, outcomes)
        return attempts

    def recorded(self, answers: Sequence[tuple[bool, Begun | None]]) -> list[Waiting]:
        """Those whose turns were taken go on; gives the others."""
        left: list[Waiting] = []
        going = []
        for (ride, turn), (whole, begun) in zip(self._said, answers, strict=True):
            following = ride.following
            if not whole or begun is None:
                left.append((turn, ride.recorded))
            elif following is not None and not ride.ended.done():
                ride.last, ride.current, ride.following = None, OnTheWire(following, begun), None
                going.append(ride)  # else it was cancelled: what was not written is unknown when its lease ends
        self.go_on(going)
        return left

    def go_on(self, rides: Sequence[Ride]) -> None:
        """Writes the texts of their messages, and opens the next ones."""
        if rides and self._office.asked_for_one():
            rides[0].end()
            rides = rides[1:]
        try:
            following = self._source.at_hand(len(rides))
        except Exception as error:  # noqa: BLE001 - who calls back cannot deal with it: `over` raises it
            for ride in rides:
                ride.end(error)
            return
        now = self._loop.time()
        for ride, opening in zip(rides, following, strict=False):
            current, delivery, ride.following = ride.current, ride.delivery, opening
            try:
                if current and delivery.begin(current.ready.parcel, opening.parcel, now, ride.answered, ride.heard):
                    continue
            except Exception as error:  # noqa: BLE001 - the same, and the others go on
                ride.end(error)
                continue
            ride.following = None
            self._source.back(opening)
            ride.end()
        for ride in rides[len(following) :]:
            ride.end()
