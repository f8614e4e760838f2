"""The story's clock: it stands until the story moves it, and runs on with real time once the story is over."""

import time
from datetime import datetime, timedelta


class StoryClock:
    """Call it for the present instant: UTC, to the second."""

    def __init__(self, start: datetime) -> None:
        self._set_to = start
        self._running_since: float | None = None

    def __call__(self) -> datetime:
        if self._running_since is None:
            return self._set_to
        passed = timedelta(seconds=time.monotonic() - self._running_since)
        return (self._set_to + passed).replace(microsecond=0)

    def move_to(self, instant: datetime) -> None:
        """Lets the time until that instant pass. Raises ValueError where it lies in the past."""
        if instant < self():
            raise ValueError(f"the story is at {self()} already, {instant} is over")
        self._set_to = instant
        self._running_since = None

    def run_on(self) -> None:
        """From now on a second is a second."""
        self._set_to = self()
        self._running_since = time.monotonic()
