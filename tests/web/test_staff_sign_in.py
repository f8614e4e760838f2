"""Staff sign in with a password, see their sessions, and sign out."""

import re

import pytest
from httpx2 import AsyncClient, Response
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.staff import disable_staff, reset_password
from portal.store.events import Event
from portal.store.staff import Attempt, Role, Staff, StaffSession
from tests.support.clock import Clock
from tests.web.conftest import PASSWORD, SignIn, keep_cookie

REFUSED = "This address and password do not belong together."


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


async def sign_in(
    client: AsyncClient, email: str = "ops@example.com", password: str = PASSWORD, **more: str
) -> Response:
    return await client.post("/staff/sign-in", data={"email": email, "password": password, **more})


@pytest.mark.usefixtures("ops")
async def test_the_right_password_opens_a_session(client: AsyncClient) -> None:
    answer = await sign_in(client, email="  OPS@example.com ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
    assert re.fullmatch(r"staff=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax", answer.headers["set-cookie"])
    assert (await client.get("/staff/sessions")).status_code == 200


@pytest.mark.usefixtures("ops")
async def test_the_session_goes_on_to_the_page_that_was_asked_for(client: AsyncClient) -> None:
    first = await client.get("/staff/sessions?x=1")
    assert first.headers["location"] == "/staff/sign-in?next=/staff/sessions%3Fx%3D1"
    assert 'value="/staff/sessions?x=1"' in (await client.get(first.headers["location"])).text
    answer = await sign_in(client, next="/staff/sessions?x=1")
    assert answer.headers["location"] == "/staff/sessions?x=1"


@pytest.mark.usefixtures("ops")
@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/\tx", "javascript:alert(1)"]
)
async def test_it_never_goes_on_to_another_site(client: AsyncClient, elsewhere: str) -> None:
    answer = await sign_in(client, next=elsewhere)
    assert answer.headers["location"] == "/staff"


@pytest.mark.usefixtures("ops")
async def test_unknown_people_and_wrong_passwords_get_the_same_answer(client: AsyncClient) -> None:
    wrong = await sign_in(client, password="not the password")
    unknown = await sign_in(client, email="nobody@example.com", password="not the password")
    assert wrong.status_code == unknown.status_code == 403
    assert wrong.text.replace("ops@", "nobody@") == unknown.text
    assert REFUSED in wrong.text
    assert "not the password" not in wrong.text
    assert "set-cookie" not in wrong.headers


@pytest.mark.usefixtures("ops")
async def test_tries_for_one_address_are_limited_and_counted_without_naming_it(
    client: AsyncClient, clock: Clock
) -> None:
    for _ in range(10):
        assert (await sign_in(client, password="wrong")).status_code == 403
    refused = await sign_in(client)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "3600"
    assert [row.key for row in await Attempt.all() if "@" in row.key] == []
    clock.move(hours=1)
    assert (await sign_in(client)).status_code == 303


@pytest.mark.usefixtures("ops")
async def test_the_right_password_starts_the_count_anew(client: AsyncClient) -> None:
    for password in ("wrong",) * 9 + (PASSWORD,) + ("wrong",) * 9 + (PASSWORD,):
        assert (await sign_in(client, password=password)).status_code != 429


async def test_tries_of_one_client_are_limited_over_all_addresses(client: AsyncClient) -> None:
    for number in range(50):
        await sign_in(client, email=f"person{number}@example.com", password="wrong")
    assert (await sign_in(client, email="another@example.com")).status_code == 429


async def test_a_field_that_is_missing_is_named(client: AsyncClient) -> None:
    answer = await client.post("/staff/sign-in", data={"email": "ops@example.com"})
    assert answer.status_code == 422
    assert "Error:" in answer.text
    assert '<a href="#password">Fill this in.</a>' in answer.text
    assert 'value="ops@example.com"' in answer.text


async def test_a_session_ends_by_itself(ops: AsyncClient, clock: Clock) -> None:
    clock.move(hours=11, minutes=59)
    assert (await ops.get("/staff/sessions")).status_code == 200
    clock.move(minutes=1)
    assert (await ops.get("/staff/sessions")).headers["location"].startswith("/staff/sign-in")


async def test_signing_in_again_ends_the_session_before(ops: AsyncClient) -> None:
    before = ops.cookies["staff"]
    await sign_in(ops)
    assert ops.cookies["staff"] != before
    assert await StaffSession.filter(ended_at__isnull=True).count() == 1


async def test_ones_other_sessions_can_be_seen_and_ended(ops: AsyncClient, as_staff: SignIn) -> None:
    other = await as_staff(Role.OPS)
    shown = await ops.get("/staff/sessions")
    ids = re.findall(r"/staff/sessions/(\d+)/end", shown.text)
    assert len(ids) == 2
    newest = max(map(int, ids))
    answer = await ops.post(f"/staff/sessions/{newest}/end")
    assert answer.status_code == 303
    assert "The session has ended." in (await ops.get("/staff/sessions")).text
    assert (await other.get("/staff/sessions")).status_code == 303


async def test_somebody_elses_session_cannot_be_ended(ops: AsyncClient, as_staff: SignIn) -> None:
    legal = await as_staff(Role.LEGAL)
    session = await StaffSession.all().order_by("-id").first()
    assert session is not None
    await ops.post(f"/staff/sessions/{session.id}/end")
    assert (await legal.get("/staff/sessions")).status_code == 200


async def test_signing_out_ends_the_session_and_says_so(ops: AsyncClient) -> None:
    kept = ops.cookies["staff"]
    answer = await ops.post("/sign-out")
    assert answer.headers["location"] == "/staff/sign-in"
    assert "You are signed out." in (await ops.get("/staff/sign-in")).text
    assert "You are signed out." not in (await ops.get("/staff/sign-in")).text
    keep_cookie(ops, "staff", kept)
    assert (await ops.get("/staff/sessions")).status_code == 303


async def test_a_new_password_ends_the_sessions(ops: AsyncClient, app: Starlette) -> None:
    await reset_password("ops@example.com", "another long password", by=SYSTEM, at=app.state.clock())
    assert (await ops.get("/staff/sessions")).status_code == 303


async def test_a_disabled_person_is_out_at_once_and_cannot_sign_in(
    ops: AsyncClient, as_staff: SignIn, client: AsyncClient, app: Starlette
) -> None:
    await as_staff(Role.ADMIN)
    person = await Staff.get(email="ops@example.com")
    await disable_staff(person.id, by=SYSTEM, at=app.state.clock())
    assert (await ops.get("/staff/sessions")).status_code == 303
    refused = await sign_in(client)
    assert (refused.status_code, REFUSED in refused.text) == (403, True)


async def test_signing_in_and_out_is_recorded_by_ids_only(ops: AsyncClient) -> None:
    await ops.post("/sign-out")
    events = await Event.filter(action__in=["staff.signed_in", "staff.signed_out"]).order_by("id")
    person = await Staff.get(email="ops@example.com")
    assert [(event.action, event.actor) for event in events] == [
        ("staff.signed_in", f"staff:{person.id}"),
        ("staff.signed_out", f"staff:{person.id}"),
    ]


async def test_a_forged_cookie_is_nobodys(client: AsyncClient) -> None:
    for forged in (b"x", b"a" * 4000, "ü".encode()):
        answer = await client.get("/staff/sessions", headers={b"cookie": b"staff=" + forged})
        assert answer.status_code == 303
