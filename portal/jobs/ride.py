"""One connection while all goes as usual: each message accepted, and the next one on record, without a coroutine.

Most messages of a campaign go this way. What waits here is called back, by the wire and by the ledger; at the first
thing that is not usual the ride is over, and the courier sees to it, who knows all the others.
"""

import asyncio
from typing import NamedTuple

from portal.actions.campaign import Attempted, Begun
from portal.actions.sending_many import Turn
from portal.jobs.composing import Ready
from portal.jobs.ledger import Ledger
from portal.jobs.office import Office
from portal.jobs.source import Source
from portal.mail.delivery import Delivery
from portal.mail.wire import Reply


class OnTheWire(NamedTuple):
    """A message that the relay waits for, and that is on record as being sent."""

    ready: Ready
    begun: Begun


class Ride:
    """`current`: the message whose text is to be written, or was. `following`: the one that was opened behind it.

    At its end there is a following one where not all was usual. `replies`: what the relay said to both, while the
    current one is still there. Else `last` was to be recorded with the beginning of the following one: `problem` says
    why that was not possible; without one it must not be begun.
    """

    def __init__(self, office: Office, source: Source, ledger: Ledger, delivery: Delivery, current: OnTheWire) -> None:
        self._office, self._source, self._ledger, self._delivery = office, source, ledger, delivery
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.current: OnTheWire | None = current
        self.following: Ready | None = None
        self.last: Attempted | None = None
        self.replies: list[Reply] = []
        self.problem: Exception | None = None

    async def over(self) -> None:
        """Sends until something is not usual, or nothing is at hand."""
        self._go_on()
        try:
            await self._over
        finally:
            self._delivery.wire.forget()

    def end(self, error: Exception | None = None) -> None:
        if self._over.done():
            return
        if error is not None:
            self._over.set_exception(error)
        else:
            self._over.set_result(None)

    def _go_on(self) -> None:
        """Writes the text of the current message, and opens the next one."""
        current = self.current
        following = None if self._office.asked_for_one() else self._source.at_hand()
        if current is None or following is None:
            self.end()
        elif self._delivery.begin(current.ready.parcel, following.parcel, self._answered):
            self.following = following
        else:
            self._source.back(following)
            self.end()

    def _answered(self, replies: list[Reply]) -> None:
        try:
            self._take_answers(replies)
        except Exception as error:  # noqa: BLE001 - who calls back cannot deal with it: `over` raises it
            self.end(error)

    def _recorded(self, begun: Begun | None, problem: Exception | None) -> None:
        try:
            self._take_record(begun, problem)
        except Exception as error:  # noqa: BLE001 - the same
            self.end(error)

    def _take_answers(self, replies: list[Reply]) -> None:
        current, following = self.current, self.following
        if current is None or following is None or self._office.closed or not self._delivery.is_usual(replies):
            self.replies = replies
            self.end()
            return
        outcome = self._delivery.ended(replies[0], current.ready.parcel)
        self.last = Attempted(current.ready.begin.notice, current.begun, outcome, self._office.clock())
        self.current = None
        self._source.went_well(current.ready, following, outcome)
        self._ledger.enter(Turn(self.last, following.begin), self._recorded)

    def _take_record(self, begun: Begun | None, problem: Exception | None) -> None:
        following = self.following
        if self._over.done():  # cancelled: what was not written is unknown when its lease ends
            return
        self.problem = problem
        if problem is None:
            self.last = None
        if begun is None or following is None:
            self.end()
        else:
            self.current, self.following = OnTheWire(following, begun), None
            self._go_on()
