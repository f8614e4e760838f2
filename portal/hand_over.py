"""Hand-over tokens: short-lived, signed by the company's own site, they say which member is signed in there.

A JWT (RFC 7519) signed with a secret that both know (HS256), or with a key of which the portal has the public half.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    ClaimError,
    ExpiredTokenError,
    JoseError,
    UnsupportedAlgorithmError,
)
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jwt import Claims, ClaimsOption, JWTClaimsRegistry

from portal.jose import SECONDS_OF_SKEW, signatures

LIFE = timedelta(minutes=5)
LONGEST = 4_000
LEAST_SECRET = 32
NAME_LENGTH = 200
PEM = re.compile(r"-----BEGIN [A-Z ]*PUBLIC KEY-----.+?-----END [A-Z ]*PUBLIC KEY-----", re.DOTALL)


class NotTaken(Exception):
    """The token is not in order. `reason` is one of those that `docs/api.md` lists."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class HandOver:
    """What a token says: the company's own id of the member, the token's own id, and when it ends (UTC)."""

    external_id: str
    token_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CompanyKeys:
    """What the company's tokens are verified with, each key with the algorithms that it may be used for."""

    keys: tuple[tuple[Key, tuple[str, ...]], ...]

    @classmethod
    def of(cls, secrets: str, pem: str) -> "CompanyKeys":
        """Secrets with blanks between, and public keys, a PEM block each. ValueError says what is wrong."""
        return cls((*_shared(secrets), *_public(pem)))

    def read(self, token: str, audience: str, now: datetime) -> HandOver:
        """What the token says. Raises NotTaken.

        `aud` is the portal's public address, `exp` at most five minutes after `iat`; the clocks may differ by a minute.
        """
        claims = self._verified(token)
        try:
            _expected(audience, now).validate(claims)
        except ExpiredTokenError as error:
            raise NotTaken("expired") from error
        except ClaimError as error:
            raise NotTaken(str(error.claim)) from error
        if claims["exp"] - claims["iat"] > LIFE.total_seconds():
            raise NotTaken("too_long")
        for name in ("sub", "jti"):
            if not 0 < len(claims[name]) <= NAME_LENGTH or "\0" in claims[name]:
                raise NotTaken(name)
        return HandOver(claims["sub"], claims["jti"], datetime.fromtimestamp(claims["exp"], UTC))

    def _verified(self, token: str) -> Claims:
        """The claims, if any of the keys made the signature."""
        if len(token) > LONGEST:
            raise NotTaken("malformed")
        reasons = {"algorithm"}
        for key, algorithms in self.keys:
            try:
                return jwt.decode(token, key, registry=signatures(algorithms)).claims
            except UnsupportedAlgorithmError:
                continue
            except BadSignatureError:
                reasons.add("signature")
            except (JoseError, ValueError):  # cut off, or no object of claims
                reasons.add("malformed")
        raise NotTaken(next(reason for reason in ("signature", "malformed", "algorithm") if reason in reasons))


def _expected(audience: str, now: datetime) -> JWTClaimsRegistry:
    there = ClaimsOption(essential=True)
    return JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=SECONDS_OF_SKEW,
        aud=ClaimsOption(essential=True, value=audience),
        sub=there,
        exp=there,
        iat=there,
        jti=there,
    )


def _shared(secrets: str) -> Iterator[tuple[Key, tuple[str, ...]]]:
    for secret in secrets.split():
        if len(secret.encode()) < LEAST_SECRET:  # RFC 7518, section 3.2
            raise ValueError(f"a secret has at least {LEAST_SECRET} characters")
        yield OctKey.import_key(secret), ("HS256",)


def _public(pem: str) -> Iterator[tuple[Key, tuple[str, ...]]]:
    if "PRIVATE KEY" in pem:
        raise ValueError("there is a private key in it; it belongs with the one who signs")
    blocks = PEM.findall(pem)
    if pem.strip() and not blocks:
        raise ValueError("there is no PEM block PUBLIC KEY in it")
    for block in blocks:
        yield _public_key(block)


def _public_key(block: str) -> tuple[Key, tuple[str, ...]]:
    try:
        found = load_pem_public_key(block.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("a key in it cannot be read") from error
    if isinstance(found, Ed25519PublicKey):
        return OKPKey.import_key(block), ("EdDSA", "Ed25519")
    if isinstance(found, RSAPublicKey) and found.key_size >= 2048:
        return RSAKey.import_key(block), ("RS256", "PS256")
    if isinstance(found, EllipticCurvePublicKey) and isinstance(found.curve, SECP256R1):
        return ECKey.import_key(block), ("ES256",)
    raise ValueError("a key in it is none of Ed25519, RSA of 2048 bits at least, or P-256")
