"""The schema that all migrations together make, as a file for each database: an empty one gets it in one go.

The files are written by `python -m bench.schema_files`, and name the migrations that they stand for; those that
came later are applied as usual. A test compares what a file makes with what the migrations make.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
from tortoise.backends.base.config_generator import expand_db_url

from portal.store.connections import is_sqlite

FOLDER = Path(__file__).with_name("schema")
TABLES = "SELECT count(*) FROM pg_catalog.pg_class WHERE relnamespace = current_schema()::regnamespace"


def schema_file(*, sqlite: bool) -> Path:
    return FOLDER / ("sqlite.sql" if sqlite else "postgresql.sql")


async def fill_if_empty(url: str) -> bool:
    """Gives an empty database all tables, in one transaction; whether it was empty. The migrations' lock is held."""
    script = schema_file(sqlite=is_sqlite(url)).read_text(encoding="utf-8")
    return _fill_sqlite(url, script) if is_sqlite(url) else await _fill_postgresql(url, script)


def _fill_sqlite(url: str, script: str) -> bool:
    with closing(sqlite3.connect(expand_db_url(url)["credentials"]["file_path"], isolation_level=None)) as connection:
        [empty] = connection.execute("SELECT count(*) = 0 FROM sqlite_master").fetchone()
        if empty:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nCOMMIT;")
        return bool(empty)


async def _fill_postgresql(url: str, script: str) -> bool:
    connection = await asyncpg.connect(url)
    try:
        empty = not await connection.fetchval(TABLES)
        if empty:
            await connection.execute(script)  # several statements at once are one transaction
        return empty
    finally:
        await connection.close()
