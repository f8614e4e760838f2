"""What could not be recorded because the database failed, and why it did."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from portal.store.outage import Outage, outage_of, unapplied

log = structlog.get_logger("portal.jobs")

LONGEST_PAUSE = 60.0
"""Seconds between two looks at a database that fails."""
Write = Callable[[], Awaitable[object]]
"""Records something in a transaction of its own. Done twice, it changes nothing the second time."""


class Backlog:
    """What is with the relay already must be recorded some time: else it would be sent once more.

    `outage`: what keeps the database from working, as far as is known; `lacks`: the migrations, where it is that.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._writes: deque[Write] = deque()
        self._pause = 0.0
        self.outage: Outage | None = None
        self.lacks: list[str] = []

    async def record(self, write: Write) -> None:
        """Records it now, or else as soon as the database works again. Raises what it raised now."""
        try:
            await write()
        except Exception as error:
            if outage_of(error) is not None:
                self._writes.append(write)
            raise

    async def catch_up(self) -> None:
        """Records what is left, in its order. Raises what a database raises that still does not work."""
        while self._writes:
            try:
                await self._writes[0]()
            except Exception as error:
                if outage_of(error) is not None:
                    raise
                log.error("not_recorded", error=type(error).__name__)  # its lease will tell of it
            self._writes.popleft()

    async def settle(self) -> None:
        """The same, for some seconds, before the process ends; what is left then, its lease tells of."""
        for seconds in (1, 2, 4, 0):
            try:
                await self.catch_up()
            except Exception:  # noqa: BLE001 - it still does not work
                await asyncio.sleep(seconds)
        if self._writes:
            log.error("not_recorded", left=len(self._writes))

    async def blames(self, error: BaseException) -> bool:
        """Whether the database is at fault, as a whole. Says so in the log, once, and what to do."""
        outage = outage_of(error)
        try:
            lacks = await unapplied(self._url) if outage is Outage.BEHIND else []
        except Exception as another:  # noqa: BLE001 - meanwhile it does not even answer
            outage, lacks = outage_of(another), []
        if outage is None or (outage is Outage.BEHIND and not lacks):
            return False
        if (outage, lacks) != (self.outage, self.lacks):
            self.outage, self.lacks = outage, lacks
            _tell(outage, error, lacks)
        return True

    def pause(self) -> float:
        """Seconds until the database should be tried again: longer each time, while nothing is recorded."""
        self._pause = min(LONGEST_PAUSE, self._pause * 2 or 1.0)
        return self._pause

    def works(self) -> None:
        """Something was recorded."""
        self._pause = 0.0
        if self.outage is not None:
            self.outage, self.lacks = None, []
            log.info("database_works_again")


def _tell(outage: Outage, error: BaseException, lacks: list[str]) -> None:
    match outage:
        case Outage.FULL:
            log.error("database_full", todo="make room on its disk; what is owed goes out by itself then")
        case Outage.BEHIND:
            log.error("database_not_migrated", lacks=lacks, todo="run: manage.py migrate")
        case Outage.AWAY:
            log.error("database_away", error=type(error).__name__)
