"""Sign-ons under way: what the browser keeps, in a signed cookie, until it comes back from the company's sign-on.

The cookie ties the answer to the browser that asked: an address that somebody else was sent back to signs nobody in.
"""

from dataclasses import asdict, dataclass
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe

from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from portal.web.clock import at
from portal.web.cookies import drop_cookie, read_cookie, set_cookie
from portal.web.sign_on.session import own_page

COOKIE, SECONDS = "sign-on", 1800
MOST = 3  # pages from which somebody has begun, in as many tabs


@dataclass(frozen=True, slots=True)
class Flight:
    """`state` and `nonce` as OpenID Connect has them, `verifier` of RFC 7636, where to go on, and when it began."""

    state: str
    nonce: str
    verifier: str
    onward: str
    began: int

    @classmethod
    def begun(cls, request: Request) -> "Flight":
        return cls(
            state=token_urlsafe(24),
            nonce=token_urlsafe(24),
            verifier=token_urlsafe(48),
            onward=own_page(request.query_params.get("next", "")),
            began=int(at(request).timestamp()),
        )


def keep(request: Request, answer: Response, flight: Flight) -> None:
    """The browser keeps this one beside the last ones."""
    kept = [*_flights(request), flight][-MOST:]
    set_cookie(request, answer, COOKIE, _signer(request).dumps([asdict(one) for one in kept]), SECONDS)


def landed(request: Request, state: str) -> Flight | None:
    """The flight that was begun in this browser, in the last half hour, with this state."""
    return next((one for one in _flights(request) if compare_digest(one.state.encode(), state.encode())), None)


def forget(request: Request, answer: Response) -> None:
    """Each answer is taken once; with it the others are over, too."""
    drop_cookie(request, answer, COOKIE)


def _flights(request: Request) -> list[Flight]:
    since = at(request).timestamp() - SECONDS
    try:
        kept = [Flight(**one) for one in _signer(request).loads(read_cookie(request, COOKIE))]
    except (BadData, TypeError):  # none, forged, or of another release of the portal
        return []
    return [flight for flight in kept if flight.began > since]


def _signer(request: Request) -> URLSafeSerializer:
    secrets = list(request.app.state.keys.secrets)
    return URLSafeSerializer(secrets, salt="sign-on", signer_kwargs={"digest_method": sha256})
