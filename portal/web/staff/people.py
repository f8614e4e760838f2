"""The people who work with the portal, for admins: add them, give them roles, disable them."""

from typing import Annotated

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.staff import add_staff, change_roles, disable_staff, enable_staff, reset_password
from portal.rules.errors import RuleBroken
from portal.store.staff import Role, Staff
from portal.web.clock import at
from portal.web.forms import Read, read
from portal.web.guards import actor, staff
from portal.web.render import page, redirect
from portal.web.text import gettext as _

Roles = Annotated[list[Role], Field(min_length=1)]
Password = Annotated[str, Field(max_length=1_000)]


class NewPerson(BaseModel):
    name: str = Field(max_length=200)
    email: str = Field(max_length=320)
    roles: Roles
    password: Password


class NewRoles(BaseModel):
    roles: Roles


class NewPassword(BaseModel):
    password: Password


def role_names() -> list[tuple[str, str, str]]:
    """(role, its name, what it may do)."""
    return [
        ("legal", _("Legal"), _("writes drafts, classifies changes, publishes")),
        ("approver", _("Approver"), _("approves drafts that others wrote")),
        ("ops", _("Operations"), _("answers objections, looks after notices and members")),
        ("admin", _("Admin"), _("adds people, gives roles, makes tokens")),
    ]


@staff(Role.ADMIN)
async def people(request: Request) -> Response:
    everybody = await Staff.all().order_by("name")
    return page(request, "staff/people.html", people=everybody, roles=role_names())


@staff(Role.ADMIN)
async def new_person(request: Request) -> Response:
    return page(request, "staff/new_person.html", roles=role_names(), errors={}, given={"roles": []})


@staff(Role.ADMIN)
async def add_person(request: Request) -> Response:
    form = await read(request, NewPerson, lists=("roles",))
    errors = form.errors
    if form.values is not None:
        try:
            values = form.values
            person = await add_staff(
                values.email, values.name, values.roles, values.password, by=actor(request), at=at(request)
            )
            return redirect(request, "/staff/people", _("%(name)s can sign in now.", name=person.name))
        except RuleBroken as broken:
            errors = said(broken)
    return page(request, "staff/new_person.html", 422, roles=role_names(), errors=errors, given=form.given)


@staff(Role.ADMIN)
async def person(request: Request) -> Response:
    return await _person_page(request, 200, {})


@staff(Role.ADMIN)
async def set_roles(request: Request) -> Response:
    form = await read(request, NewRoles, lists=("roles",))
    if form.values is None:
        return await _person_page(request, 422, form.errors)
    try:
        await change_roles(request.path_params["id"], form.values.roles, by=actor(request), at=at(request))
    except RuleBroken as broken:
        return await _person_page(request, 409, said(broken))
    return redirect(request, "/staff/people", _("The roles are changed."))


@staff(Role.ADMIN)
async def set_password(request: Request) -> Response:
    """A new password, to be told to the person; their sessions end."""
    form: Read[NewPassword] = await read(request, NewPassword)
    if form.values is None:
        return await _person_page(request, 422, form.errors)
    found = await Staff.get(id=request.path_params["id"])
    try:
        await reset_password(found.email, form.values.password, by=actor(request), at=at(request))
    except RuleBroken as broken:
        return await _person_page(request, 422, said(broken))
    return redirect(request, "/staff/people", _("%(name)s has a new password.", name=found.name))


@staff(Role.ADMIN)
async def disable(request: Request) -> Response:
    await Staff.get(id=request.path_params["id"])
    await disable_staff(request.path_params["id"], by=actor(request), at=at(request))
    return redirect(request, "/staff/people", _("This person can no longer sign in."))


@staff(Role.ADMIN)
async def enable(request: Request) -> Response:
    await Staff.get(id=request.path_params["id"])
    await enable_staff(request.path_params["id"], by=actor(request), at=at(request))
    return redirect(request, "/staff/people", _("This person can sign in again."))


def said(broken: RuleBroken) -> dict[str, str]:
    """A refusal as a form's errors: at the field it is about, or above all of them."""
    return {str(broken.facts.get("field", "")): _(broken.message)}


async def _person_page(request: Request, status: int, errors: dict[str, str]) -> Response:
    found = await Staff.get(id=request.path_params["id"])
    return page(request, "staff/person.html", status, person=found, roles=role_names(), errors=errors)
