"""SQL that runs on both databases, written as PostgreSQL wants it."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from tortoise.backends.base.client import BaseDBAsyncClient

_PARAMETER = re.compile(r"\$(\d+)(?:::\w+)?")
_LOCK = re.compile(r" FOR NO KEY UPDATE OF \w+ SKIP LOCKED")


def for_dialect(connection: BaseDBAsyncClient, statement: str) -> str:
    """`$1::timestamptz` becomes `?1` on SQLite, which numbers parameters but has no such types; JSON is made alike. It
    locks no rows: there is one writer."""
    return for_sqlite(statement) if connection.capabilities.dialect == "sqlite" else statement


def for_sqlite(statement: str) -> str:
    return _PARAMETER.sub(r"?\1", _LOCK.sub("", statement)).replace("jsonb_build_object(", "json_object(")


async def execute(connection: BaseDBAsyncClient, statement: str, values: Sequence[object] = ()) -> None:
    """Runs one statement that returns no rows; instants have to be in UTC."""
    await connection.execute_query(for_dialect(connection, statement), list(values))


async def execute_many(connection: BaseDBAsyncClient, statement: str, rows: Sequence[Sequence[object]]) -> None:
    """Runs one statement for each row of values."""
    if rows:
        await connection.execute_many(for_dialect(connection, statement), [list(row) for row in rows])


def stored_instant(stored: datetime | str) -> datetime:
    """An instant as a statement gives it, which on SQLite is text; in UTC."""
    return (datetime.fromisoformat(stored) if isinstance(stored, str) else stored).astimezone(UTC)
