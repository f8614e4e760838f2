"""A line of the log for every request, without what would let its reader act as a member."""

import re
import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A token in an address is a key; the log shows the door only.
TOKEN = re.compile(r"^/(n|opt-out|unsubscribe|sign-in|address)/[^/]+")

log = structlog.get_logger("portal.access")


class AccessLog:
    """Logs method, address, status, milliseconds and the client's address; no query string, no body, no cookie."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            log.info(
                "request",
                method=scope["method"],
                path=redacted(scope["path"]),
                status=status,
                ms=round(1000 * (time.perf_counter() - started), 1),
                client=client_of(scope),
            )


def redacted(path: str) -> str:
    """The address with tokens left out: `/n/…/objection`."""
    return TOKEN.sub(r"/\1/…", path)


def client_of(scope: Scope) -> str:
    """The client's address as the server, or a trusted proxy, told it."""
    client = scope.get("client")
    return str(client[0]) if client else ""
