"""The record of a campaign on its way: what many connections have to say is written in one transaction."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from portal.actions.campaign import Attempted, Begun, Campaign
from portal.actions.sending import Turn, take_turns
from portal.actions.sending_outcome import record_outcome
from portal.jobs.backlog import Backlog
from portal.jobs.office import log_error
from portal.store.outage import outage_of

MOST = 200


class Ledger:
    """While one transaction is written the next turns gather: under load one commit holds a turn of every connection.

    A turn that cannot be written breaks no other: they are tried again one by one.
    """

    def __init__(self, campaign: Campaign, clock: Callable[[], datetime], backlog: Backlog) -> None:
        self._campaign = campaign
        self._clock = clock
        self._backlog = backlog
        self._waiting: list[tuple[Turn, asyncio.Future[Begun | None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def turn(self, turn: Turn) -> Begun | None:
        """Returns when the turn is on record: what may be written now. Raises what the database raises."""
        future: asyncio.Future[Begun | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((turn, future))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await future

    async def settle(self, last: Attempted) -> None:
        """Records what a message came to, now or as soon as the database works again; else its lease tells of it."""
        try:
            await self.turn(Turn(last))
        except Exception as error:  # noqa: BLE001 - whatever it is, the message is with the relay
            if outage_of(error) is None:
                log_error("ledger", error)
            else:
                with contextlib.suppress(Exception):
                    await self._backlog.record(partial(record_outcome, self._campaign, last))

    async def _write(self) -> None:
        while self._waiting:
            await asyncio.sleep(0)  # those that are about to speak
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                await self._together(batch)
            except Exception as problem:  # noqa: BLE001 - each turn is told what became of it
                if len(batch) == 1:
                    _tell(batch[0][1], problem)
                    continue
                for one in batch:
                    try:
                        await self._together([one])
                    except Exception as own:  # noqa: BLE001
                        _tell(one[1], own)

    async def _together(self, batch: Sequence[tuple[Turn, asyncio.Future[Begun | None]]]) -> None:
        begun = await take_turns(self._campaign, [turn for turn, _ in batch], self._clock())
        for (_, future), sending in zip(batch, begun, strict=True):
            with contextlib.suppress(asyncio.InvalidStateError):  # who asked was cancelled
                future.set_result(sending)


def _tell(future: asyncio.Future[Begun | None], problem: Exception) -> None:
    with contextlib.suppress(asyncio.InvalidStateError):
        future.set_exception(problem)
