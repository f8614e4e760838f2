"""Cookies: over https their names carry the prefix `__Host-`, so that no other host can set them (RFC 6265bis)."""

from starlette.requests import Request
from starlette.responses import Response


def read_cookie(request: Request, name: str) -> str:
    """The cookie's value, or nothing."""
    return request.cookies.get(_name(request, name), "")


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int | None) -> None:
    """Sets it for the whole site, out of reach of scripts and of other sites' forms.

    `seconds`: None keeps it until the browser is closed.
    """
    secure = _secure(request)
    response.set_cookie(_name(request, name), value, seconds, path="/", secure=secure, httponly=True, samesite="lax")


def drop_cookie(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(_name(request, name), path="/", secure=_secure(request), httponly=True, samesite="lax")


def _secure(request: Request) -> bool:
    base_url: str = request.app.state.settings.base_url
    return base_url.startswith("https:")


def _name(request: Request, name: str) -> str:
    return f"__Host-{name}" if _secure(request) else name
