"""Databases for tests and measurements: made fresh, or as a copy of another one, which takes milliseconds."""

import asyncio
import shutil
import sqlite3
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg


class Databases(Protocol):
    """Makes databases of one kind, and throws them away; a database is named by its URL."""

    def make(self, like: str | None = None) -> str:
        """An empty database, or a copy of another one that nobody is connected to."""

    def drop(self, url: str) -> None:
        """Remove the database; connections that a test left open are cut."""


class SqliteDatabases:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, like: str | None = None) -> str:
        path = self.folder / f"{uuid4().hex}.sqlite3"
        if like:
            original = urlsplit(like).path
            self._finish(original)
            shutil.copyfile(original, path)
        return f"sqlite://{path}"

    def drop(self, url: str) -> None:
        for path in Path(self.folder).glob(Path(urlsplit(url).path).name + "*"):
            path.unlink()

    def _finish(self, path: str) -> None:
        """Brings what is still in the write-ahead log into the file."""
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()


class PostgresqlDatabases:
    """Needs PostgreSQL 15 or newer, which would by default copy through its log: four times slower for a small one."""

    def __init__(self, cluster_url: str) -> None:
        self.cluster_url = cluster_url

    def make(self, like: str | None = None) -> str:
        name = f"test_{uuid4().hex}"
        template = urlsplit(like).path.removeprefix("/") if like else "template0"
        in_own_loop(self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'))
        return urlsplit(self.cluster_url)._replace(path=f"/{name}").geturl()

    def drop(self, url: str) -> None:
        name = urlsplit(url).path.removeprefix("/")
        in_own_loop(self._execute(f'DROP DATABASE "{name}" WITH (FORCE)'))

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.cluster_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def in_own_loop(work: Coroutine[Any, Any, None]) -> None:
    """Runs it to its end in another thread: the test's own thread may have an event loop already, or Playwright's."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, work).result()
