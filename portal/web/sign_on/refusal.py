"""Why nobody was signed in by the company's site, and the page that says so and offers the mailed link."""

import re
from datetime import datetime

import structlog
from starlette.requests import Request
from starlette.responses import Response

from portal.rules.errors import RuleBroken
from portal.web.render import page
from portal.web.sign_on.session import own_page, with_next

log = structlog.get_logger("portal.sign_on")

CODE = re.compile("[a-z_]{1,40}")
# What is told -> the answer's status.
STATUS = {"denied": 403, "unknown": 403, "closed": 410, "away": 503, "over": 400, "wrong": 403, "spent": 410}


class SignOnRefused(Exception):
    """The answer of the company's sign-on is not in order. `reason` is for the log and for whoever set it up."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProviderAway(SignOnRefused):
    """The company's sign-on does not answer, or not with what it should."""


def reason(where: str, code: object) -> str:
    """`token_invalid_grant`, say: an error of the provider's, where it is a code and no text."""
    known = isinstance(code, str) and CODE.fullmatch(code)
    return f"{where}_{code if known else 'error'}"


def refused(
    request: Request,
    told: str,
    reason: str = "",
    *,
    again: str = "",
    onward: str = "",
    closed_at: datetime | None = None,
) -> Response:
    """The page for one of `STATUS`. `again`: an address where it can be tried once more; `onward`: what for."""
    if reason:
        log.warning("sign_on_refused", told=told, reason=reason)
    answer = page(
        request,
        "account/sign_on_refused.html",
        STATUS[told],
        told=told,
        reason=reason,
        again=with_next(again, onward),
        next=own_page(onward, ""),
        closed_at=closed_at,
    )
    if told == "away":
        answer.headers["Retry-After"] = "10"
    return answer


def by_rule(request: Request, broken: RuleBroken, *, again: str = "", onward: str = "") -> Response:
    """The page for what `actions.sign_on` refuses."""
    closed_at = broken.facts.get("closed_at")
    if isinstance(closed_at, datetime):
        return refused(request, "closed", closed_at=closed_at)
    if broken.code == "token_spent":
        return refused(request, "spent", again=again, onward=onward)
    return refused(request, "unknown", onward=onward)
