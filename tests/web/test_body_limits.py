"""A body that is too large is refused before it is read to its end."""

from collections.abc import AsyncIterator

import pytest
from httpx2 import AsyncClient

from portal.store.staff import Role
from portal.web.limits import USUAL, body_limit
from tests.web.conftest import SignIn

FORM = {"content-type": "application/x-www-form-urlencoded"}


async def chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 10_000


async def test_an_announced_length_is_enough_to_refuse(client: AsyncClient) -> None:
    answer = await client.post("/sign-in", content=b"known_as=" + b"x" * USUAL, headers=FORM)
    assert answer.status_code == 413
    assert "That is too large" in answer.text


async def test_what_comes_in_pieces_without_a_length_is_counted(client: AsyncClient) -> None:
    answer = await client.post("/sign-in", content=chunks(20), headers=FORM)
    assert answer.status_code == 413


async def test_a_body_of_the_usual_size_is_taken(client: AsyncClient) -> None:
    answer = await client.post("/sign-in", content=b"known_as=x&more=" + b"x" * (USUAL - 100), headers=FORM)
    assert answer.status_code == 202


async def test_too_many_fields_are_refused(as_staff: SignIn) -> None:
    admin = await as_staff(Role.ADMIN)
    answer = await admin.post("/staff/tokens", content=b"&".join(b"a=" for _ in range(6_000)), headers=FORM)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "at_least"), [("/staff/drafts/1", 3_000_000), ("/staff/members/import", 20_000_000), ("/account", 60_000)]
)
def test_drafts_and_imports_may_be_larger(path: str, at_least: int) -> None:
    assert body_limit(path) >= at_least
