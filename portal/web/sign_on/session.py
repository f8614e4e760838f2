"""The beginning of a member's session in a browser, by whatever way the member is known, and the page to go on to."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from portal.actions.session import end_member_session
from portal.web.clock import at
from portal.web.cookies import read_cookie, set_cookie
from portal.web.guards import MEMBER_COOKIE, onward
from portal.web.render import redirect

COOKIE_SECONDS = 12 * 3600
LONGEST_ADDRESS = 500  # cookies keep it, and hold 4,000 bytes


async def signed_in(request: Request, session: str, page: str) -> Response:
    """On to a page of ours, with the cookie of the new session; the one that the browser had is over."""
    await end_member_session(read_cookie(request, MEMBER_COOKIE), at(request))
    answer = redirect(request, own_page(page))
    set_cookie(request, answer, MEMBER_COOKIE, session, COOKIE_SECONDS)
    return answer


def own_page(given: str, usual: str = "/account") -> str:
    """The page of this site to go on to after signing in: what was given, if it is one."""
    return onward(given, usual) if len(quote(given)) <= LONGEST_ADDRESS else usual


def with_next(address: str, given: str) -> str:
    """The address, told which page of ours to come back to; nothing for no address."""
    page = own_page(given, "")
    if not address or not page:
        return address
    return f"{address}{'&' if '?' in address else '?'}next={quote(page)}"
