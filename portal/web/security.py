"""What protects every page: headers, and the refusal of forms that another site sent."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.web.errors import error_answer
from portal.web.headers import harden

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
# Such an address is itself what gives the right to act; no cookie is asked for, so no other site can borrow one.
BY_ADDRESS = ("/n/", "/opt-out/", "/address/")
# The same, for forms that come from elsewhere: a mail provider's single click (RFC 8058). It can stop something, and
# nothing else. The company's own site hands members over by a form, too; the view asks where that came from.
FROM_ANYWHERE = ("/unsubscribe/",)
HAND_OVER = "/hand-over"


class SecurityHeaders:
    """Sets the headers on every answer; one that has a header already keeps it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                harden(MutableHeaders(scope=message), scope["path"], scope["app"].state.settings.base_url)
            await send(message)

        await self.app(scope, receive, with_headers)


class SameOrigin:
    """Refuses unsafe requests that a page of another site sent (CSRF), by Sec-Fetch-Site, else by Origin."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or _may_come(scope):
            await self.app(scope, receive, send)
            return
        answer = error_answer(Request(scope), 403, "cross_site")
        await answer(scope, receive, send)


def _may_come(scope: Scope) -> bool:
    path: str = scope["path"]
    if path.startswith("/api/"):
        return True  # by token alone: no browser adds it by itself
    return path.startswith(FROM_ANYWHERE) or path == HAND_OVER or is_ours(scope)


def comes_from(scope: Scope, address: str) -> bool:
    """Whether a page of the site with this address sent the form, by the browser's word."""
    return bool(address) and Headers(scope=scope).get("origin", "").lower() == _origin(address)


def is_ours(scope: Scope) -> bool:
    """Whether a page of ours sent the form, or no browser at all."""
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return True  # no browser that sends forms today leaves out both; mail servers that opt someone out do
    base_url: str = scope["app"].state.settings.base_url
    if origin == "null":
        # Under `no-referrer` browsers say no origin, and over plain http nothing else; there SameSite cookies protect.
        return scope["path"].startswith(BY_ADDRESS) or not base_url.startswith("https:")
    return origin.lower() == _origin(base_url) or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
