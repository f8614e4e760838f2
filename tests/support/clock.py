"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    """Call it for the present instant: UTC, to the second."""

    def __init__(self, start: datetime = START) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> datetime:
        """Moves it on by days, hours, minutes or seconds."""
        self.now += timedelta(**span)
        return self.now
