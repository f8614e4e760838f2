"""Bringing a database to the newest schema."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from tortoise import Tortoise
from tortoise.migrations.api import migrate as run_migrations

from portal.store.connections import is_sqlite, orm_config

MIGRATION_LOCK = 7_203_415_591  # any number of our own: the key of the advisory lock


async def migrate(url: str) -> None:
    """Applies the migrations that are missing; opens and closes its own connections.

    Two processes may call it at once: on PostgreSQL they wait for each other by an advisory lock.
    """
    async with _alone(url):
        try:
            await run_migrations(config=orm_config(url))
        finally:
            await Tortoise.close_connections()


@asynccontextmanager
async def _alone(url: str) -> AsyncIterator[None]:
    if is_sqlite(url):
        yield
        return
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        yield
    finally:
        await connection.close()  # and with it the lock
