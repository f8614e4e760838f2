"""How much a request's body may hold, by the address it goes to."""

import re

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.store.submissions import LARGEST_FILE, MOST_FILES

USUAL = 64_000
# A policy's text may have 1 MB; encoded as a form's field it grows to its threefold, and the rules shall refuse what is
# larger with their own words. An import may have 100,000 rows and more.
# A single click is one field.
OTHERS = (("/staff/drafts/", 4_000_000), ("/staff/members/import", 40_000_000), ("/unsubscribe/", 4_000))
# Where ops enter what came by letter, with its files; one more, so that a file too many gets words of its own.
LETTERS = re.compile(
    r"/staff/(?:members|objections|declarations)/\d+"
    r"/(?:objections|consents|opt-outs|requests|amendment|withdrawal|confirmation)"
)
OF_LETTERS = (MOST_FILES + 1) * LARGEST_FILE + USUAL


def body_limit(path: str) -> int:
    """In bytes."""
    if LETTERS.fullmatch(path):
        return OF_LETTERS
    return next((limit for start, limit in OTHERS if path.startswith(start)), USUAL)


class BodyLimit:
    """Refuses to read more than the address takes: HTTPException 413, where the body is read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit, taken = body_limit(scope["path"]), 0
        announced = _announced(scope)

        async def counted() -> Message:
            nonlocal taken
            if announced > limit:
                raise HTTPException(413)
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
