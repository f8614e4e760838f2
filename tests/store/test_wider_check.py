"""A check that lets more through is put in the place of another; on SQLite by its text, and nothing else moves."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tortoise import connections
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError
from tortoise.migrations.constraints import CheckConstraint
from tortoise.transactions import in_transaction

from portal.store import connect, disconnect
from portal.store.connections import WRITER
from portal.store.wider_check import WiderCheck
from tests.support.schema import indexes_of, triggers_of

BEFORE, AFTER = "kind IN ('a', 'b')", "kind IN ('a', 'b', 'c')"
TABLE = (
    f'CREATE TABLE one (kind TEXT, CONSTRAINT "one_kind" CHECK ({BEFORE}))',
    "CREATE UNIQUE INDEX one_once ON one (kind) WHERE kind <> 'b'",
    "CREATE TRIGGER one_kept BEFORE DELETE ON one BEGIN SELECT RAISE(ABORT, 'kept'); END",
    "INSERT INTO one VALUES ('a'), ('b')",
)


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """A SQLite database with one table, an index, a trigger and two rows."""
    url = f"sqlite:///{tmp_path}/one.sqlite3"
    await connect(url)
    for statement in TABLE:
        await client().execute_query(statement)
    yield url
    await disconnect()


def client() -> BaseDBAsyncClient:
    found: BaseDBAsyncClient = connections.get(WRITER)
    return found


async def widened(before: str) -> None:
    async with in_transaction(WRITER) as inside:  # as the migrations are applied
        editor: Any = SimpleNamespace(client=inside)
        model = SimpleNamespace(_meta=SimpleNamespace(db_table="one"))
        state: Any = SimpleNamespace(apps=SimpleNamespace(get_model=lambda _name: model))
        old, new = (CheckConstraint(check=check, name="one_kind") for check in (before, AFTER))
        await WiderCheck("One", old, new).database_forward("portal", state, state, editor)


async def kinds() -> list[str]:
    return [row["kind"] for row in await client().execute_query_dict("SELECT kind FROM one ORDER BY kind")]


async def test_it_takes_what_it_named_and_refuses_the_rest_at_once(url: str) -> None:
    with pytest.raises(IntegrityError):
        await client().execute_query("INSERT INTO one VALUES ('c')")
    await widened(BEFORE)
    await client().execute_query("INSERT INTO one VALUES ('c')")
    with pytest.raises(IntegrityError):
        await client().execute_query("INSERT INTO one VALUES ('d')")
    assert await kinds() == ["a", "b", "c"]


async def test_rows_index_and_trigger_stay_and_another_connection_sees_it(url: str) -> None:
    await widened(BEFORE)
    assert await indexes_of(url, "one") == {"one_once"}
    assert await triggers_of(url) == {"one_kept"}
    with pytest.raises(IntegrityError):
        await client().execute_query("INSERT INTO one VALUES ('a')")
    with pytest.raises(IntegrityError, match="kept"):
        await client().execute_query("DELETE FROM one")
    assert await client().execute_query_dict("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    await disconnect()
    await connect(url)
    await client().execute_query("INSERT INTO one VALUES ('c')")
    assert await kinds() == ["a", "b", "c"]


async def test_where_another_check_stands_nothing_is_changed(url: str) -> None:
    with pytest.raises(AssertionError, match="one has no check"):
        await widened("kind IN ('x')")
    with pytest.raises(IntegrityError):
        await client().execute_query("INSERT INTO one VALUES ('c')")
