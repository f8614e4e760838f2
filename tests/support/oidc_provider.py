"""A company's sign-on: an OpenID provider on 127.0.0.1 that does what the protocol says, or what a test wants it to.

Members sign in there with a press: its page has a button for each, and one to break it off. The same site hands members
over with a token, by a form and by an address.
"""

from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.oauth2.rfc7636.challenge import compare_s256_code_challenge
from httpx2 import AsyncClient
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from portal.demo.server import answering, listening_on
from portal.jose import signatures
from tests.support.company_keys import hand_over

CLIENT, SECRET = "portal", "the portal's secret there"


@dataclass
class Provider:
    """`clock` tells its time. The rest is how it departs from what it should do; each test says which."""

    clock: Callable[[], datetime]
    issuer: str
    members: tuple[str, ...] = ("m1", "m2")
    key: Key = field(default_factory=lambda: ECKey.generate_key("P-256", auto_kid=True))
    algorithm: str = "ES256"
    published: list[Key] = field(default_factory=list)
    key_set: Any = None
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    tamper: Callable[[str], str] = str
    away: set[str] = field(default_factory=set)
    answers: dict[str, str | None] = field(default_factory=dict)
    forgets_codes: bool = True
    public: bool = False
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    portal: str = ""

    def rotate(self) -> None:
        """Signs with a new key from now on, and publishes it alone."""
        self.key = ECKey.generate_key("P-256", auto_kid=True)

    async def sign_in(self, address: str, sub: str = "m1") -> str:
        """What a member does there: opens the address and presses the button. Gives the address they are sent to."""
        return await self._press(address, {"sub": sub})

    async def deny(self, address: str, error: str = "access_denied") -> str:
        """The same for one who breaks it off."""
        return await self._press(address, {"error": error})

    async def _press(self, address: str, answer: dict[str, str]) -> str:
        async with AsyncClient() as browser:
            shown = await browser.get(address)
            assert shown.status_code == 200, shown.text
            pressed = await browser.post(f"{self.issuer}/press?{urlsplit(address).query}", data=answer)
            return str(pressed.headers["location"])

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self._configuration),
            Route("/keys", self._keys),
            Route("/authorize", self._page),
            Route("/press", self._pressed, methods=["POST"]),
            Route("/token", self._token, methods=["POST"]),
            Route("/privacy", self._hand_over),
        ]

    async def _configuration(self, _request: Request) -> Response:
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
        return self._answer("configuration", said | self.metadata)

    async def _keys(self, _request: Request) -> Response:
        said = KeySet(self.published or [self.key]).as_dict(private=False)
        return self._answer("keys", said if self.key_set is None else self.key_set)

    async def _page(self, request: Request) -> Response:
        self.asked.append("authorize")
        wrong = _wrong_with(request.query_params)
        if wrong:
            return Response(wrong, 400)
        query = escape(request.url.query)
        buttons = "".join(f'<button name="sub" value="{sub}">I am {sub}</button>' for sub in self.members)
        return HTMLResponse(
            f'<!doctype html><html lang="en"><title>Company</title><h1>Sign in at the company</h1>'
            f'<form method="post" action="/press?{query}">{buttons}'
            f'<button name="error" value="access_denied">Cancel</button></form></html>'
        )

    async def _pressed(self, request: Request) -> Response:
        form, asked = await request.form(), dict(request.query_params)
        answer: dict[str, str | None] = {"state": asked["state"], "iss": self.issuer}
        if "error" in form:
            answer["error"] = str(form["error"])
        else:
            answer["code"] = token_urlsafe(8)
            self.codes[str(answer["code"])] = asked | {"sub": str(form["sub"])}
        told = {name: value for name, value in (answer | self.answers).items() if value is not None}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(told)}", 303)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        code = str(form.get("code", ""))
        asked = self.codes.pop(code, None) if self.forgets_codes else self.codes.get(code)
        if _client_of(request, form) != (CLIENT, "" if self.public else SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        verifier, challenge = str(form.get("code_verifier", "")), asked["code_challenge"] if asked else ""
        if not asked or not compare_s256_code_challenge(verifier, challenge):
            return JSONResponse({"error": "invalid_grant"}, 400)
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return self._answer(
            "token",
            {"access_token": "a", "token_type": "Bearer", "id_token": self.id_token(asked["sub"], asked["nonce"])},
        )

    async def _hand_over(self, request: Request) -> Response:
        """The company's page that leads to the portal: m1 is signed in."""
        onward = escape(request.query_params.get("next", ""))
        by_form, by_address = (hand_over(self.clock(), self.portal) for _ in range(2))
        return HTMLResponse(
            f'<!doctype html><html lang="en"><title>Company</title>'
            f'<form method="post" action="{self.portal}/hand-over">'
            f'<input type="hidden" name="token" value="{by_form}"><input type="hidden" name="next" value="{onward}">'
            f"<button>My privacy</button></form>"
            f'<a href="{self.portal}/hand-over?token={by_address}&amp;next={onward}">My privacy, by address</a></html>'
        )

    def id_token(self, sub: str, nonce: str) -> str:
        now = int(self.clock().timestamp())
        usual = {"iss": self.issuer, "sub": sub, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        claims = {name: value for name, value in (usual | self.claims).items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        return self.tamper(jwt.encode(header, claims, self.key, registry=signatures([self.algorithm])))

    def _answer(self, name: str, said: Any) -> Response:
        self.asked.append(name)
        if name in self.away:
            return Response("<h1>Bad gateway</h1>", 502)
        return JSONResponse(said)


def _wrong_with(asked: Any) -> str:
    """What a provider would say of the request."""
    if asked.get("client_id") != CLIENT or asked.get("response_type") != "code":
        return "unknown client or response type"
    if asked.get("code_challenge_method") != "S256" or not asked.get("nonce") or "openid" not in asked["scope"].split():
        return "no challenge, nonce or scope"
    return ""


def _client_of(request: Request, form: FormData) -> tuple[str, str]:
    """Who asks, by HTTP Basic or in the form (RFC 6749, section 2.3.1)."""
    if "client_id" in form:
        return str(form["client_id"]), str(form.get("client_secret", ""))
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    name, _, secret = b64decode(given).decode("latin-1").partition(":") if scheme == "Basic" else ("", "", "")
    return name, secret


def parameters(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


@asynccontextmanager
async def provider_on_a_socket(clock: Callable[[], datetime]) -> AsyncIterator[Provider]:
    """Serves it while the block lasts."""
    with listening_on(0) as listening:
        provider = Provider(clock, f"http://127.0.0.1:{listening.getsockname()[1]}")
        async with answering(Starlette(routes=provider.routes()), listening):
            yield provider
