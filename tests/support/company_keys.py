"""Hand-over tokens as a company's site makes them, with keys of every kind that the portal takes."""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from portal.jose import signatures

SECRET = "a secret that is long enough, 32+".replace(" ", "-")


@cache
def rsa() -> RSAKey:
    return RSAKey.generate_key(2048)


@cache
def ed25519() -> OKPKey:
    return OKPKey.generate_key("Ed25519")


@cache
def p256() -> ECKey:
    return ECKey.generate_key("P-256")


def public(*keys: RSAKey | OKPKey | ECKey) -> str:
    """Their public halves as a file of PEM blocks."""
    return "".join(key.as_pem(private=False).decode() for key in keys)


def hand_over(now: datetime, audience: str, key: Key | None = None, algorithm: str = "HS256", **changed: Any) -> str:
    """A token for member m1. `changed` claims take the place of the usual ones; None leaves one out."""
    issued = int(now.timestamp())
    usual = {"aud": audience, "sub": "m1", "iat": issued, "exp": issued + 120, "jti": uuid4().hex}
    claims = {name: value for name, value in (usual | changed).items() if value is not None}
    return jwt.encode({"alg": algorithm}, claims, key or OctKey.import_key(SECRET), registry=signatures([algorithm]))
