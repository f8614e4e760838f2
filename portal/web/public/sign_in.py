"""Members sign in by a link that is mailed to the address on file. No answer tells whether an address is known."""

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
from portal.web.staff.sign_in import sign_out_staff
from portal.web.text import gettext as _

COOKIE_SECONDS = 12 * 3600
# Links of one address, and requests of one client, an hour.
LINKS_OF_AN_ADDRESS, REQUESTS_OF_A_CLIENT, HOUR = 5, 30, 3600


class Known(BaseModel):
    known_as: str = Field(max_length=320)


async def sign_in_form(request: Request) -> Response:
    if await member_of(read_cookie(request, MEMBER_COOKIE), at(request)):
        return redirect(request, "/account")
    return page(request, "account/sign_in.html", errors={}, given={})


async def ask_for_link(request: Request) -> Response:
    """Always the same page. What differs for a known address is done after the answer, so its time tells nothing."""
    form = await read(request, Known)
    if form.values is None:
        return page(request, "account/sign_in.html", 422, errors=form.errors, given=form.given)
    await spend(client_key("sign-in-from", request), REQUESTS_OF_A_CLIENT, HOUR, at(request))
    answer = page(request, "account/link_sent.html", 202)
    answer.background = BackgroundTask(_mail_link, request, form.values.known_as)
    return answer


async def link(request: Request) -> Response:
    """The page behind the mailed link. It has a button, since mail scanners open every link."""
    valid = await is_sign_in_link(request.path_params["token"], request.app.state.keys, at(request))
    return page(request, "account/sign_in_link.html" if valid else "account/link_invalid.html", 200 if valid else 410)


async def sign_in(request: Request) -> Response:
    try:
        session = await sign_in_member(request.path_params["token"], request.app.state.keys, at(request))
    except RuleBroken:
        return page(request, "account/link_invalid.html", 410)
    await end_member_session(read_cookie(request, MEMBER_COOKIE), at(request))
    answer = redirect(request, "/account")
    set_cookie(request, answer, MEMBER_COOKIE, session, COOKIE_SECONDS)
    return answer


async def sign_out(request: Request) -> Response:
    """Whoever is signed in in this browser, member or staff."""
    was_staff = bool(read_cookie(request, STAFF_COOKIE))
    answer = redirect(request, "/staff/sign-in" if was_staff else "/policies", _("You are signed out."))
    await end_member_session(read_cookie(request, MEMBER_COOKIE), at(request))
    drop_cookie(request, answer, MEMBER_COOKIE)
    await sign_out_staff(request, answer)
    return answer


async def _mail_link(request: Request, known_as: str) -> None:
    try:
        await spend(limit_key("sign-in", known_as), LINKS_OF_AN_ADDRESS, HOUR, at(request))
    except RuleBroken:
        return  # nothing is told to the one who asks, and the owner of the address has mails enough
    if await request_sign_in(known_as, at(request)):
        request.app.state.jobs.wake()
