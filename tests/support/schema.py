"""What a database really has: names of indexes, checks and triggers, and the number of rows."""

import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from portal.store.connections import is_sqlite


async def ask(url: str, sqlite: str, postgresql: str) -> list[tuple[str, ...]]:
    """Runs the one or the other query on a connection of its own."""
    if is_sqlite(url):
        with sqlite3.connect(Path("/") / urlsplit(url).path) as connection:
            return [tuple(row) for row in connection.execute(sqlite)]
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row.values()) for row in await connection.fetch(postgresql)]
    finally:
        await connection.close()


async def indexes_of(url: str, table: str) -> set[str]:
    rows = await ask(
        url,
        f"SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = '{table}'",
        f"SELECT indexname FROM pg_indexes WHERE tablename = '{table}'",
    )
    return {row[0] for row in rows}


async def checks_of(url: str, table: str, names: set[str]) -> set[str]:
    """Which of the named checks the table has."""
    rows = await ask(
        url,
        f"SELECT sql FROM sqlite_master WHERE type = 'table' AND name = '{table}'",
        f"SELECT string_agg(conname, ' ') FROM pg_constraint WHERE contype = 'c' AND conrelid = '{table}'::regclass",
    )
    return {name for name in names if name in (rows[0][0] or "")}


async def triggers_of(url: str) -> set[str]:
    """All triggers but those of the queue of jobs, whose tables are a library's own."""
    rows = await ask(
        url,
        "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text NOT LIKE 'pgqueuer%'",
    )
    return {row[0] for row in rows}
