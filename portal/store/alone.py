"""A procedure in a transaction of its own."""

import sqlite3

from tortoise import connections

from portal.store.connections import WRITER, transaction
from portal.store.daybook import carried_over
from portal.store.pragma import pragma
from portal.store.procedure import Found, Procedure, driven, in_one_go, run_within


async def run_alone(procedure: Procedure[Found]) -> Found:
    """Runs it in a transaction of its own. Raises what the database raises, as Tortoise would."""
    client = connections.get(WRITER)
    if client.capabilities.dialect == "sqlite":
        return await in_one_go(client, _committed, procedure, carried_over())
    async with transaction() as connection:
        return await run_within(connection, procedure)


async def note_alone(procedure: Procedure[Found], *, carrying: bool) -> Found:
    """The same for one that writes into SQLite's daybook: notes stay there, but where it is `carrying` them over."""
    return await in_one_go(connections.get(WRITER), _committed_in_memory if carrying else _committed, procedure)


def _committed(
    connection: sqlite3.Connection, procedure: Procedure[Found], before: Procedure[None] | None = None
) -> Found:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if before is not None:
            driven(connection, before)
        found = driven(connection, procedure)
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    return found


def _committed_in_memory(connection: sqlite3.Connection, procedure: Procedure[Found]) -> Found:
    """The same for some hundred rows: what would undo one statement of it waits in memory, where SQLite makes a file of
    its own for it else."""
    with pragma(connection, "temp_store", "MEMORY", then="DEFAULT"):
        return _committed(connection, procedure)
