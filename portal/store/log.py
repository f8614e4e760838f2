"""SQLite's log: what is written stands there first, and stays until it is written over, also where it was erased."""

import sqlite3

from tortoise import connections

from portal.store.connections import BUSY_MS, WRITER
from portal.store.pragma import pragma
from portal.store.procedure import in_one_go


async def empty_log() -> bool:
    """Has the log written into the database's file and cut to nothing, where nobody reads in it at this moment; whether
    it is empty. PostgreSQL sees to its own."""
    client = connections.get(WRITER)
    if client.capabilities.dialect != "sqlite":
        return True
    return await in_one_go(client, _emptied)


def _emptied(connection: sqlite3.Connection) -> bool:
    with pragma(connection, "busy_timeout", 0, then=BUSY_MS):  # else whoever writes would have to wait as long
        [busy, *_pages] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
