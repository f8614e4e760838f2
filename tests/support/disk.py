"""The disk that a database lies on, to be filled up."""

from contextlib import suppress

import asyncpg
from tortoise import connections
from tortoise.exceptions import OperationalError

from portal.actions.actor import SYSTEM
from portal.actions.record import record
from portal.store.connections import WRITER, is_sqlite, transaction
from tests.support.clock import START

# As PostgreSQL says it, from the instant at which the table says so: a trigger made in the midst would have to wait.
WITH_A_SWITCH = """
CREATE TABLE disk AS SELECT false AS is_full;
CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT is_full FROM disk) THEN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER no_space BEFORE INSERT OR UPDATE ON notice FOR EACH STATEMENT EXECUTE FUNCTION no_space();
CREATE TRIGGER no_space BEFORE INSERT OR UPDATE ON sending FOR EACH STATEMENT EXECUTE FUNCTION no_space();
CREATE TRIGGER no_space BEFORE INSERT OR UPDATE ON outgoing_mail FOR EACH STATEMENT EXECUTE FUNCTION no_space();
"""


class Disk:
    """The one that the database lies on."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def prepare(self) -> None:
        if not is_sqlite(self._url):
            await self._execute(WITH_A_SWITCH)

    async def fill(self) -> None:
        if is_sqlite(self._url):
            writer = connections.get(WRITER)
            [row] = await writer.execute_query_dict("PRAGMA page_count")
            await writer.execute_query(f"PRAGMA max_page_count = {row['page_count']}")
            await self._fill_what_is_free()
        else:
            await self._execute("UPDATE disk SET is_full = true")

    async def _fill_what_is_free(self) -> None:
        """Pages that are free, too, and at last the rest of the last one."""
        for size in (100_000, 3_000, 100, 0):
            with suppress(OperationalError):
                while True:
                    async with transaction():
                        await record("test", SYSTEM, START, filler="x" * size)

    async def make_room(self) -> None:
        if is_sqlite(self._url):
            await connections.get(WRITER).execute_query("PRAGMA max_page_count = 1000000")
        else:
            await self._execute("UPDATE disk SET is_full = false")

    async def _execute(self, statements: str) -> None:
        own = await asyncpg.connect(self._url)
        await own.execute(statements)
        await own.close()
