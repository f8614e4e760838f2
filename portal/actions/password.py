"""Passwords of staff: what is good enough, and their Argon2 hashes (RFC 9106)."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.rules.errors import RuleBroken

SHORTEST, LONGEST = 12, 1_000
_hasher = PasswordHasher()


def password_hash(password: str) -> str:
    """The hash to store. Takes tens of milliseconds: call it in a thread."""
    return _hasher.hash(password)


def is_password(hashed: str | None, password: str) -> bool:
    """Whether the password belongs to the hash. Without a hash it takes just as long, and says no."""
    try:
        _hasher.verify(hashed or _nobodys(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def needs_rehash(hashed: str) -> bool:
    """Whether the hash was made with weaker parameters than those of today."""
    return _hasher.check_needs_rehash(hashed)


def refuse_weak(password: str, email: str = "") -> None:
    """RuleBroken("password_weak") says what is missing. Length counts (NIST SP 800-63B), composition does not."""
    if len(password) < SHORTEST:
        raise RuleBroken("password_weak", "Use at least %(limit)s characters.", limit=SHORTEST, field="password")
    if len(password) > LONGEST:
        raise RuleBroken("password_weak", "Use at most %(limit)s characters.", limit=LONGEST, field="password")
    if len(set(password)) < 5:
        raise RuleBroken("password_weak", "Use more different characters.", field="password")
    if email and email.lower() in password.lower():
        raise RuleBroken("password_weak", "Leave your address out of the password.", field="password")


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")
