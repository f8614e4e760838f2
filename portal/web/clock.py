"""The clock of the pages: read here, and handed on as `at` or `now`."""

from datetime import UTC, datetime
from functools import lru_cache
from time import time

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send


def now() -> datetime:
    """The present instant, UTC, to the second."""
    return _of_second(int(time()))


@lru_cache(maxsize=1)  # thousands of messages have the same
def _of_second(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def at(request: Request) -> datetime:
    """The instant of this request by the application's clock, the same however often it is asked."""
    if not hasattr(request.state, "at"):
        request.state.at = request.app.state.clock()
    instant: datetime = request.state.at
    return instant


class Arrival:
    """Notes when a request came, before anything makes it wait: an answer of the last second counts when its turn comes
    after it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            at(Request(scope))
        await self.app(scope, receive, send)
