"""Statements that follow from one another, written once, and run on SQLite in one go.

A procedure is a generator: it yields a statement with its values, gets its rows, and returns what it found. On SQLite a
statement takes microseconds and handing it to the connection's thread tens of them, so there the whole transaction is
handed over at once. On PostgreSQL each statement is awaited.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError, OperationalError

from portal.store.bulk import FIRST, RAISE, array_of, lock_members, reserve_ids, texts_of
from portal.store.pragma import pragma
from portal.store.statement import for_sqlite

_NUMBERS = re.compile(r"IN \$(\d+)::numbers")
_WHOLE_NUMBERS = ("int", "bigint")


@dataclass(frozen=True, slots=True)
class Ask:
    """A statement whose rows are wanted. `x IN $2::numbers` in it takes a list of integers, of any length."""

    statement: str
    values: Sequence[object] = ()


@dataclass(frozen=True, slots=True)
class AskMany:
    """A statement that finds many rows, of these `columns` in this order. Each row is a sequence of their values, of
    JSON's kinds: on SQLite an instant is text, and whether something is so a number.

    There a thread gives up the interpreter, and wants it back, for each row that it reads: all come in one.
    """

    statement: str
    columns: Sequence[str]
    values: Sequence[object] = ()


@dataclass(frozen=True, slots=True)
class Together:
    """A statement that is run once for all of the rows, which stand in it as `{given}`, a table of that name; gives how
    many rows of the database it changed, or, where they are `wanted`, those that it found. `columns` of the given
    table: their names and PostgreSQL's types.

    On SQLite a thread that runs a statement a row gives up the interpreter, and wants it back, as often.
    """

    statement: str
    columns: Mapping[str, str]
    rows: Sequence[Sequence[object]]
    values: Sequence[object] = ()
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class Discard:
    """A statement that deletes what stands elsewhere too. Run in one go on SQLite it leaves whole pages as they are;
    those of other deletions are overwritten, which is one more write of each."""

    statement: str
    values: Sequence[object] = ()


@dataclass(frozen=True, slots=True)
class Reserve:
    """Asks for so many ids of rows that are yet to be written (see `reserve_ids`)."""

    table: str
    count: int


@dataclass(frozen=True, slots=True)
class LockMembers:
    """Locks the members' rows (see `locks.py`). SQLite has one writer at a time anyway."""

    ids: Sequence[int]


Found = TypeVar("Found")
Rows = Sequence[Any]
Procedure = Generator[Ask | AskMany | Together | Discard | Reserve | LockMembers, Rows, Found]
"""Rows are read by the names of their columns. Instants among the values have to be in UTC. `Together` gives one row of
one value, `changed`."""


async def run_within(connection: BaseDBAsyncClient, procedure: Procedure[Found]) -> Found:
    """Runs it in the caller's transaction."""
    sqlite = connection.capabilities.dialect == "sqlite"
    rows: Rows | None = None
    while True:
        try:
            step = procedure.send(rows)  # type: ignore[arg-type]
        except StopIteration as end:
            found: Found = end.value
            return found
        rows = ()
        if isinstance(step, Reserve):
            rows = await reserve_ids(connection, step.table, step.count) if step.count else ()
            continue
        if isinstance(step, LockMembers):
            await lock_members(connection, step.ids)
            continue
        if isinstance(step, Together):
            rows = await _together(connection, step) if step.rows else _nothing(step)
            continue
        if isinstance(step, AskMany):
            rows = await _many(connection, step)
            continue
        statement = _spelled(step.statement) if sqlite else _with_arrays(step.statement)
        values = _with_lists(step.values, json.dumps if sqlite else array_of)
        rows = await connection.execute_query_dict(statement, values)


async def in_one_go(client: BaseDBAsyncClient, work: Callable[..., Found], *args: object) -> Found:
    """Hands SQLite's connection to `work`, in the connection's own thread. Raises what the database raises, as Tortoise
    would."""
    async with client.acquire_connection() as connection:
        try:
            # aiosqlite has nothing public that runs a function in the connection's thread.
            found: Found = await connection._execute(work, connection._conn, *args)  # noqa: SLF001
        except sqlite3.IntegrityError as error:
            raise IntegrityError(error) from error
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error
        return found


def driven(connection: sqlite3.Connection, procedure: Procedure[Found]) -> Found:
    """The same in the connection's own thread, in a transaction that was begun there."""
    rows: Rows | None = None
    while True:
        try:
            step = procedure.send(rows)  # type: ignore[arg-type]
        except StopIteration as end:
            found: Found = end.value
            return found
        rows = ()
        if isinstance(step, Ask):
            rows = connection.execute(_spelled(step.statement), _with_lists(step.values, json.dumps)).fetchall()
        elif isinstance(step, AskMany):
            rows = json.loads(connection.execute(_in_one(step.statement, step.columns), step.values).fetchone()[0])
        elif isinstance(step, Reserve):
            rows = _reserved(connection, step) if step.count else ()
        elif isinstance(step, Together):
            rows = _together_at_once(connection, step) if step.rows else _nothing(step)
        elif isinstance(step, Discard):
            with pragma(connection, "secure_delete", "FAST", then="ON"):
                connection.execute(_spelled(step.statement), step.values)


def _nothing(step: Together) -> Rows:
    return () if step.wanted else [{"changed": 0}]


def _together_at_once(connection: sqlite3.Connection, step: Together) -> Rows:
    cursor = connection.execute(*_with_given(step))
    return cursor.fetchall() if step.wanted else [{"changed": cursor.rowcount}]


async def _together(connection: BaseDBAsyncClient, step: Together) -> Rows:
    if connection.capabilities.dialect == "sqlite":
        changed, found = await connection.execute_query(*_with_given(step))
        return found if step.wanted else [{"changed": changed}]
    given = zip(step.columns.values(), zip(*step.rows, strict=True), strict=True)
    columns = [array_of(column) if kind in _WHOLE_NUMBERS else texts_of(column) for kind, column in given]
    statement = _given_as_arrays(step.statement, tuple(step.columns.items()), len(step.values))
    if not step.wanted:
        statement = f"WITH done AS ({statement} RETURNING 1) SELECT count(*) AS changed FROM done"
    rows: Rows = await connection.execute_query_dict(statement, [*step.values, *columns])
    return rows


@lru_cache(maxsize=64)
def _given_as_arrays(statement: str, columns: Sequence[tuple[str, str]], before: int) -> str:
    """The statement as PostgreSQL wants it: a parameter for each column, behind those `before`."""
    arrays = ", ".join(
        f"${place}::text::{kind}[]"
        if kind in _WHOLE_NUMBERS
        else f"ARRAY(SELECT json_array_elements_text(${place}::text::json))::{kind}[]"
        for place, (_, kind) in enumerate(columns, before + 1)
    )
    return statement.format(given=f"unnest({arrays}) AS given({', '.join(name for name, _ in columns)})")


async def _many(connection: BaseDBAsyncClient, step: AskMany) -> Rows:
    rows: Rows
    if connection.capabilities.dialect != "sqlite":
        _, rows = await connection.execute_query(step.statement, list(step.values))
        return rows
    _, [row] = await connection.execute_query(_in_one(step.statement, step.columns), list(step.values))
    rows = json.loads(row[0])
    return rows


def _with_given(step: Together) -> tuple[str, list[object]]:
    """The statement as SQLite wants it, and its values."""
    statement = _spelled_with(step.statement, tuple(step.columns), len(step.rows), len(step.values))
    return statement, [*step.values, *chain.from_iterable(step.rows)]


@lru_cache(maxsize=64)
def _spelled_with(statement: str, columns: Sequence[str], rows: int, before: int) -> str:
    """Only the rows' first parameter has a number, the others follow: SQLite keeps a list of all that have one."""
    row = f"({', '.join(['?'] * len(columns))})"
    given = ", ".join([row] * rows).replace("?", f"?{before + 1}", 1)
    names = ", ".join(f"column{place} AS {name}" for place, name in enumerate(columns, 1))
    return for_sqlite(statement).format(given=f"(SELECT {names} FROM (VALUES {given})) AS given")


@lru_cache(maxsize=64)
def _in_one(statement: str, columns: Sequence[str]) -> str:
    """As SQLite wants it, with all that it finds as JSON in one value."""
    return f"SELECT json_group_array(json_array({', '.join(columns)})) FROM ({for_sqlite(statement)})"


def _reserved(connection: sqlite3.Connection, step: Reserve) -> Sequence[int]:
    raised = connection.execute(RAISE, (step.count, step.table)).fetchone()
    if raised is None:  # the table has had no row yet
        connection.execute(FIRST, (step.table, step.count))
    last = raised["seq"] if raised is not None else step.count
    return range(last - step.count + 1, last + 1)


@lru_cache(maxsize=64)
def _spelled(statement: str) -> str:
    """As SQLite wants it."""
    return for_sqlite(_NUMBERS.sub(r"IN (SELECT value FROM json_each($\1))", statement))


@lru_cache(maxsize=64)
def _with_arrays(statement: str) -> str:
    """As PostgreSQL wants it."""
    return _NUMBERS.sub(r"= ANY($\1::text::bigint[])", statement)


def _with_lists(values: Sequence[object], written: Callable[[list[int]], str]) -> list[object]:
    """The values, each list among them as one text."""
    return [written(value) if isinstance(value, list) else value for value in values]
