"""Writes the files of `portal/store/schema` anew: `python -m bench.schema_files`, after adding a migration."""

import asyncio
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import asyncpg
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

from bench.databases import Databases, PostgresqlDatabases, SqliteDatabases
from bench.postgresql import cluster
from portal.cli.machine import postgresql_programs
from portal.store.connections import is_sqlite
from portal.store.migrating import migrate
from portal.store.snapshot import schema_file

MIGRATIONS = Path(__file__).resolve().parents[1] / "portal" / "store" / "migrations"
HEAD = "-- What the migrations up to {newest} make. Written by a program: python -m bench.schema_files\n"
OBJECTS = """
SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 ELSE 3 END, rowid
"""
NOT_OURS = re.compile(r"^(?:--.*|SET .*|SELECT pg_catalog\.set_config.*|\\.*)\n", re.MULTILINE)


def schema_of(url: str) -> str:
    """The statements that make a throw-away database's tables, indexes and triggers.

    PostgreSQL loses its queue of jobs: a library of its own makes and alters that.
    """
    return _of_sqlite(urlsplit(url).path) if is_sqlite(url) else _of_postgresql(url)


def _of_sqlite(path: str) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return "".join(f"{sql.strip()};\n" for (sql,) in connection.execute(OBJECTS))


def _of_postgresql(url: str) -> str:
    programs = postgresql_programs()
    assert programs is not None
    asyncio.run(_drop_queue(url))
    options = ("--schema-only", "--no-owner", "--no-privileges")
    said = subprocess.run([str(programs / "pg_dump"), *options, url], check=True, capture_output=True, text=True)
    return re.sub(r"\n{3,}", "\n\n", NOT_OURS.sub("", said.stdout)).replace("public.", "").strip() + "\n"


async def _drop_queue(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await Queries(AsyncpgDriver(connection)).uninstall()
    finally:
        await connection.close()


def recorded() -> str:
    names = sorted(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))
    rows = ",\n".join(f"    ('portal', '{name}', CURRENT_TIMESTAMP)" for name in names)
    return f"INSERT INTO tortoise_migrations (app, name, applied_at) VALUES\n{rows};\n"


async def step_by_step(url: str) -> None:
    """Applies one migration after the other, as a database that has some already gets them."""
    await migrate(url, step_by_step=True)


def write(databases: Databases) -> None:
    url = databases.make()
    try:
        asyncio.run(step_by_step(url))
        newest = max(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))
        text = f"{HEAD.format(newest=newest)}{schema_of(url)}{recorded()}"
        schema_file(sqlite=is_sqlite(url)).write_text(text, encoding="utf-8")
    finally:
        databases.drop(url)


def main() -> None:
    with TemporaryDirectory() as folder, cluster() as url:
        write(SqliteDatabases(Path(folder)))
        write(PostgresqlDatabases(url))


if __name__ == "__main__":
    main()
