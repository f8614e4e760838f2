"""The queue of jobs in PostgreSQL, as far as transactions put jobs into it. SQLite has none: see `jobs/queue.py`."""

import asyncpg
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries
from tortoise.backends.base.client import BaseDBAsyncClient

SWEEP = "sweep"
"""The job that looks for what is due, and hands it out."""


QUEUE = "the tables of the queue of jobs"


class QueueMissing(Exception):
    """The database has no queue, or one of another version of the library; `manage.py migrate` makes it."""


def key_of(job: str, payload: bytes) -> str:
    """By which the same job is known: it waits or runs once."""
    return f"{job} {payload.decode()}"


async def call_for_a_sweep(connection: BaseDBAsyncClient) -> None:
    """Has a worker, on whatever host, look for what is due as soon as this transaction is committed; never before."""
    if connection.capabilities.dialect == "sqlite":
        return
    own: asyncpg.Connection = connection._connection  # noqa: SLF001 - the transaction's own
    await Queries(AsyncpgDriver(own)).enqueue(SWEEP, b"", dedupe_key=key_of(SWEEP, b""), on_conflict="skip")


async def bring_queue(url: str) -> None:
    """Makes the queue's tables, or brings them to the installed library's."""
    connection = await asyncpg.connect(url)
    try:
        queries = Queries(AsyncpgDriver(connection))
        if await queries.schema_is_installed():
            await queries.upgrade()
        else:
            await queries.install()
    finally:
        await connection.close()


async def has_queue(url: str) -> bool:
    connection = await asyncpg.connect(url)
    try:
        queries = Queries(AsyncpgDriver(connection))
        return await queries.schema_is_installed() and not (await queries.plan_upgrade()).statements
    finally:
        await connection.close()
