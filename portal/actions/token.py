"""Tokens for the company's systems: shown once when they are made, stored hashed."""

import secrets
from collections.abc import Collection
from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.record import record
from portal.actions.session import digest_of
from portal.rules.errors import RuleBroken
from portal.store.connections import transaction
from portal.store.staff import ApiToken, Scope

PREFIX = "cop_"  # so that scanners for leaked secrets can know it


async def make_token(
    name: str, scopes: Collection[Scope] = (Scope.TERMS_READ,), *, by: Actor, at: datetime
) -> tuple[ApiToken, str]:
    """The row and the token itself, which is told here and nowhere else.

    `scopes` stay as they are for the token's life. Raises RuleBroken: `name_missing`, `scopes_missing`.
    """
    if not name.strip() or len(name) > 200:
        raise RuleBroken("name_missing", "Enter the system’s name, at most 200 characters.", field="name")
    given = [str(scope) for scope in Scope if scope in scopes]
    if not given:
        raise RuleBroken("scopes_missing", "Choose at least one thing that the token may be used for.", field="scopes")
    token = PREFIX + secrets.token_urlsafe(32)
    async with transaction():
        row = await ApiToken.create(
            name=name.strip(),
            token_digest=digest_of(token),
            staff_id=by.staff_id,
            scopes=" ".join(given),
            created_at=at,
        )
        await record("token.made", by, at, token=row.id, scopes=given)
    return row, token


async def end_token(token_id: int, *, by: Actor, at: datetime) -> None:
    """The token no longer works. Ending it twice is ending it once."""
    async with transaction():
        if await ApiToken.filter(id=token_id, ended_at__isnull=True).update(ended_at=at):
            await record("token.ended", by, at, token=token_id)


async def token_of(authorization: str) -> ApiToken | None:
    """The token that an `Authorization: Bearer …` header carries (RFC 6750), if it works."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    return await ApiToken.get_or_none(token_digest=digest_of(token.strip()), ended_at__isnull=True)
