"""Choosing the language of a request: `?lang=`, else what the browser prefers. A member's own language comes later."""

from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from portal.web.text import negotiated, speak


class Language:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            speak(negotiated(Headers(scope=scope).get("accept-language", "")))
            for wanted in parse_qs(scope["query_string"].decode("latin-1")).get("lang", [])[:1]:
                speak(wanted)
        await self.app(scope, receive, send)
