"""Admins add people, give them roles and passwords, and disable them."""

import pytest
from httpx2 import AsyncClient, Response

from portal.store.events import Event
from portal.store.staff import Role, Staff
from tests.web.conftest import PASSWORD, SignIn

NEW = {"name": "Bo Berg", "email": "Bo@Example.com", "roles": ["legal", "ops"], "password": PASSWORD}


@pytest.fixture
async def admin(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.ADMIN)


async def add(admin: AsyncClient, **other: object) -> Response:
    return await admin.post("/staff/people", data={**NEW, **other})


async def test_a_person_is_added_and_can_sign_in(admin: AsyncClient, client: AsyncClient) -> None:
    answer = await add(admin)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/people")
    assert "Bo Berg can sign in now." in (await admin.get("/staff/people")).text
    person = await Staff.get(email="bo@example.com")
    assert person.roles == ["legal", "ops"]
    assert PASSWORD not in person.password
    signed_in = await client.post("/staff/sign-in", data={"email": "bo@example.com", "password": PASSWORD})
    assert signed_in.status_code == 303


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"name": ""}, "Fill this in."),
        ({"email": "bo"}, "Enter an address like name@example.org."),
        ({"email": "ADMIN@example.com"}, "There is a person with this address already."),
        ({"roles": []}, "Choose at least one."),
        ({"roles": ["king"]}, "Choose one of the options."),
        ({"password": "short"}, "Use at least 12 characters."),
        ({"password": "aaaaaaaaaaaaaaa"}, "Use more different characters."),
        ({"password": "my bo@example.com"}, "Leave your address out of the password."),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_kept(
    admin: AsyncClient, other: dict[str, object], said: str
) -> None:
    answer = await add(admin, **other)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Error:" in answer.text
    assert PASSWORD not in answer.text
    assert await Staff.all().count() == 1


async def test_roles_are_changed_and_count_at_once(admin: AsyncClient, as_staff: SignIn) -> None:
    ops = await as_staff(Role.OPS)
    person = await Staff.get(email="ops@example.com")
    assert (await ops.get("/staff/people")).status_code == 403
    answer = await admin.post(f"/staff/people/{person.id}/roles", data={"roles": ["admin"]})
    assert answer.status_code == 303
    assert (await ops.get("/staff/people")).status_code == 200
    event = await Event.filter(action="staff.roles_changed").get()
    assert event.facts == {"staff": person.id, "roles": ["admin"]}


async def test_a_new_password_replaces_the_old_one(admin: AsyncClient, as_staff: SignIn, client: AsyncClient) -> None:
    ops = await as_staff(Role.OPS)
    person = await Staff.get(email="ops@example.com")
    assert (await admin.post(f"/staff/people/{person.id}/password", data={"password": "short"})).status_code == 422
    assert (await admin.post(f"/staff/people/{person.id}/password", data={"password": PASSWORD[::-1]})).is_redirect
    assert (await ops.get("/staff/sessions")).is_redirect
    for password, status in ((PASSWORD, 403), (PASSWORD[::-1], 303)):
        answer = await client.post("/staff/sign-in", data={"email": "ops@example.com", "password": password})
        assert answer.status_code == status


async def test_a_person_is_disabled_and_enabled(admin: AsyncClient, as_staff: SignIn) -> None:
    ops = await as_staff(Role.OPS)
    person = await Staff.get(email="ops@example.com")
    await admin.post(f"/staff/people/{person.id}/disable")
    assert (await ops.get("/staff/sessions")).is_redirect
    assert "Disabled" in (await admin.get("/staff/people")).text
    await admin.post(f"/staff/people/{person.id}/enable")
    assert (await (await as_staff(Role.OPS)).get("/staff/sessions")).status_code == 200


async def test_admins_cannot_disable_themselves_or_leave_no_admin(admin: AsyncClient) -> None:
    me = await Staff.get(email="admin@example.com")
    refused = await admin.post(f"/staff/people/{me.id}/disable")
    assert refused.status_code == 409
    assert "You cannot disable yourself." in refused.text
    refused = await admin.post(f"/staff/people/{me.id}/roles", data={"roles": ["ops"]})
    assert refused.status_code == 409
    assert "Somebody has to stay an admin." in refused.text
    assert (await Staff.get(id=me.id)).roles == ["admin"]


@pytest.mark.parametrize("role", [Role.LEGAL, Role.APPROVER, Role.OPS])
async def test_only_admins_manage_people(as_staff: SignIn, role: Role) -> None:
    browser = await as_staff(role)
    person = await Staff.get()
    for address in ("/staff/people", "/staff/people/new", f"/staff/people/{person.id}"):
        assert (await browser.get(address)).status_code == 403
    for address in (
        "",
        f"/{person.id}/roles",
        f"/{person.id}/password",
        f"/{person.id}/disable",
        f"/{person.id}/enable",
    ):
        assert (await browser.post(f"/staff/people{address}", data=NEW)).status_code == 403
    assert await Staff.all().count() == 1


async def test_nobody_by_that_number_is_not_found(admin: AsyncClient) -> None:
    assert (await admin.get("/staff/people/999")).status_code == 404
    for verb in ("disable", "enable"):
        assert (await admin.post(f"/staff/people/999/{verb}")).status_code == 404
    assert (await admin.post("/staff/people/999/roles", data={"roles": ["ops"]})).status_code == 404
