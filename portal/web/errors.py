"""Errors are pages, in the style of the area they happened in; under /api/ they are problem details (RFC 9457)."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from portal.rules.errors import RuleBroken
from portal.web import dates
from portal.web.headers import harden
from portal.web.languages import told_in_language
from portal.web.render import page
from portal.web.text import gettext as _
from portal.web.text import later

# What a broken rule means for the one who asked; whatever is not named here conflicts with what has happened before.
STATUS = {
    "too_often": 429,
    "bad_parameters": 422,
    "insufficient_scope": 403,
    "not_json": 415,
    "wrong_credentials": 403,
    "link_invalid": 410,
    "no_draft": 404,
    "no_notice": 404,
    "no_objection": 404,
    "not_under_policy": 404,
    "unknown_member": 404,
    "unknown_policy": 404,
    "unknown_purpose": 404,
}
BROKEN = 409
TITLES = {
    400: later("This request cannot be read"),
    401: later("Who asks?"),
    403: later("You may not do this"),
    404: later("There is no such page"),
    405: later("This page does not take that"),
    409: later("This cannot be done"),
    410: later("This link no longer works"),
    413: later("That is too large"),
    415: later("This form cannot be read"),
    422: later("This question cannot be answered"),
    429: later("Too many tries"),
    500: later("Something went wrong here"),
    503: later("The portal is not ready"),
}
TEXTS = {
    "400": later("Go back and try once more."),
    "401": later("Send a token that works, as `Authorization: Bearer …`. An admin makes one under Staff, API tokens."),
    "403": later("Your roles do not allow it. Ask the person who manages the portal’s staff."),
    "404": later("The address may have been copied in part, or what it named is gone."),
    "405": later("Go back, and use the page’s own buttons."),
    "413": later("What was sent is larger than this page takes."),
    "415": later("What was sent is not a form."),
    "429": later("Wait a while, then try again."),
    "500": later(
        "It is our fault, not yours. It has been written down, and nothing of what you sent was kept by half."
    ),
    "503": later("Try again in a moment."),
    "cross_site": later(
        "The form was sent from another site’s page. Open this portal’s own page and send it from there."
    ),
}


def error_answer(
    request: Request, status: int, code: str = "", message: str = "", facts: Mapping[str, object] | None = None
) -> Response:
    """The error as a page or as problem details. `code` names it, `message` replaces the usual text."""
    title = _(TITLES.get(status, HTTPStatus(status).phrase))
    text = message or _(TEXTS.get(code) or TEXTS.get(str(status)) or HTTPStatus(status).description)
    if request.url.path.startswith("/api/"):
        answer = _problem(status, code, title, text, facts or {})
    else:
        answer = page(request, "errors/error.html", status, title=title, text=text, number=status, code=code)
    answer.headers.update(_retry_after(request, facts or {}))
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def on_http(request: Request, error: Exception) -> Response:
    """404, 405 and the like."""
    assert isinstance(error, HTTPException)
    answer = error_answer(request, error.status_code)
    answer.headers.update(error.headers or {})
    if error.status_code == 405:
        answer.headers["Allow"] = ", ".join(sorted(_allowed(request)))
    return answer


async def on_rule_broken(request: Request, error: Exception) -> Response:
    assert isinstance(error, RuleBroken)
    answer = error_answer(request, STATUS.get(error.code, BROKEN), error.code, _(error.message), error.facts)
    if error.code == "insufficient_scope":
        answer.headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{error.facts["scope"]}"'
    return answer


async def on_missing_row(request: Request, _error: Exception) -> Response:
    """A row that an address names does not exist."""
    return error_answer(request, 404)


async def on_failure(request: Request, _error: Exception) -> Response:
    """500. It stands outside of all middleware, so it takes care of the headers itself."""
    answer = error_answer(request, 500)
    harden(answer.headers, request.url.path, request.app.state.settings.base_url)
    return answer


def _problem(status: int, code: str, title: str, text: str, facts: Mapping[str, object]) -> Response:
    """Members of the object (RFC 9457, 3.2): the facts that JSON can hold, and the usual ones."""
    said = {name: dates.iso(fact) if isinstance(fact, datetime) else fact for name, fact in facts.items()}
    kept = {name: fact for name, fact in said.items() if isinstance(fact, str | int | float | bool)}
    usual = {"type": f"/problems/{code}" if code else "about:blank", "title": title, "status": status, "detail": text}
    answer = JSONResponse(kept | usual, status, media_type="application/problem+json")
    told_in_language(answer)
    return answer


def _retry_after(request: Request, facts: Mapping[str, object]) -> dict[str, str]:
    retry_at = facts.get("retry_at")
    if not isinstance(retry_at, datetime):
        return {}
    return {"Retry-After": str(max(1, int((retry_at - request.app.state.clock()).total_seconds())))}


def _allowed(request: Request) -> set[str]:
    """All that the address takes, over all of its routes."""
    matching = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
    return {method for route in matching for method in getattr(route, "methods", None) or ()}
