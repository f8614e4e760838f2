"""One connection's work: message after message, each on record before its final dot."""

from portal.actions.campaign import Attempted
from portal.actions.sending_many import Turn
from portal.jobs.composing import Ready
from portal.jobs.ledger import Ledger
from portal.jobs.office import Office, log_error
from portal.jobs.ride import Convoy, OnTheWire, Ride
from portal.jobs.source import Source
from portal.mail.connecting import RelayUnusable
from portal.mail.delivery import Delivery, Exchanged
from portal.mail.outcome import Outcome, Verdict
from portal.store.outage import outage_of

MOST_FAILURES = 3
MOST_TRIES = 2
"""So many connections may break before a message is opened; then that is an attempt, and it has to wait."""


class Courier:
    def __init__(self, office: Office, source: Source, ledger: Ledger, convoy: Convoy) -> None:
        self._office, self._source, self._ledger, self._convoy = office, source, ledger, convoy
        self._delivery: Delivery | None = None
        self._kept = False
        self._idle = False
        self._failures = 0
        self._current: OnTheWire | None = None
        self._last: Attempted | None = None

    async def run(self) -> None:
        """Sends until there is nothing left, or the office closes. What was sent is on record at the end."""
        try:
            while await self._step():
                if self._current is not None and self._delivery is not None and self._source.steady:
                    await self._ride(self._current, self._delivery)
            self._idle = True
        except RelayUnusable as reason:
            self._office.halt(reason)
        finally:
            await self._end()

    async def _step(self) -> bool:
        given_up = self._delivery is not None and self._office.asked_for_one()
        following = None if given_up else await self._source.take(patient=self._current is None)
        if following is None and self._current is None:
            return False
        try:
            delivery = await self._connected()
            exchanged = await delivery.exchange(
                self._current.ready.parcel if self._current else None, following.parcel if following else None
            )
        except BaseException:
            if following is not None:
                self._source.back(following)
            raise
        await self._answered(delivery, exchanged, following)
        return True

    async def _ride(self, current: OnTheWire, delivery: Delivery) -> None:
        """Sends as long as all goes as usual, then sees to what does not."""
        self._kept = True
        ride = Ride(self._convoy, delivery, current)
        try:
            await ride.over()
        except BaseException:
            if ride.following is not None:
                self._source.leave(ride.following)
            raise
        finally:
            self._current, self._last = ride.current, ride.last
        if ride.following is None:
            return
        if ride.problem is not None:
            await self._not_recorded(delivery, ride.following, ride.problem)
        elif self._current is None:
            await self._not_begun(delivery, ride.following)
        else:
            try:
                exchanged = await delivery.concluded(ride.replies, self._current.ready.parcel, ride.following.parcel)
            except BaseException:
                self._source.back(ride.following)
                raise
            await self._answered(delivery, exchanged, ride.following)

    async def _answered(self, delivery: Delivery, exchanged: Exchanged, following: Ready | None) -> None:
        self._note(exchanged.ended)
        if following is not None:
            self._source.note_size(following, exchanged.too_large)
            following = None if exchanged.too_large else following
        await self._go_on(delivery, exchanged, following)
        if exchanged.unusable:
            raise RelayUnusable(exchanged.unusable, lasting=True)

    def _note(self, ended: Outcome | None) -> None:
        """What became of the message that was on the wire; it is recorded with the beginning of the next."""
        current, self._current = self._current, None
        if current is not None and ended is not None:
            self._last = Attempted(current.ready.begin.notice, current.begun, ended, self._office.clock())
            self._source.ended(current.ready, ended)
            self._office.note(ended)

    async def _go_on(self, delivery: Delivery, exchanged: Exchanged, following: Ready | None) -> None:
        refused = exchanged.refused
        if following is not None and (exchanged.unusable or self._again(refused, following) or self._too_late(refused)):
            self._source.back(following)
            following = None
            if refused is None:
                delivery.wire.abort("nothing to send")
        turn = Turn(self._last, following.begin if following else None, refused if following else None)
        try:
            begun = await self._ledger.turn(turn) if turn.last or turn.next else None
        except Exception as error:  # noqa: BLE001 - one that cannot be recorded must not stop the others
            await self._not_recorded(delivery, following, error)
            return
        self._last = None
        if following is None:
            return
        if refused is not None:
            self._office.note(refused)
            self._source.ended(following, refused)
        elif begun is not None:
            self._current = OnTheWire(following, begun)
        else:
            await self._not_begun(delivery, following)

    async def _not_begun(self, delivery: Delivery, following: Ready) -> None:
        delivery.wire.abort("nothing to send")
        self._source.ended(following)
        await self._source.look_for_a_hold()

    async def _not_recorded(self, delivery: Delivery, following: Ready | None, error: Exception) -> None:
        """The relay may wait for a text that must not be sent: what was written next would be taken for it."""
        delivery.wire.abort("not on record")
        if following is not None:
            self._source.leave(following)
        last, self._last = self._last, None
        if last is not None:
            await self._ledger.settle(last)
        self._failures += 1
        if self._failures >= MOST_FAILURES or outage_of(error) is not None:
            raise error
        log_error("courier", error)

    def _again(self, refused: Outcome | None, following: Ready) -> bool:
        """Whether the connection only broke before the message: a kept one may have been dead for long."""
        if refused is None or refused.verdict is not Verdict.NOT_SENT:
            return False
        following.tries += not self._kept
        return following.tries < MOST_TRIES

    def _too_late(self, refused: Outcome | None) -> bool:
        return refused is None and self._office.closed

    async def _connected(self) -> Delivery:
        if self._delivery is not None and not self._delivery.wire.lost:
            self._kept = True
            return self._delivery
        self._delivery, self._kept = await self._office.connect()
        return self._delivery

    async def _end(self) -> None:
        """A message that was cut off on the wire stays as it is on record: it may have arrived."""
        current, self._current = self._current, None
        if current is not None:
            self._source.ended(current.ready)
        delivery, self._delivery = self._delivery, None
        if delivery is not None:
            if self._idle:
                self._office.keep(delivery)
            else:  # whatever the relay waits for
                delivery.wire.abort("stopped")
        if self._last is not None:
            await self._ledger.settle(self._last)
