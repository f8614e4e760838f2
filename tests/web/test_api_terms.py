"""The company's systems ask which version governs."""

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM, Actor
from portal.actions.staff import add_staff
from portal.actions.token import end_token, make_token
from portal.store.staff import Role, Scope
from tests.support.world import DAY, JOINED, POSTED_1, POSTED_2, make_member, make_policy, make_version

QUESTION = {"member": "m1", "policy": "privacy", "purpose": "marketing", "collected_at": "2026-02-01T12:00:00+01:00"}


@pytest.fixture
async def token(app: Starlette) -> str:
    """A token of one of the company's systems, in a world with two versions and a member."""
    policy = await make_policy()
    await make_version(policy, POSTED_1)
    await make_member(policy)
    await make_version(policy, POSTED_2, {"c1": ["marketing"]})
    now = app.state.clock()
    admin = await add_staff("admin@example.com", "Admin", (Role.ADMIN,), "long enough a password", by=SYSTEM, at=now)
    _, made = await make_token("CRM", by=Actor("staff", admin.id), at=now)
    return made


async def ask(client: AsyncClient, token: str, **changed: str) -> tuple[int, dict[str, object]]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = await client.get("/api/v1/terms", params=QUESTION | changed, headers=headers)
    return answer.status_code, answer.json()


async def test_the_answer_names_version_permission_and_reason(client: AsyncClient, token: str) -> None:
    status, answer = await ask(client, token)
    assert status == 200
    assert answer["collected_at"] == "2026-02-01T11:00:00Z"
    assert (answer["version"], answer["allowed"], answer["basis"]) == (1, True, "in_force")
    assert answer["reason"] == "Version 1 is in force for the member."


async def test_asked_as_of_the_past_it_answers_as_it_would_have_then(client: AsyncClient, token: str) -> None:
    status, answer = await ask(client, token, as_of=(JOINED + DAY).isoformat())
    assert (status, answer["asked_at"]) == (200, "2026-01-11T00:00:00Z")


async def test_the_future_cannot_be_asked(client: AsyncClient, token: str) -> None:
    status, answer = await ask(client, token, as_of="2999-01-01T00:00:00Z")
    assert (status, answer["field"]) == (422, "as_of")


@pytest.mark.parametrize("wrong", ["", "nonsense"])
async def test_without_a_working_token_nothing_is_told(client: AsyncClient, token: str, wrong: str) -> None:
    assert token
    status, answer = await ask(client, wrong)
    assert status == 401
    assert "version" not in answer


async def test_an_ended_token_works_no_longer(app: Starlette, client: AsyncClient, token: str) -> None:
    await end_token(1, by=SYSTEM, at=app.state.clock())
    assert (await ask(client, token))[0] == 401


async def test_a_token_for_other_calls_is_told_what_it_lacks(app: Starlette, client: AsyncClient, token: str) -> None:
    assert token
    _, other = await make_token("Site", [Scope.NOTICES_READ], by=Actor("staff", 1), at=app.state.clock())
    status, problem = await ask(client, other)
    assert (status, problem["type"], problem["scope"]) == (403, "/problems/insufficient_scope", "terms:read")


@pytest.mark.parametrize(
    ("changed", "status", "named"),
    [
        ({"member": "nobody"}, 404, "member"),
        ({"policy": "nothing"}, 404, "policy"),
        ({"purpose": "nothing"}, 404, "purpose"),
        ({"collected_at": "yesterday"}, 422, "collected_at"),
        ({"collected_at": "2026-02-01T12:00:00"}, 422, "collected_at"),
        ({"collected_at": "9999-12-31T23:00:00-02:00"}, 422, "collected_at"),
        ({"member": ""}, 422, "member"),
        ({"porpoise": "marketing"}, 422, "porpoise"),
    ],
)
async def test_a_bad_question_is_a_problem_that_names_the_parameter(
    client: AsyncClient, token: str, changed: dict[str, str], status: int, named: str
) -> None:
    got, problem = await ask(client, token, **changed)
    assert got == problem["status"] == status
    assert named in str(problem)


async def test_the_answer_is_not_to_be_cached_and_the_problem_has_its_own_type(client: AsyncClient, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    good = await client.get("/api/v1/terms", params=QUESTION, headers=headers)
    assert good.headers["cache-control"] == "no-store"
    bad = await client.get("/api/v1/terms", headers=headers)
    assert bad.headers["content-type"] == "application/problem+json"
