"""The databases that we are measured on, both durable: SQLite in a file, or a PostgreSQL server for this run only."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from bench.absent import NotRun
from bench.databases import Databases, PostgresqlDatabases, SqliteDatabases
from bench.postgresql import PRIVATE, ClusterFailed, cluster
from portal.store import migrate

SQLITE, POSTGRESQL = "sqlite", "postgresql"
# As a company would run it: what is committed is on the disk, and there is some memory for it.
DURABLE = {**PRIVATE, "shared_buffers": "512MB", "max_wal_size": "4GB"}
Make = Callable[[str], Coroutine[Any, Any, None]]


class Portals:
    """Databases of portals, made once and copied for each run."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._made: dict[str, str] = {}

    @contextmanager
    def copy(self, name: str, make: Make) -> Iterator[str]:
        """The URL of a database that is as `make` left the first one of that name: it gets the URL of an empty one."""
        if name not in self._made:
            self._made[name] = self._databases.make(like=self._migrated)
            asyncio.run(make(self._made[name]))
        url = self._databases.make(like=self._made[name])
        try:
            yield url
        finally:
            self._databases.drop(url)

    @cached_property
    def _migrated(self) -> str:
        url = self._databases.make()
        asyncio.run(migrate(url))
        return url


@contextmanager
def portals(kind: str, folder: Path) -> Iterator[Portals]:
    """`sqlite`, in that folder, or `postgresql`. Raises NotRun where PostgreSQL does not start."""
    with ExitStack() as stack:
        yield Portals(SqliteDatabases(folder) if kind == SQLITE else PostgresqlDatabases(_server(stack)))


def _server(stack: ExitStack) -> str:
    try:
        return stack.enter_context(cluster(DURABLE, in_memory=False))
    except ClusterFailed as failed:
        raise NotRun(str(failed).strip()) from failed
