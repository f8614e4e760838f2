"""What keeps the database from working at all: none of it is the fault of the statement that met it."""

import re
import sqlite3
from enum import StrEnum
from pathlib import Path

import asyncpg
from tortoise import connections
from tortoise.exceptions import DBConnectionError

from portal.store import migrations
from portal.store.connections import READER, is_sqlite
from portal.store.job_queue import QUEUE, QueueMissing, has_queue

_KNOWN = sorted(path.stem for path in Path(migrations.__path__[0]).glob("[0-9]*.py"))
_LACKING = re.compile(r"no such (table|column)|has no column named")


class Outage(StrEnum):
    """Why nothing can be recorded."""

    FULL = "full"  # its disk is
    AWAY = "away"  # it cannot be reached, or takes no writing
    BEHIND = "behind"  # it lacks a table or a column: see `unapplied`


def outage_of(error: BaseException) -> Outage | None:
    """What an error of the database means; None where the fault lies elsewhere, in a broken promise say."""
    found = {_of_one(one) for one in _origins(error)} - {None}
    return next((outage for outage in Outage if outage in found), None)


async def unapplied(url: str) -> list[str]:
    """The migrations of this version that the database lacks, in their order; it has to be open already."""
    reader = connections.get(READER)
    try:
        rows = await reader.execute_query_dict("SELECT name FROM tortoise_migrations WHERE app = 'portal'")
    except Exception as error:
        if outage_of(error) is not Outage.BEHIND:
            raise
        rows = []
    applied = {row["name"] for row in rows}
    queue = [] if is_sqlite(url) or await has_queue(url) else [QUEUE]
    return [name for name in _KNOWN if name not in applied] + queue


def _origins(error: BaseException) -> list[BaseException]:
    """The error, and those that Tortoise has wrapped."""
    inner = [error.__cause__, *error.args]
    return [error, *(one for one in inner if isinstance(one, BaseException))]


def _of_one(error: BaseException) -> Outage | None:
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(getattr(error, "sqlite_errorname", "") or "", str(error))
    match error:
        case asyncpg.DiskFullError():
            return Outage.FULL
        case asyncpg.UndefinedTableError() | asyncpg.UndefinedColumnError() | QueueMissing():
            return Outage.BEHIND
        case OSError() | DBConnectionError() | asyncpg.InterfaceError() | asyncpg.InternalClientError():
            return Outage.AWAY
        case (
            asyncpg.PostgresConnectionError()
            | asyncpg.InsufficientResourcesError()
            | asyncpg.AdminShutdownError()
            | asyncpg.CrashShutdownError()
            | asyncpg.CannotConnectNowError()
            | asyncpg.ReadOnlySQLTransactionError()
            | asyncpg.PostgresSystemError()
        ):
            return Outage.AWAY
    return None


def _of_sqlite(name: str, words: str) -> Outage | None:
    if name == "SQLITE_FULL":
        return Outage.FULL
    if name.startswith(("SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_BUSY")):
        return Outage.AWAY
    return Outage.BEHIND if _LACKING.search(words) else None
