"""The company's people: added, given roles and passwords, disabled."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from tortoise.exceptions import IntegrityError

from portal.actions.actor import Actor
from portal.actions.password import password_hash, refuse_weak
from portal.actions.record import record
from portal.rules.errors import RuleBroken
from portal.rules.said import later
from portal.store.connections import transaction
from portal.store.staff import Role, Staff, StaffSession


async def add_staff(email: str, name: str, roles: Iterable[str], password: str, *, by: Actor, at: datetime) -> Staff:
    """A new person.

    Raises RuleBroken: `address_invalid`, `name_missing`, `roles_invalid`, `password_weak`, `staff_known`.
    """
    address, known_roles = checked_address(email), _checked_roles(roles)
    if not name.strip() or len(name) > 200:
        raise RuleBroken("name_missing", "Enter the person’s name, at most 200 characters.", field="name")
    refuse_weak(password, address)
    hashed = await asyncio.to_thread(password_hash, password)
    try:
        async with transaction():
            person = await Staff.create(
                email=address, name=name.strip(), password=hashed, roles=known_roles, created_at=at
            )
            await record("staff.added", by, at, staff=person.id, roles=known_roles)
    except IntegrityError:
        raise RuleBroken("staff_known", "There is a person with this address already.", field="email") from None
    return person


async def reset_password(email: str, password: str, *, by: Actor, at: datetime) -> Staff:
    """A new password; the person's sessions end. Raises RuleBroken: `staff_unknown`, `password_weak`."""
    person = await staff_by_address(email)
    refuse_weak(password, person.email)
    hashed = await asyncio.to_thread(password_hash, password)
    async with transaction():
        await Staff.filter(id=person.id).update(password=hashed)
        await _end_sessions(person.id, at)
        await record("staff.password_reset", by, at, staff=person.id)
    return person


async def change_roles(staff_id: int, roles: Iterable[str], *, by: Actor, at: datetime) -> None:
    """Other roles from now on. Raises RuleBroken: `roles_invalid`, `last_admin`."""
    new = _checked_roles(roles)
    async with transaction():
        await _one_at_a_time()
        person = await Staff.get(id=staff_id)
        if new == sorted(person.roles):
            return
        await Staff.filter(id=staff_id).update(roles=new)
        await _refuse_without_admin()
        await record("staff.roles_changed", by, at, staff=staff_id, roles=new)


async def disable_staff(staff_id: int, *, by: Actor, at: datetime) -> None:
    """The person can no longer sign in, their sessions end. Raises RuleBroken: `own_account`, `last_admin`."""
    if by.staff_id == staff_id:
        raise RuleBroken("own_account", "You cannot disable yourself. Ask another admin.")
    async with transaction():
        await _one_at_a_time()
        if await Staff.filter(id=staff_id, disabled_at__isnull=True).update(disabled_at=at):
            await _refuse_without_admin()
            await _end_sessions(staff_id, at)
            await record("staff.disabled", by, at, staff=staff_id)


async def enable_staff(staff_id: int, *, by: Actor, at: datetime) -> None:
    """The person can sign in again."""
    async with transaction():
        if await Staff.filter(id=staff_id, disabled_at__isnull=False).update(disabled_at=None):
            await record("staff.enabled", by, at, staff=staff_id)


async def staff_by_address(email: str) -> Staff:
    """The person with that address. Raises RuleBroken("staff_unknown")."""
    person = await Staff.get_or_none(email=email.strip().lower())
    if person is None:
        message = later("There is nobody with the address %(address)s.")
        raise RuleBroken("staff_unknown", message, address=email.strip(), field="email")
    return person


def checked_address(email: str) -> str:
    """In lower case. Raises RuleBroken("address_invalid")."""
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise RuleBroken("address_invalid", "Enter an address like name@example.org.", field="email") from None


def _checked_roles(roles: Iterable[str]) -> list[str]:
    given, known = set(roles), {str(role) for role in Role}
    if not given or not given <= known:
        message = later("Choose one role or more of: %(known)s.")
        raise RuleBroken("roles_invalid", message, known=sorted(known), field="roles")
    return sorted(given)


async def _one_at_a_time() -> None:
    """Locks everybody's row until the transaction ends, lest two admins remove each other."""
    await Staff.all().order_by("id").select_for_update()


async def _refuse_without_admin() -> None:
    """Called after the change, within its transaction."""
    people = await Staff.filter(disabled_at__isnull=True)
    if not any(Role.ADMIN in person.roles for person in people):
        raise RuleBroken("last_admin", "Somebody has to stay an admin. Make another person one first.")


async def _end_sessions(staff_id: int, at: datetime) -> None:
    await StaffSession.filter(staff_id=staff_id, ended_at__isnull=True).update(ended_at=at)
