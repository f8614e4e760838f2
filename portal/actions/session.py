"""Signing in and out: staff by password, members by a mailed link. Sessions are rows, their tokens hashed.

Members whom the company's own site knows: `sign_on.py`.
"""

import asyncio
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from portal.actions.actor import Actor
from portal.actions.code import send_code
from portal.actions.password import is_password, needs_rehash, password_hash
from portal.actions.record import record
from portal.keys import Keys
from portal.rules.errors import RuleBroken
from portal.store.access import MemberSession, OneTimeCode
from portal.store.connections import transaction
from portal.store.contacts import address_digest, last_addresses
from portal.store.locks import lock_member
from portal.store.members import Address, Member
from portal.store.staff import Staff, StaffSession

STAFF_SESSION = timedelta(hours=12)
MEMBER_SESSION = timedelta(hours=12)
MOST_OF_AN_ADDRESS = 20


async def sign_in_staff(email: str, password: str, at: datetime) -> str:
    """A new session's token. RuleBroken("wrong_credentials"), after the same work, for whatever does not fit."""
    person = await Staff.get_or_none(email=email.strip().lower(), disabled_at__isnull=True)
    fits = await asyncio.to_thread(is_password, person.password if person else None, password)
    if person is None or not fits:
        raise RuleBroken("wrong_credentials", "This address and password do not belong together.")
    token = secrets.token_urlsafe(32)
    rehashed = await asyncio.to_thread(password_hash, password) if needs_rehash(person.password) else person.password
    async with transaction():
        # Asked again: a reset or a removal may have come while the hash was computed.
        still = Staff.filter(id=person.id, password=person.password, disabled_at__isnull=True)
        if not await still.update(password=rehashed):
            raise RuleBroken("wrong_credentials", "This address and password do not belong together.")
        session = await StaffSession.create(
            staff_id=person.id, token_digest=digest_of(token), created_at=at, expires_at=at + STAFF_SESSION
        )
        await record("staff.signed_in", Actor("staff", person.id), at, session=session.id)
    return token


async def staff_of(token: str, at: datetime) -> Staff | None:
    """Whose session the token is, while it lasts and the person is not disabled."""
    session = await staff_session(token, at)
    return await Staff.get_or_none(id=session.staff_id, disabled_at__isnull=True) if session else None


async def staff_session(token: str, at: datetime) -> StaffSession | None:
    if not token:
        return None
    return await StaffSession.get_or_none(token_digest=digest_of(token), ended_at__isnull=True, expires_at__gt=at)


async def open_staff_sessions(staff_id: int, at: datetime) -> list[StaffSession]:
    """The person's sessions that last, newest first."""
    return await StaffSession.filter(staff_id=staff_id, ended_at__isnull=True, expires_at__gt=at).order_by("-id")


async def end_staff_session(session_id: int, by: Actor, at: datetime) -> None:
    """Ends one session of the actor's own. Ending it twice is ending it once."""
    async with transaction():
        mine = StaffSession.filter(id=session_id, staff_id=by.staff_id, ended_at__isnull=True)
        if await mine.update(ended_at=at):
            await record("staff.signed_out", by, at, session=session_id)


async def request_sign_in(given: str, at: datetime) -> int:
    """Mails a sign-in link to every member with this address, or to the one with this id of the company's.

    Returns how many; whoever answers a request must not let it show. Two members who share an address get a mail each.
    """
    ids = [row.id for row in await _known_as(given.strip())]
    for member_id in ids:
        async with transaction():
            await lock_member(member_id)
            await send_code(member_id, objection_id=None, by=Actor("member", member_id), at=at)
    return len(ids)


async def sign_in_member(token: str, keys: Keys, at: datetime) -> str:
    """Uses a mailed sign-in link up, and gives the value of the session's cookie.

    Raises RuleBroken("link_invalid") where it is forged, used or too old.
    """
    member_id, code_id = keys.read_sign_in_link(token) or (0, 0)
    async with transaction():
        # One statement decides: of two requests with the same link only one changes a row.
        fresh = OneTimeCode.filter(
            id=code_id, member_id=member_id, objection_id__isnull=True, used_at__isnull=True, expires_at__gt=at
        )
        if not await fresh.update(used_at=at):
            raise RuleBroken("link_invalid", "This link no longer works. Ask for a new one.")
        return await begin_member_session(member_id, "link", at)


async def begin_member_session(member_id: int, way: str, at: datetime) -> str:
    """The value of the cookie of a new session, in the caller's transaction. `way`: how the member was known."""
    secret = secrets.token_urlsafe(32)
    session = await MemberSession.create(
        member_id=member_id, token_digest=digest_of(secret), created_at=at, expires_at=at + MEMBER_SESSION
    )
    by = Actor("member", member_id)
    await record("member.signed_in", by, at, member_id=member_id, session=session.id, way=way)
    return f"{member_id}.{secret}"


async def is_sign_in_link(token: str, keys: Keys, at: datetime) -> bool:
    """Whether `sign_in_member` would take it now."""
    member_id, code_id = keys.read_sign_in_link(token) or (0, 0)
    return await OneTimeCode.exists(
        id=code_id, member_id=member_id, objection_id__isnull=True, used_at__isnull=True, expires_at__gt=at
    )


async def member_of(cookie: str, at: datetime) -> Member | None:
    """Whose session the cookie's value names, while it lasts."""
    session = await member_session(cookie, at)
    return await Member.get_or_none(id=session.member_id) if session else None


async def member_session(cookie: str, at: datetime) -> MemberSession | None:
    number, _, token = cookie.partition(".")
    if not token or not number.isdecimal() or len(number) > 18:
        return None
    return await MemberSession.get_or_none(
        member_id=int(number), token_digest=digest_of(token), ended_at__isnull=True, expires_at__gt=at
    )


async def end_member_session(cookie: str, at: datetime) -> None:
    """Signs the member out. Doing it twice is doing it once."""
    session = await member_session(cookie, at)
    if session is None:
        return
    async with transaction():
        if await MemberSession.filter(id=session.id, ended_at__isnull=True).update(ended_at=at):
            by = Actor("member", session.member_id)
            await record("member.signed_out", by, at, member_id=session.member_id, session=session.id)


def digest_of(token: str) -> str:
    """What is stored of a random token: long enough that no salt is needed."""
    return sha256(token.encode()).hexdigest()


async def _known_as(given: str) -> list[Member]:
    """The members whose last address it is, or the one with that id."""
    digest = address_digest(given)
    holders = await Address.filter(digest=digest).limit(5 * MOST_OF_AN_ADDRESS).values_list("member_id", flat=True)
    last = await last_addresses([int(str(holder)) for holder in holders])
    ids = [member_id for member_id, row in last.items() if row.digest == digest]
    return await Member.filter(id__in=ids[:MOST_OF_AN_ADDRESS]) or await Member.filter(external_id=given)
