"""Who may see a page: staff by role, members by sign-in."""

from collections.abc import Awaitable, Callable
from functools import wraps
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.actor import SYSTEM, Actor
from portal.actions.session import member_of, staff_of
from portal.store.contacts import name_of
from portal.store.members import Member
from portal.store.returned import waiting_in_inbox
from portal.store.staff import Role, Staff
from portal.web.clock import at
from portal.web.cookies import read_cookie
from portal.web.dates import tell_time_in
from portal.web.render import redirect, who
from portal.web.text import speak

View = Callable[[Request], Awaitable[Response]]
STAFF_COOKIE, MEMBER_COOKIE = "staff", "member"


def staff(*roles: Role) -> Callable[[View], View]:
    """For staff with one of the roles (none named: any). Sets `request.state.staff`.

    Others are sent to sign in, or refused with 403.
    """

    def guard(view: View) -> View:
        @wraps(view)
        async def guarded(request: Request) -> Response:
            person = await signed_in_staff(request)
            if person is None:
                return redirect(request, f"/staff/sign-in?next={quote(came_for(request))}")
            if roles and not set(roles) & set(person.roles):
                raise HTTPException(403)
            return await view(request)

        return guarded

    return guard


def signed_in_member(view: View) -> View:
    """For members who signed in. Sets `request.state.member`; others are sent to sign in."""

    @wraps(view)
    async def guarded(request: Request) -> Response:
        member = await member_of(read_cookie(request, MEMBER_COOKIE), at(request))
        if member is None:
            return redirect(request, f"/sign-in?next={quote(came_for(request))}")
        await greet(request, member)
        return await view(request)

    return guarded


async def greet(request: Request, member: Member) -> None:
    """From now on this request is the member's: `request.state.member`, their language and zone.

    Also for pages that know the member by a mailed link.
    """
    request.state.member = member
    name = await name_of(member.id)
    request.state.who = who(name) if name else None
    tell_time_in(member.zone)
    speak(member.language)


async def signed_in_staff(request: Request) -> Staff | None:
    """The member of staff whose session the cookie names; sets `request.state.staff`."""
    person = await staff_of(read_cookie(request, STAFF_COOKIE), at(request))
    if person is not None:
        request.state.staff = person
        waiting = await waiting_in_inbox() if Role.OPS in person.roles else 0
        request.state.who = who(person.name, person.roles, waiting)
    return person


def actor(request: Request) -> Actor:
    """Who acts in this request, as events name them."""
    if hasattr(request.state, "staff"):
        return Actor("staff", request.state.staff.id)
    if hasattr(request.state, "token"):
        return Actor("token", request.state.token.id)
    if hasattr(request.state, "member"):
        return Actor("member", request.state.member.id)
    return SYSTEM


def came_for(request: Request) -> str:
    """Where to go on after signing in: the page that was asked for, or the one a form was on."""
    if request.method not in ("GET", "HEAD"):
        return ""
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query


def onward(given: str, usual: str) -> str:
    """An address of this site to go on to: what was given, if it is one."""
    own = given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable() and "\\" not in given
    return given if own else usual
