"""Admins make tokens for the company's systems, and end them."""

import re

import pytest
from httpx2 import AsyncClient

from portal.actions.token import token_of
from portal.store.connections import transaction
from portal.store.events import Event
from portal.store.staff import ApiToken, Role, Scope
from portal.store.statement import execute
from tests.web.conftest import SignIn


@pytest.fixture
async def admin(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.ADMIN)


async def made(admin: AsyncClient, name: str = "newsletter") -> str:
    answer = await admin.post("/staff/tokens", data={"name": name})
    assert answer.status_code == 201
    found = re.search(r">(cop_[\w-]{43})<", answer.text)
    assert found
    return found[1]


async def test_a_token_is_shown_once_and_stored_hashed(admin: AsyncClient) -> None:
    token = await made(admin)
    row = await ApiToken.get()
    assert token not in row.token_digest
    shown = await admin.get("/staff/tokens")
    assert "newsletter" in shown.text
    assert token not in shown.text


async def test_a_token_works_until_it_is_ended(admin: AsyncClient) -> None:
    token = await made(admin)
    row = await ApiToken.get()
    known = await token_of(f"Bearer {token}")
    assert known is not None
    assert known.id == row.id
    assert (await admin.post(f"/staff/tokens/{row.id}/end")).status_code == 303
    assert await token_of(f"Bearer {token}") is None
    assert "1 token that no longer works" in (await admin.get("/staff/tokens")).text


async def test_ending_it_twice_is_ending_it_once(admin: AsyncClient) -> None:
    await made(admin)
    row = await ApiToken.get()
    for _ in range(2):
        assert (await admin.post(f"/staff/tokens/{row.id}/end")).status_code == 303
    assert await Event.filter(action="token.ended").count() == 1


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer cop_forged", "cop_forged"])
@pytest.mark.usefixtures("admin")
async def test_other_headers_are_nobodys(header: str) -> None:
    assert await token_of(header) is None


async def test_the_api_asks_for_a_token(client: AsyncClient, admin: AsyncClient) -> None:
    address = "/api/v1/terms?member=m&policy=p&purpose=x&collected_at=2026-01-01T00:00:00Z"
    refused = await client.get(address)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert refused.headers["content-type"] == "application/problem+json"
    answer = await client.get(address, headers={"authorization": f"Bearer {await made(admin)}"})
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/unknown_member"


async def test_a_token_needs_a_name(admin: AsyncClient) -> None:
    for name in ("", " ", "x" * 201):
        answer = await admin.post("/staff/tokens", data={"name": name})
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    assert await ApiToken.all().count() == 0


@pytest.mark.parametrize("role", [Role.LEGAL, Role.APPROVER, Role.OPS])
async def test_only_admins_see_and_make_tokens(as_staff: SignIn, role: Role) -> None:
    browser = await as_staff(role)
    assert (await browser.get("/staff/tokens")).status_code == 403
    assert (await browser.post("/staff/tokens", data={"name": "x"})).status_code == 403
    assert await ApiToken.all().count() == 0


async def test_a_token_may_what_was_ticked_and_nothing_else(admin: AsyncClient) -> None:
    ticked = {"name": "account pages", "scopes": ["notices:read", "notices:write"]}
    assert (await admin.post("/staff/tokens", data=ticked)).status_code == 201
    row = await ApiToken.get()
    assert [scope for scope in Scope if row.may(scope)] == [Scope.NOTICES_READ, Scope.NOTICES_WRITE]
    assert "<td>Notices, Sights</td>" in (await admin.get("/staff/tokens")).text
    event = await Event.get(action="token.made")
    assert event.facts["scopes"] == ["notices:read", "notices:write"]


async def test_with_nothing_ticked_it_may_ask_about_terms(admin: AsyncClient) -> None:
    await made(admin)
    assert (await ApiToken.get()).scopes == "terms:read"


async def test_a_scope_that_does_not_exist_is_refused_and_the_others_stay_ticked(admin: AsyncClient) -> None:
    answer = await admin.post("/staff/tokens", data={"name": "x", "scopes": ["notices:read", "everything"]})
    assert answer.status_code == 422
    assert re.search(r'value="notices:read"[^>]* checked', answer.text)
    assert await ApiToken.all().count() == 0


@pytest.mark.usefixtures("admin")
async def test_tokens_made_before_there_were_scopes_keep_what_they_could() -> None:
    columns = "name, token_digest, staff_id, created_at"
    async with transaction() as connection:
        await execute(
            connection, f"INSERT INTO api_token ({columns}) SELECT 'old', 'digest', id, created_at FROM staff"
        )
    row = await ApiToken.get()
    assert [scope for scope in Scope if row.may(scope)] == [Scope.TERMS_READ]
