"""Members sign in by the company's OpenID Connect: away to it with a link, and back by its answer.

The answer comes as a GET, as the protocol has it, and signs in: the one exception from "a GET changes nothing". It does
so only with a cookie that the browser got when it left, so no scanner and no forwarded address can use it.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.limit import spend
from portal.actions.session import member_of
from portal.actions.sign_on import sign_in_known
from portal.rules.errors import RuleBroken
from portal.web.clients import client_key
from portal.web.clock import at
from portal.web.cookies import read_cookie
from portal.web.guards import MEMBER_COOKIE
from portal.web.render import redirect
from portal.web.sign_on.flight import Flight, forget, keep, landed
from portal.web.sign_on.provider import Provider
from portal.web.sign_on.refusal import ProviderAway, SignOnRefused, by_rule, reason, refused
from portal.web.sign_on.session import signed_in

# Answers of one client an hour; a whole office may share an address.
ANSWERS_OF_A_CLIENT, HOUR = 300, 3600
AGAIN = "/sign-on"


async def leave(request: Request) -> Response:
    """Sends the browser to the company's sign-on; one that is signed in already, to the page it came for."""
    provider = _provider(request)
    flight = Flight.begun(request)
    if await member_of(read_cookie(request, MEMBER_COOKIE), at(request)):
        return redirect(request, flight.onward)
    try:
        answer = redirect(request, await provider.address(flight, at(request)))
    except ProviderAway as away:
        return refused(request, "away", away.reason, again=AGAIN, onward=flight.onward)
    keep(request, answer, flight)
    return answer


async def answer(request: Request) -> Response:
    """What the company's sign-on says: signs in whom it names, or shows why not."""
    provider = _provider(request)
    flight = landed(request, request.query_params.get("state", ""))
    if flight is None:
        return await _over(request)
    await spend(client_key("sign-on-from", request), ANSWERS_OF_A_CLIENT, HOUR, at(request))
    told = await _told(request, provider, flight)
    forget(request, told)
    return told


async def _told(request: Request, provider: Provider, flight: Flight) -> Response:
    now = at(request)
    try:
        await provider.check_issuer(request.query_params.get("iss"), now)
        if "error" in request.query_params:
            return _denied(request, flight)
        named = await provider.member(request.query_params.get("code", ""), flight, now)
        return await signed_in(request, await sign_in_known(named, now), flight.onward)
    except ProviderAway as away:
        return refused(request, "away", away.reason, again=AGAIN, onward=flight.onward)
    except SignOnRefused as wrong:
        return refused(request, "wrong", wrong.reason, again=AGAIN, onward=flight.onward)
    except RuleBroken as broken:
        return by_rule(request, broken, onward=flight.onward)


def _denied(request: Request, flight: Flight) -> Response:
    """RFC 6749, section 4.1.2.1: the member said no, or something is wrong there."""
    error = request.query_params["error"]
    if error == "access_denied":
        return refused(request, "denied", again=AGAIN, onward=flight.onward)
    away = error in ("server_error", "temporarily_unavailable")
    told, why = "away" if away else "wrong", reason("answer", error)
    return refused(request, told, why, again=AGAIN, onward=flight.onward)


async def _over(request: Request) -> Response:
    """An answer that this browser waits for no more: taken already, too late, or begun elsewhere."""
    if await member_of(read_cookie(request, MEMBER_COOKIE), at(request)):
        return redirect(request, "/account")
    return refused(request, "over", again=AGAIN)


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise HTTPException(404)
    return provider
