"""Several relays as one: connections go to each in turn, and one that cannot be used is left alone for a while."""

import asyncio
from collections.abc import Sequence

from portal.mail.connecting import RelaySettings, RelayUnusable, connected
from portal.mail.delivery import Delivery

REST_SECONDS = 60.0


class Relays:
    """`rest_seconds`: how long a relay that could not be used is left alone while another one works."""

    def __init__(self, settings: Sequence[RelaySettings], rest_seconds: float = REST_SECONDS) -> None:
        self._settings = list(settings)
        self._rest_seconds = rest_seconds
        self._rests_until = [0.0] * len(self._settings)
        self._next = 0
        self._left_over: list[Delivery] = []

    async def connect(self) -> tuple[Delivery, bool]:
        """A connection, and whether it had been used before. Raises RelayUnusable where none of the relays can be used."""
        while self._left_over:
            delivery = self._left_over.pop()
            if not delivery.wire.lost:
                return delivery, True
        now = asyncio.get_running_loop().time()
        self._next += 1
        places = [(self._next + step) % len(self._settings) for step in range(len(self._settings))]
        reason = RelayUnusable("no relay", lasting=True)
        # Those that rest come last: where no other one works they are tried all the same.
        for place in sorted(places, key=lambda one: self._rests_until[one] > now):
            try:
                wire = await connected(self._settings[place])
            except RelayUnusable as unusable:
                reason = unusable
                self._rests_until[place] = asyncio.get_running_loop().time() + self._rest_seconds
            else:
                self._rests_until[place] = 0.0
                return Delivery(wire, self._settings[place].answer_seconds), False
        raise reason

    def keep(self, delivery: Delivery) -> None:
        if not delivery.wire.lost:
            self._left_over.append(delivery)

    async def hang_up(self) -> None:
        left, self._left_over = self._left_over, []
        await asyncio.gather(*(delivery.wire.quit() for delivery in left))
