"""The record of a campaign on its way: what many connections have to say is written in one transaction."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import chain, islice
from typing import Protocol

from portal.actions.campaign import Attempted, Begun, Campaign
from portal.actions.noting import CARRIED_AFTER, Noting
from portal.actions.sending import take_others, take_turns, take_usual, usual
from portal.actions.sending_many import Taken, Turn
from portal.jobs.backlog import Backlog
from portal.jobs.office import log_error
from portal.store.connections import transaction
from portal.store.outage import outage_of

MOST = 200
PATIENCE = 0.002
"""Seconds."""


Told = Callable[[Begun | None, Exception | None], None]
Waiting = tuple[Turn, Told]
"""A turn that is not on record yet, and who waits for it."""


class Speaking(Protocol):
    """Many who speak together, of what is `usual` alone; none of it may raise."""

    def __len__(self) -> int:
        """How many have something to say."""

    def turns(self) -> list[Turn]:
        """What they have to say."""

    def recorded(self, answers: Sequence[tuple[bool, Begun | None]]) -> list[Waiting]:
        """Told of what was taken of those turns, see `Taken.of`; gives those that were not taken as a whole."""


class Ledger:
    """While one transaction is written the next turns gather: under load one commit holds a turn of every connection.

    `speakers`: how many connections are at work. A commit waits some milliseconds for those that have not spoken yet:
    it costs nearly the same for one turn as for all. A turn that cannot be written breaks no other: they are tried
    again one by one.
    """

    def __init__(
        self, campaign: Campaign, clock: Callable[[], datetime], backlog: Backlog, noting: Noting | None = None
    ) -> None:
        self._campaign = campaign
        self._clock = clock
        self._backlog = backlog
        self._waiting: list[Waiting] = []
        self._speaking: list[Speaking] = []
        self._writer: asyncio.Task[None] | None = None
        self._noting = noting
        self._carrier: asyncio.Task[None] | None = None
        self.speakers = 0

    async def turn(self, turn: Turn) -> Begun | None:
        """Returns when the turn is on record: what may be written now. Raises what the database raises."""
        told: asyncio.Future[Begun | None] = asyncio.get_running_loop().create_future()
        self.enter(turn, partial(_settle, told))
        return await told

    def enter(self, turn: Turn, told: Told) -> None:
        """The same for whoever does not wait: `told`, which must not raise, gets what `turn` returns or raises."""
        self._waiting.append((turn, told))
        self._start()

    def gather(self, speaking: Speaking) -> None:
        """The same for many: they are asked for their turns when the next transaction begins."""
        self._speaking.append(speaking)
        self._start()

    async def settle(self, last: Attempted) -> None:
        """Records what a message came to, now or as soon as the database works again; else its lease tells of it."""
        try:
            await self.turn(Turn(last))
        except Exception as error:  # noqa: BLE001 - whatever it is, the message is with the relay
            if outage_of(error) is None:
                log_error("ledger", error)
            else:
                with contextlib.suppress(Exception):
                    await self._backlog.record(partial(take_turns, self._campaign, [Turn(last)], last.at))

    def _start(self) -> None:
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._waiting or self._speaking:
            speak = len(self._waiting) + sum(map(len, self._speaking))
            await asyncio.sleep(PATIENCE if speak < self.speakers else 0)
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            speaking, self._speaking = self._speaking, []
            taken, left = await self._usual(batch, speaking)
            if left and not await self._together(left, taken):
                for one in left:
                    await self._alone(one, taken)
        if self._noting is not None and (self._carrier is None or self._carrier.done()):
            self._carrier = asyncio.create_task(self._carry_over(self._noting))

    async def _carry_over(self, noting: Noting) -> None:
        """Carries over in time what was noted, also where nobody has anything more to say."""
        while noting.behind:
            await asyncio.sleep(CARRIED_AFTER)
            if noting.is_due:
                with contextlib.suppress(Exception):  # whoever writes next will do it
                    await noting.carry_over()

    async def close(self) -> None:
        """Carries over all that was noted, if the database works: whoever is asked from now on knows of it."""
        if self._noting is None:
            return
        if self._carrier is not None:
            self._carrier.cancel()
        with contextlib.suppress(Exception):  # the same
            async with transaction():
                pass

    async def _usual(self, batch: Sequence[Waiting], speaking: Sequence[Speaking]) -> tuple[Taken, list[Waiting]]:
        """What could be taken so, and who still waits."""
        own = [turn for turn, _ in batch]
        theirs = [many.turns() for many in speaking]
        turns = list(chain(own, *theirs))
        try:
            taken = await take_usual(self._campaign, [*usual(own), *chain(*theirs)], self._clock(), self._noting)
        except Exception:  # noqa: BLE001 - what hinders all of them hinders each, who is told
            taken = Taken(set(), {})
        if taken.begun:
            self._backlog.works()
        answers = taken.of(turns)
        left = []
        for (turn, told), (whole, begun) in zip(batch, islice(answers, len(own)), strict=True):
            if whole:
                told(begun, None)
            else:
                left.append((turn, told))
        for many, said in zip(speaking, theirs, strict=True):
            left += many.recorded(list(islice(answers, len(said))))
        return taken, left

    async def _together(self, left: Sequence[Waiting], taken: Taken) -> bool:
        """Whether what is left could be taken in one transaction."""
        try:
            taken = await self._others(left, taken)
        except Exception as problem:  # noqa: BLE001 - nothing of it is on record
            if len(left) == 1:
                left[0][1](None, problem)
            return len(left) == 1
        turns = [turn for turn, _ in left]
        for (_, told), (_whole, begun) in zip(left, taken.of(turns), strict=True):
            told(begun, None)
        return True

    async def _alone(self, one: Waiting, taken: Taken) -> None:
        turn, told = one
        try:
            taken = await self._others([one], taken)
        except Exception as problem:  # noqa: BLE001 - who asked is told
            told(None, problem)
        else:
            [(_whole, begun)] = taken.of([turn])
            told(begun, None)

    async def _others(self, left: Sequence[Waiting], taken: Taken) -> Taken:
        taken = await take_others(self._campaign, [turn for turn, _ in left], taken, self._clock())
        self._backlog.works()
        return taken


def _settle(told: asyncio.Future[Begun | None], begun: Begun | None, problem: Exception | None) -> None:
    if told.done():  # who asked was cancelled
        return
    if problem is not None:
        told.set_exception(problem)
    else:
        told.set_result(begun)
