"""Whether the database has this version's tables."""

import io
import sqlite3
from contextlib import closing, redirect_stdout
from pathlib import Path

import asyncpg
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.migrations.api import plan

from portal.store.connections import disconnect, is_sqlite, orm_config
from portal.store.job_queue import QUEUE, has_queue
from portal.store.migrating import migrate


class NotMigrated(Exception):
    """The database lacks migrations, which `names` lists; `manage.py migrate` applies them."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"the database lacks {', '.join(names)}; run: manage.py migrate")
        self.names = names


async def make_ready(url: str) -> None:
    """SQLite is brought to this version's tables: it is the portal's own file, and there is nobody else to do it.

    A PostgreSQL server is only asked, since its tables change when its owner decides. Raises NotMigrated.
    """
    if is_sqlite(url):
        sqlite_file(url).parent.mkdir(parents=True, exist_ok=True)
        await _ask(url)
        await migrate(url)
    elif missing := await missing_migrations(url):
        raise NotMigrated(missing)


async def missing_migrations(url: str) -> list[str]:
    """The migrations that the database lacks, in their order; opens and closes its own connections.

    Raises what a database that cannot be reached raises.
    """
    await _ask(url)
    with redirect_stdout(io.StringIO()):  # Tortoise prints its plan
        try:
            lines = await plan(config=orm_config(url))
        finally:
            await disconnect()
    missing = [line.removeprefix("+ portal.") for line in lines if line.startswith("+ ")]
    queue = [] if is_sqlite(url) or await has_queue(url) else [QUEUE]
    return missing + queue


async def _ask(url: str) -> None:
    """Tortoise would take a server that does not answer for one without tables."""
    if is_sqlite(url):
        with closing(sqlite3.connect(sqlite_file(url))) as connection:
            connection.execute("PRAGMA schema_version")
    else:
        await (await asyncpg.connect(url)).close()


def sqlite_file(url: str) -> Path:
    return Path(expand_db_url(url)["credentials"]["file_path"])
