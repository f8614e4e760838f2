"""Who reads a notice, and by which way: the mailed link, or the account. The pages below are the same for both."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.session import member_of
from portal.store.answers import ConfirmationWay, Way
from portal.store.members import Member
from portal.store.notices import Notice
from portal.store.outcomes import Closure
from portal.web.clock import at
from portal.web.cookies import read_cookie
from portal.web.dates import tell_time_in
from portal.web.guards import MEMBER_COOKIE, View, greet, signed_in_member
from portal.web.render import page
from portal.web.text import speak


@dataclass(frozen=True, slots=True)
class Reader:
    """A member at one notice. `base` is the notice's address, without a slash at the end.

    `signed_in` tells whether we know that it is the member: a link may have been forwarded.
    """

    member: Member
    version_id: int
    base: str
    way: Way
    signed_in: bool

    @property
    def known_as(self) -> ConfirmationWay | None:
        """How the reader is known to be the member, as far as that confirms an answer."""
        return ConfirmationWay.SIGN_IN if self.signed_in else None


ReaderView = Callable[[Request, Reader], Awaitable[Response]]


def by_link(view: ReaderView) -> View:
    """For `/n/{token}…`. Any link that is not in order leads to the one page that says nothing about anybody."""

    @wraps(view)
    async def identified(request: Request) -> Response:
        token = request.path_params["token"]
        reader = await _linked(request, token)
        return await view(request, reader) if reader else unknown_link(request)

    return identified


def by_account(view: ReaderView) -> View:
    """For `/account/notices/{version_id}…`, for members who signed in. 404 for a version that is none of theirs."""

    @signed_in_member
    @wraps(view)
    async def identified(request: Request) -> Response:
        member: Member = request.state.member
        version_id: int = request.path_params["version_id"]
        if not await Notice.exists(member_id=member.id, version_id=version_id):
            raise HTTPException(404)
        if await Closure.exists(member_id=member.id):
            return await closed_account(request)
        reader = Reader(member, version_id, f"/account/notices/{version_id}", Way.ACCOUNT, signed_in=True)
        return await view(request, reader)

    return identified


def unknown_link(request: Request) -> Response:
    """The same answer for expired, forged, cut-off, foreign and revoked links, and for those of closed accounts."""
    return page(request, "notice/unknown_link.html", 404)


async def closed_account(request: Request) -> Response:
    """What a member who signed in sees of an account that is closed."""
    closure = await Closure.get(member_id=request.state.member.id)
    return page(request, "account/closed.html", 410, closed_at=closure.received_at)


async def identify_by_link(request: Request, member_id: int, epoch: int) -> Member | None:
    """The member that a link names, if it may still be used: not revoked, account open. Speaks their language."""
    member = await Member.get_or_none(id=member_id)
    if member is None or member.link_epoch != epoch or await Closure.exists(member_id=member_id):
        return None
    request.state.member = member
    tell_time_in(member.zone)
    speak(member.language)
    return member


async def _linked(request: Request, token: str) -> Reader | None:
    link = request.app.state.keys.read_notice_link(token)
    if link is None or link.expired(at(request)):
        return None
    if not await Notice.exists(member_id=link.member_id, version_id=link.version_id):
        return None
    member = await identify_by_link(request, link.member_id, link.epoch)
    if member is None:
        return None
    signed_in = await _is_signed_in(request, member)
    return Reader(member, link.version_id, f"/n/{token}", Way.LINK, signed_in)


async def _is_signed_in(request: Request, member: Member) -> bool:
    """Whether the browser that followed the link is also signed in as that very member."""
    someone = await member_of(read_cookie(request, MEMBER_COOKIE), at(request))
    if someone is None or someone.id != member.id:
        return False
    await greet(request, member)
    return True
