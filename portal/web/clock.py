"""The clock of the pages: read here, and handed on as `at` or `now`."""

from datetime import UTC, datetime

from starlette.requests import Request


def now() -> datetime:
    """The present instant, UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def at(request: Request) -> datetime:
    """The instant of this request by the application's clock, the same however often it is asked."""
    if not hasattr(request.state, "at"):
        request.state.at = request.app.state.clock()
    instant: datetime = request.state.at
    return instant
