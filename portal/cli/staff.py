"""`manage.py staff add` and `staff reset`: the first admin is made here."""

import getpass
import sys
from typing import Annotated

from cyclopts import Parameter

from portal.actions.actor import SYSTEM
from portal.actions.password import refuse_weak
from portal.actions.staff import add_staff, checked_address, reset_password, staff_by_address
from portal.cli import Stop
from portal.cli.surroundings import database, read_settings
from portal.rules.errors import RuleBroken
from portal.web.clock import now

Email = Annotated[str, Parameter(help="The person's mail address, with which they sign in.")]
FromStdin = Annotated[bool, Parameter(help="Read the password from the first line of stdin.", negative="")]


async def add(
    email: Email,
    *,
    name: Annotated[str, Parameter(help="The person's name, as it stands on published versions.")],
    role: Annotated[list[str], Parameter(help="legal, approver, ops or admin; may be repeated.", negative="")],
    password_stdin: FromStdin = False,
) -> None:
    """Add a person. The password is asked for twice, and has at least 12 characters."""
    try:
        address = checked_address(email)
        async with database(read_settings()):
            password = chosen_password(address, from_stdin=password_stdin)
            person = await add_staff(address, name, role, password, by=SYSTEM, at=now())
    except RuleBroken as broken:
        raise Stop(broken.message) from None
    print(f"{person.name} can sign in as {person.email} with the roles: {', '.join(person.roles)}")


async def reset(email: Email, *, password_stdin: FromStdin = False) -> None:
    """Give a person a new password; whoever is signed in with the old one is signed out."""
    try:
        async with database(read_settings()):
            known = await staff_by_address(email)
            password = chosen_password(known.email, from_stdin=password_stdin)
            person = await reset_password(known.email, password, by=SYSTEM, at=now())
    except RuleBroken as broken:
        raise Stop(broken.message) from None
    print(f"{person.name} has a new password; their sessions have ended")


def chosen_password(email: str, *, from_stdin: bool) -> str:
    """The password, not a weak one. Stop where the two typed differ or there is nobody to ask."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        refuse_weak(password, email)
        return password
    if not sys.stdin.isatty():
        raise Stop("there is no terminal to ask for the password; give it with --password-stdin")
    password = getpass.getpass("Password (at least 12 characters): ")
    refuse_weak(password, email)
    if getpass.getpass("The same once more: ") != password:
        raise Stop("the two passwords differ; nothing was changed")
    return password
