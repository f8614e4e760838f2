"""Answers that a system need not be given twice (RFC 9110, section 13: ETag, If-None-Match, 304)."""

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from portal.web.text import language


def answered(request: Request, body: bytes, media_type: str, *, secret: bool) -> Response:
    """The body, or 304 where the one who asks has it already. `secret`: there are links in it; nobody may store it.

    There is no Last-Modified: a window closes by the clock, with no fact that had an instant.
    """
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "no-store" if secret else "private, no-cache",
        "Content-Language": language(),
        "Vary": "Authorization, Accept-Language",
    }
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def _has(given: str, tag: str) -> bool:
    """Weakly compared: a proxy that compresses makes the tag a weak one."""
    return given.strip() == "*" or tag in [one.strip().removeprefix("W/") for one in given.split(",")]
