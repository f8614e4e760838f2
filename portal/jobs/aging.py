"""What is not kept for ever: the words of mail that came in, and a database's log of what was erased."""

from datetime import datetime, timedelta

from portal.actions.erasing import A_TURN, erase_aged
from portal.store.log import empty_log

TURNS = 10
"""A sweep has so many at most: what is left waits a minute, and mail that is due does not wait for it."""
LOG_KEPT = timedelta(hours=1)


class Aging:
    """A sweep for `running(…, also=[…])`. `days` are counted from when somebody was done with the message."""

    def __init__(self, days: int) -> None:
        self._kept = timedelta(days=days)

    async def __call__(self, at: datetime) -> None:
        for _ in range(TURNS):
            if await erase_aged(at - self._kept, at=at) < A_TURN:
                return


class LogAging:
    """A sweep for `running(…, also=[…])`: within an hour what was erased is gone from SQLite's log too, or at the first
    sweep after that at which nobody reads there."""

    def __init__(self) -> None:
        self._emptied_at: datetime | None = None

    async def __call__(self, at: datetime) -> None:
        due = self._emptied_at is None or at - self._emptied_at >= LOG_KEPT
        if due and await empty_log():
            self._emptied_at = at
