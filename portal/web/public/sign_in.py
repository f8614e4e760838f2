"""Members sign in by a link that is mailed to the address on file. No answer tells whether an address is known.

The page offers the company's own sign-on, too, where there is one (`web/sign_on/`).
"""

from typing import Any
from urllib.parse import quote, unquote

from pydantic import BaseModel, Field
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.limit import limit_key, spend
from portal.actions.session import (
    end_member_session,
    is_sign_in_link,
    member_of,
    request_sign_in,
    sign_in_member,
)
from portal.rules.errors import RuleBroken
from portal.web.clients import client_key
from portal.web.clock import at
from portal.web.cookies import drop_cookie, read_cookie, set_cookie
from portal.web.forms import read
from portal.web.guards import MEMBER_COOKIE, STAFF_COOKIE
from portal.web.render import page, redirect
from portal.web.sign_on.session import own_page, signed_in, with_next
from portal.web.staff.sign_in import sign_out_staff
from portal.web.text import gettext as _

# The page to go on to, kept by the browser that asked for a link, as long as the link works.
ASKED, ASKED_SECONDS = "asked", 7200
# Links of one address, and requests of one client, an hour.
LINKS_OF_AN_ADDRESS, REQUESTS_OF_A_CLIENT, HOUR = 5, 30, 3600


class Known(BaseModel):
    known_as: str = Field(max_length=320)
    next: str = Field("", max_length=2_000)


async def sign_in_form(request: Request) -> Response:
    if await member_of(read_cookie(request, MEMBER_COOKIE), at(request)):
        return redirect(request, own_page(request.query_params.get("next", "")))
    return _form(request, 200, {}, {"next": request.query_params.get("next", "")})


async def ask_for_link(request: Request) -> Response:
    """Always the same page. What differs for a known address is done after the answer, so its time tells nothing."""
    form = await read(request, Known)
    if form.values is None:
        return _form(request, 422, form.errors, form.given)
    await spend(client_key("sign-in-from", request), REQUESTS_OF_A_CLIENT, HOUR, at(request))
    answer = page(request, "account/link_sent.html", 202)
    set_cookie(request, answer, ASKED, quote(own_page(form.values.next)), ASKED_SECONDS)
    answer.background = BackgroundTask(_mail_link, request, form.values.known_as)
    return answer


async def link(request: Request) -> Response:
    """The page behind the mailed link. It has a button, since mail scanners open every link."""
    if not await is_sign_in_link(request.path_params["token"], request.app.state.keys, at(request)):
        return page(request, "account/link_invalid.html", 410)
    return page(request, "account/sign_in_link.html", asked_here=bool(read_cookie(request, ASKED)))


async def sign_in(request: Request) -> Response:
    try:
        session = await sign_in_member(request.path_params["token"], request.app.state.keys, at(request))
    except RuleBroken:
        return page(request, "account/link_invalid.html", 410)
    answer = await signed_in(request, session, unquote(read_cookie(request, ASKED)))
    drop_cookie(request, answer, ASKED)
    return answer


async def sign_out(request: Request) -> Response:
    """Whoever is signed in in this browser, member or staff."""
    was_staff = bool(read_cookie(request, STAFF_COOKIE))
    answer = redirect(request, "/staff/sign-in" if was_staff else "/policies", _("You are signed out."))
    await end_member_session(read_cookie(request, MEMBER_COOKIE), at(request))
    drop_cookie(request, answer, MEMBER_COOKIE)
    await sign_out_staff(request, answer)
    return answer


def _form(request: Request, status: int, errors: dict[str, str], given: dict[str, Any]) -> Response:
    settings, page_wanted = request.app.state.settings, own_page(str(given.get("next", "")), "")
    return page(
        request,
        "account/sign_in.html",
        status,
        errors=errors,
        known_as=given.get("known_as", ""),
        next=page_wanted,
        sign_on=with_next("/sign-on" if settings.oidc_issuer else "", page_wanted),
        elsewhere=with_next(settings.hand_over_url, page_wanted),
    )


async def _mail_link(request: Request, known_as: str) -> None:
    try:
        await spend(limit_key("sign-in", known_as), LINKS_OF_AN_ADDRESS, HOUR, at(request))
    except RuleBroken:
        return  # nothing is told to the one who asks, and the owner of the address has mails enough
    if await request_sign_in(known_as, at(request)):
        request.app.state.jobs.wake()
