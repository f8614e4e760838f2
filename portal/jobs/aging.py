"""What mail that came in said is erased when it was kept long enough."""

from datetime import datetime, timedelta

from portal.actions.erasing import A_TURN, erase_aged

TURNS = 10
"""A sweep has so many at most: what is left waits a minute, and mail that is due does not wait for it."""


class Aging:
    """A sweep for `running(…, also=[…])`. `days` are counted from when somebody was done with the message."""

    def __init__(self, days: int) -> None:
        self._kept = timedelta(days=days)

    async def __call__(self, at: datetime) -> None:
        for _ in range(TURNS):
            if await erase_aged(at - self._kept, at=at) < A_TURN:
                return
