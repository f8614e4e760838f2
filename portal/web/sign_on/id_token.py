"""The ID token: who signed in, as the provider says and signs it (OpenID Connect Core 1.0, section 3.1.3.7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from portal.jose import ASYMMETRIC, SECONDS_OF_SKEW, signatures


@dataclass(frozen=True, slots=True)
class Expected:
    """Who has to have said it, for whom, in answer to what, and when it is now (UTC)."""

    issuer: str
    client_id: str
    nonce: str
    now: datetime


def claims_of(
    tokens: Mapping[str, Any], keys: KeySet, metadata: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """The claims, once the signature, `iss`, `aud`, `azp`, `exp`, `iat`, `nonce` and `at_hash` are in order.

    Raises JoseError; ValueError for what is no token at all. Clocks may differ by a minute.
    """
    raw = tokens.get("id_token")
    if not isinstance(raw, str):
        raise ValueError("the provider gave no ID token")
    token = jwt.decode(raw, keys, registry=signatures(_algorithms(metadata)))
    claims = CodeIDToken(
        token.claims,
        token.header,
        {"iss": {"essential": True, "value": expected.issuer}, "aud": {"essential": True, "value": expected.client_id}},
        {"nonce": expected.nonce, "client_id": expected.client_id, "access_token": tokens.get("access_token")},
    )
    claims.validate(now=int(expected.now.timestamp()), leeway=SECONDS_OF_SKEW)
    return dict(claims)


def _algorithms(metadata: Mapping[str, Any]) -> list[str]:
    """Of those that the provider says it uses the ones with a public key; without a word of it, RS256."""
    said = metadata.get("id_token_signing_alg_values_supported")
    return [name for name in ASYMMETRIC if name in said] if isinstance(said, list) else ["RS256"]
