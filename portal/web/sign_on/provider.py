"""The company's OpenID provider: where its endpoints are, which keys it signs with, and who has signed in there.

OpenID Connect Core 1.0 and Discovery 1.0; the code flow of RFC 6749 with the proof of RFC 7636.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from httpx2 import AsyncClient, HTTPError, InvalidURL
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from portal.settings import Settings
from portal.web.sign_on.flight import Flight
from portal.web.sign_on.id_token import Expected, claims_of
from portal.web.sign_on.refusal import ProviderAway, SignOnRefused, reason
from portal.web.text import language

KEPT = timedelta(hours=1)
AFTER_A_FAILURE = timedelta(seconds=10)
SECONDS = 10.0  # for each answer of the provider
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Known:
    """What the provider says of itself, and its keys, until they are asked for again."""

    metadata: dict[str, Any]
    keys: KeySet
    until: datetime


class Provider:
    """Keeps for an hour what the provider says of itself; its keys are asked for again when a signature needs it."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.oidc_issuer
        self._id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret
        self._scope = settings.oidc_scope
        self._member_claim = settings.oidc_member_claim
        self._trusted = ssl.create_default_context(cafile=settings.oidc_ca_file or None)
        self._back = f"{settings.base_url.rstrip('/')}/sign-on/answer"
        self._known: Known | None = None
        self._away_until: datetime | None = None

    async def address(self, flight: Flight, now: datetime) -> str:
        """Where the browser is sent. Raises ProviderAway."""
        known = await self.look(now)
        async with self._client(known.metadata) as client:
            address, _ = client.create_authorization_url(
                known.metadata["authorization_endpoint"],
                state=flight.state,
                nonce=flight.nonce,
                code_verifier=flight.verifier,
                ui_locales=language(),
            )
        return str(address)

    async def check_issuer(self, given: str | None, now: datetime) -> None:
        """That the answer came from this provider (RFC 9207). Raises SignOnRefused, ProviderAway."""
        told = (await self.look(now)).metadata.get("authorization_response_iss_parameter_supported") is True
        if given != self._issuer and (given is not None or told):
            raise SignOnRefused("answer_iss")

    async def member(self, code: str, flight: Flight, now: datetime) -> str:
        """The company's own id of the member who signed in. Raises SignOnRefused, ProviderAway."""
        known = await self.look(now)
        tokens = await self._tokens(known.metadata, code, flight)
        claims = await self._claims(known, tokens, flight.nonce, now)
        found = claims.get(self._member_claim)
        if isinstance(found, bool) or not isinstance(found, str | int) or not str(found).strip():
            raise SignOnRefused("member_claim")
        return str(found)

    async def _tokens(self, metadata: dict[str, Any], code: str, flight: Flight) -> dict[str, Any]:
        try:
            async with self._client(metadata) as client:
                tokens = await client.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=flight.verifier,
                )
        except OAuthError as error:
            raise SignOnRefused(reason("token", error.error)) from error
        except (HTTPError, InvalidURL, ValueError) as error:
            raise ProviderAway("token_endpoint") from error
        return dict(tokens)

    async def _claims(self, known: Known, tokens: dict[str, Any], nonce: str, now: datetime) -> dict[str, Any]:
        expected = Expected(self._issuer, self._id, nonce, now)
        try:
            try:
                return claims_of(tokens, known.keys, known.metadata, expected)
            except (InvalidKeyIdError, BadSignatureError):
                fresh = await self._ask(now)  # it may have a new key since
                return claims_of(tokens, fresh.keys, fresh.metadata, expected)
        except (JoseError, ValueError) as error:
            raise SignOnRefused("id_token") from error

    async def look(self, now: datetime) -> Known:
        """What it says of itself, asked for where that was an hour ago. Raises ProviderAway."""
        if self._known is None or self._known.until <= now:
            return await self._ask(now)
        return self._known

    async def _ask(self, now: datetime) -> Known:
        """Asks anew, but not while the last failure is only seconds old: many people may be waiting."""
        if self._away_until is not None and now < self._away_until:
            raise ProviderAway("discovery")
        try:
            async with AsyncClient(verify=self._trusted, timeout=SECONDS) as client:
                metadata = self._checked(await _object(client, get_well_known_url(self._issuer, external=True)))
                keys = _keys_of(await _object(client, metadata["jwks_uri"]))
        except (HTTPError, InvalidURL, ValueError) as error:
            self._away_until = now + AFTER_A_FAILURE
            raise ProviderAway("discovery") from error
        self._known, self._away_until = Known(metadata, keys, now + KEPT), None
        return self._known

    def _checked(self, metadata: dict[str, Any]) -> dict[str, Any]:
        """Discovery 1.0, section 4.3: it has to name exactly the issuer that was asked. Raises ValueError."""
        if metadata.get("issuer") != self._issuer:
            raise ValueError("another issuer")
        if not all(isinstance(metadata.get(name), str) for name in ENDPOINTS):
            raise ValueError("an endpoint is missing")
        said = OpenIDProviderMetadata(metadata)
        for name in ("issuer", *ENDPOINTS):
            getattr(said, f"validate_{name}")()
        return metadata

    @asynccontextmanager
    async def _client(self, metadata: dict[str, Any]) -> AsyncIterator[Any]:
        made = AsyncOAuth2Client(
            client_id=self._id,
            client_secret=self._secret or None,
            token_endpoint_auth_method=self._known_by(metadata),
            scope=self._scope,
            redirect_uri=self._back,
            code_challenge_method="S256",
            verify=self._trusted,
            timeout=SECONDS,
        )
        async with made as client:
            yield client

    def _known_by(self, metadata: dict[str, Any]) -> str:
        """How the portal shows who it is: as the provider wants it, else by HTTP Basic (Discovery 1.0, section 3)."""
        if not self._secret:
            return "none"
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"


async def _object(client: AsyncClient, address: str) -> dict[str, Any]:
    answer = await client.get(address)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _keys_of(said: dict[str, Any]) -> KeySet:
    """A JWK Set (RFC 7517, section 5). Raises ValueError."""
    try:
        return KeySet.import_key_set(KeySetSerialization(keys=said["keys"]))
    except (JoseError, KeyError, TypeError) as error:
        raise ValueError("no keys") from error
