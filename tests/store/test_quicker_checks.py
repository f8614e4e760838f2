"""The states of notices and sendings, checked for each of many rows: what is none is refused, and SQLite's programs for
what a campaign writes make no table a row."""

import sqlite3
from datetime import UTC, datetime

import pytest
from tortoise import connections
from tortoise.exceptions import IntegrityError

from portal.store import daybook, turn_statements
from portal.store.connections import WRITER
from portal.store.notices import Notice
from portal.store.procedure import Ask, Together, _spelled, _with_given
from portal.store.snapshot import schema_file
from tests.support.world import accept, make_member, make_policy, make_version

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
INTO_A_TABLE_OF_ITS_OWN = "OpenEphemeral"


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("table", ["notice", "sending"])
async def test_a_state_that_is_none_is_refused(table: str) -> None:
    policy = await make_policy()
    member = await make_member(policy)
    version = await make_version(policy, AT)
    await accept(await Notice.get(member_id=member.id, version_id=version.id), AT)
    with pytest.raises(IntegrityError):
        await connections.get(WRITER).execute_query(f"UPDATE {table} SET state = 'nowhere'")


def steps(statement: str, values: int) -> list[str]:
    """Of SQLite's program for it."""
    database = sqlite3.connect(":memory:")
    database.executescript(schema_file(sqlite=True).read_text(encoding="utf-8"))
    return [row[1] for row in database.execute(f"EXPLAIN {statement}", [None] * values)]


def test_sqlite_makes_no_table_for_each_row() -> None:
    whole = Together(daybook._WHOLE, turn_statements.SENDING | daybook._ANSWER, [[None] * 11] * 3)
    statement, values = _with_given(whole)
    assert INTO_A_TABLE_OF_ITS_OWN not in steps(statement, len(values))
    reached = turn_statements.reached([1, 2, 3], [AT, AT, AT], None)
    assert isinstance(reached, Ask)
    assert steps(_spelled(reached.statement), len(reached.values)).count(INTO_A_TABLE_OF_ITS_OWN) == 1  # of the ids
