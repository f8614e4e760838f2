"""Opening the database, and the one way to write to it.

Two connections on SQLite: `default` writes, `reader` cannot (`PRAGMA query_only`). Whatever runs outside of
`transaction()` reads through the second, so a page stays quick behind a long write, and a GET that tried to write would
fail. On PostgreSQL both names are pools of the same database.
"""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tortoise import Tortoise, connections
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.context import TortoiseContext
from tortoise.models import Model

from portal.store.begun import Begun
from portal.store.daybook import carried_over
from portal.store.procedure import driven, in_one_go

WRITER, READER = "default", "reader"

BUSY_MS = 30_000
"""So long a writer waits for another one (SQLite)."""
# A page that is written often goes into the database's file once for all that stand in the log, and a log that keeps
# its length needs no new room at each commit. What is deleted is overwritten, whoever built SQLite.
_WRITING = {"wal_autocheckpoint": 4000, "journal_size_limit": 32 * 1024 * 1024, "secure_delete": 1}
_READING = {"query_only": 1}

MODELS = [
    f"portal.store.{module}"
    for module in (
        "staff",
        "policies",
        "drafts",
        "members",
        "notices",
        "holds",
        "mail_domains",
        "recipient_roll",
        "answers",
        "declarations",
        "outcomes",
        "access",
        "outbox",
        "returned",
        "replies",
        "address_changes",
        "requests",
        "submissions",
        "events",
    )
]

_writing: ContextVar[bool] = ContextVar("writing", default=False)


class ReadElsewhere:
    """Sends reads to the reader, but for those inside of a transaction, which must see what it wrote. Outside of one
    nothing is written: raises RuntimeError."""

    def db_for_read(self, _model: type[Model]) -> str:
        return WRITER if _writing.get() else READER

    def db_for_write(self, model: type[Model]) -> str:
        if not _writing.get():
            raise RuntimeError(f"{model.__name__} is written outside of transaction()")
        return WRITER


def in_transaction() -> bool:
    """Whether the caller runs inside of `transaction()`."""
    return _writing.get()


def has_daybook() -> bool:
    """Whether the database that is open keeps one (see `daybook.py`)."""
    dialect: str = connections.get(WRITER).capabilities.dialect
    return dialect == "sqlite"


def is_sqlite(url: str) -> bool:
    return urlsplit(url).scheme == "sqlite"


def orm_config(url: str) -> dict[str, Any]:
    """Tortoise's configuration for a database URL (`sqlite:///…`, `postgres://…`)."""
    return {
        "connections": {
            WRITER: _connection(url, _WRITING),
            READER: _connection(url, _READING),
        },
        "apps": {
            "portal": {"models": MODELS, "default_connection": WRITER, "migrations": "portal.store.migrations"},
        },
        "routers": [ReadElsewhere],
        "use_tz": True,
        "timezone": "UTC",
    }


async def connect(url: str) -> TortoiseContext:
    """Opens the database for this process; `disconnect()` when done.

    Both connections are opened here: a task that is cancelled while it opens one would leave it open for good.
    """
    context = await Tortoise.init(config=orm_config(url), _enable_global_fallback=True)
    for name in (WRITER, READER):
        await context.connections.get(name).execute_query("SELECT 1")
    return context


async def disconnect() -> None:
    await Tortoise.close_connections()


@asynccontextmanager
async def transaction() -> AsyncIterator[BaseDBAsyncClient]:
    """One transaction: all or nothing. Nothing is written but in here.

    SQLite: the first statement takes the write lock (and changes nothing), so that two processes wait for each other
    instead of failing with "database is locked" when both have read before they write. What stands in the daybook is
    carried over.
    """
    async with Begun(WRITER) as connection:
        writing = _writing.set(True)
        try:
            if connection.capabilities.dialect == "sqlite":
                await in_one_go(connection, _locked)
            yield connection
        finally:
            _writing.reset(writing)


def _locked(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE policy SET id = id WHERE 0")
    driven(connection, carried_over())


def _connection(url: str, pragmas: Mapping[str, int]) -> dict[str, Any]:
    """A connection as Tortoise wants it; `postgres://` means asyncpg. `pragmas` are for SQLite."""
    if not is_sqlite(url):
        connection = expand_db_url(urlunsplit(urlsplit(url)._replace(scheme="asyncpg")))
        connection["credentials"]["reset"] = _as_it_is
        return connection
    connection = expand_db_url(url)
    connection["credentials"] |= {"busy_timeout": BUSY_MS, **pragmas}
    return connection


async def _as_it_is(_connection: object) -> None:
    """How PostgreSQL's connections go back into their pool, once asyncpg has ended what was open: nothing here leaves a
    setting, a lock, a cursor or a listener behind in one, and asking for their removal would be one more answer to wait
    for with each transaction and each read."""


DEVELOPMENT = orm_config("sqlite://:memory:")  # for Tortoise's own command line: it compares models with migrations
