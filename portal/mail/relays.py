"""Several relays as one: connections go to each in turn, and one that cannot be used is left alone for a while."""

import asyncio
from collections import deque
from collections.abc import Sequence

from portal.mail.connecting import RelaySettings, RelayUnusable, connected
from portal.mail.delivery import Delivery

REST_SECONDS = 60.0
ASK_SECONDS = 30.0


class Relays:
    """`rest_seconds`: how long a relay that could not be used is left alone while another one works."""

    def __init__(self, settings: Sequence[RelaySettings], rest_seconds: float = REST_SECONDS) -> None:
        self._settings = list(settings)
        self._rest_seconds = rest_seconds
        self._rests_until = [0.0] * len(self._settings)
        self._next = 0
        self._opening = 0
        self._open: list[Delivery] = []
        self._left_over: list[Delivery] = []
        self._asked: deque[asyncio.Future[None]] = deque()

    @property
    def busy(self) -> bool:
        """Whether another connection is open, or about to be: one that was refused is then only one too many."""
        return self._opening > 0 or any(not one.wire.lost for one in self._open)

    @property
    def asked(self) -> bool:
        """Whether somebody waits for a connection to be kept."""
        return bool(self._asked)

    async def connect(self) -> tuple[Delivery, bool]:
        """A connection, and whether it had been used before. Raises RelayUnusable where no relay can be used."""
        while self._left_over:
            delivery = self._left_over.pop()
            if not delivery.wire.lost:
                return delivery, True
        self._opening += 1
        try:
            delivery = await self._opened()
        finally:
            self._opening -= 1
        self._open = [*(one for one in self._open if not one.wire.lost), delivery]
        return delivery, False

    async def _opened(self) -> Delivery:
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
                return Delivery(wire, self._settings[place].answer_seconds)
        raise reason

    def keep(self, delivery: Delivery) -> None:
        """A connection that is not needed any more, for whoever comes next."""
        if not delivery.wire.lost:
            self._left_over.append(delivery)
            if self._asked:
                self._asked.popleft().set_result(None)

    async def ask(self) -> bool:
        """Waits until one of the open connections is kept; False where none is for long."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked.append(kept)
        try:
            async with asyncio.timeout(ASK_SECONDS):
                await kept
        except TimeoutError:
            return False
        finally:
            if kept in self._asked:
                self._asked.remove(kept)
        return True

    async def hang_up(self) -> None:
        left, self._left_over = self._left_over, []
        await asyncio.gather(*(delivery.wire.quit() for delivery in left))
