"""Staff sign in with a password, look at their sessions, and end them."""

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.limit import forgive, limit_key, spend
from portal.actions.session import end_staff_session, open_staff_sessions, sign_in_staff, staff_session
from portal.rules.errors import RuleBroken
from portal.web.clients import client_key
from portal.web.clock import at
from portal.web.cookies import drop_cookie, read_cookie, set_cookie
from portal.web.forms import read
from portal.web.guards import STAFF_COOKIE, actor, onward, signed_in_staff, staff
from portal.web.render import page, redirect
from portal.web.text import gettext as _

COOKIE_SECONDS = 12 * 3600
# Per address and per client, and hour.
TRIES_OF_AN_ADDRESS, TRIES_OF_A_CLIENT, HOUR = 10, 50, 3600


class Credentials(BaseModel):
    email: str = Field(max_length=320)
    password: str = Field(max_length=1_000)
    next: str = Field("", max_length=2_000)


async def sign_in_form(request: Request) -> Response:
    if await signed_in_staff(request):
        return redirect(request, onward(request.query_params.get("next", ""), "/staff"))
    return page(request, "staff/sign_in.html", errors={}, given={"next": request.query_params.get("next", "")})


async def sign_in(request: Request) -> Response:
    """The same answer, after the same work, for an unknown person and for a wrong password."""
    form = await read(request, Credentials)
    if form.values is None:
        return page(request, "staff/sign_in.html", 422, errors=form.errors, given=form.given)
    await spend(client_key("staff-sign-in-from", request), TRIES_OF_A_CLIENT, HOUR, at(request))
    key = limit_key("staff-sign-in", form.values.email)
    await spend(key, TRIES_OF_AN_ADDRESS, HOUR, at(request))
    try:
        token = await sign_in_staff(form.values.email, form.values.password, at(request))
    except RuleBroken as broken:
        return page(request, "staff/sign_in.html", 403, errors={"": _(broken.message)}, given=form.given)
    await forgive(key)
    await _end_present_session(request)
    answer = redirect(request, onward(form.values.next, "/staff"))
    set_cookie(request, answer, STAFF_COOKIE, token, COOKIE_SECONDS)
    return answer


@staff()
async def sessions(request: Request) -> Response:
    """One's own sessions."""
    present = await staff_session(read_cookie(request, STAFF_COOKIE), at(request))
    found = await open_staff_sessions(request.state.staff.id, at(request))
    return page(request, "staff/sessions.html", sessions=found, present=present.id if present else 0)


@staff()
async def end_session(request: Request) -> Response:
    """Ends one of one's own sessions; the present one signs out."""
    await end_staff_session(request.path_params["id"], by=actor(request), at=at(request))
    return redirect(request, "/staff/sessions", _("The session has ended."))


async def sign_out_staff(request: Request, answer: Response) -> None:
    """Ends the session and forgets its cookie."""
    await _end_present_session(request)
    drop_cookie(request, answer, STAFF_COOKIE)


async def _end_present_session(request: Request) -> None:
    session = await staff_session(read_cookie(request, STAFF_COOKIE), at(request))
    person = await signed_in_staff(request)
    if session is not None and person is not None:
        await end_staff_session(session.id, by=actor(request), at=at(request))
