"""Bringing a database to the newest schema."""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from tortoise import Tortoise
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.migrations.api import migrate as run_migrations

from portal.store.connections import is_sqlite, orm_config
from portal.store.job_queue import bring_queue
from portal.store.snapshot import fill_if_empty

MIGRATION_LOCK = 7_203_415_591  # any number of our own: the key of the advisory lock


async def migrate(url: str, *, step_by_step: bool = False) -> None:
    """Applies the migrations that are missing; opens and closes its own connections.

    An empty database gets what they make in one go (see `snapshot.py`), if not `step_by_step`.

    Two processes may call it at once, they wait for each other: Tortoise itself takes no lock.
    """
    async with _alone_on_sqlite(url) if is_sqlite(url) else _alone_on_postgresql(url):
        try:
            if not step_by_step:
                await fill_if_empty(url)
            await run_migrations(config=orm_config(url))
        finally:
            await Tortoise.close_connections()
        if not is_sqlite(url):
            await bring_queue(url)


@asynccontextmanager
async def _alone_on_postgresql(url: str) -> AsyncIterator[None]:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        yield
    finally:
        await connection.close()  # and with it the lock


@asynccontextmanager
async def _alone_on_sqlite(url: str) -> AsyncIterator[None]:
    """A lock on a file beside the database, which may not exist yet."""
    database = Path(expand_db_url(url)["credentials"]["file_path"])
    with database.with_name(database.name + ".migrating").open("w") as turn:
        await asyncio.to_thread(fcntl.flock, turn, fcntl.LOCK_EX)
        yield
