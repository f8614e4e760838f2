"""Where jobs wait: in this process with SQLite, in the database with PostgreSQL, where any worker may take them.

A job only says where to look; rows say what is due. So one that is lost, or done twice, costs a minute or a look.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.adapters.inmemory import InMemoryQueries
from pgqueuer.models import Job
from pgqueuer.queries import Queries

from portal.store.connections import is_sqlite
from portal.store.job_queue import QueueMissing, has_queue, key_of

Work = Callable[[bytes], Awaitable[None]]
LOOK_SECONDS = 0.02
CLOSE_SECONDS = 1.0
DEAD_AFTER = timedelta(seconds=5)
"""A worker that was not heard of for so long is taken for dead, and its jobs are others'. So often they look, too."""
AT_A_TIME = 4
"""So many jobs of one kind a process does at most: each holds a batch of messages, and others are for other workers."""


class Queue(Protocol):
    """`own`: what is put here is done here."""

    own: bool

    async def open(self, works: Mapping[str, Work]) -> None:
        """Makes ready for the jobs of these names."""

    async def put(self, job: str, payload: bytes) -> bool:
        """Hands out a job; False where the same one waits or runs already."""

    async def empty(self) -> None:
        """Returns when nobody has yet to take, or to end, a job of this queue."""

    async def run(self) -> None:
        """Does jobs until `stop`, or raises what broke."""

    async def tidy(self) -> None:
        """Drops what nobody reads of jobs that are done."""

    def stop(self) -> None: ...

    async def close(self) -> None: ...


def queue_for(url: str) -> Queue:
    return InProcess() if is_sqlite(url) else InDatabase(url)


class InProcess:
    own = True

    def __init__(self) -> None:
        self._queuers: dict[str, PgQueuer] = {}
        self._ended = False

    async def open(self, works: Mapping[str, Work]) -> None:
        self._queuers = {name: PgQueuer.in_memory() for name in works}
        for name, work in works.items():
            self._queuers[name].entrypoint(name)(_entrypoint(work))

    async def put(self, job: str, payload: bytes) -> bool:
        await self._queuers[job].qm.queries.enqueue(job, payload)
        return True

    async def empty(self) -> None:
        return

    async def run(self) -> None:
        if self._ended:  # while it was being opened
            return
        await asyncio.gather(*map(_take_jobs, self._queuers.values()))

    async def tidy(self) -> None:
        for queuer in self._queuers.values():
            queries = queuer.queries
            if isinstance(queries, InMemoryQueries):
                await queries.clear_queue_log()
                await queries.clear_statistics_log()

    def stop(self) -> None:
        self._ended = True
        for queuer in self._queuers.values():
            queuer.shutdown.set()

    async def close(self) -> None:
        return


class InDatabase:
    """Each kind of job is taken by itself: a long campaign must not keep a one-time code waiting."""

    own = False

    def __init__(self, url: str) -> None:
        self._url = url
        self._ended = False
        self._connections: list[asyncpg.Connection] = []
        self._queuers: list[PgQueuer] = []
        self._runs: list[asyncio.Task[None]] = []

    async def open(self, works: Mapping[str, Work]) -> None:
        await self.close()
        if not await has_queue(self._url):
            raise QueueMissing
        for name, work in works.items():
            connection = await asyncpg.connect(self._url)
            connection.add_termination_listener(self._lost)
            queuer = PgQueuer.from_asyncpg_connection(connection)
            queuer.entrypoint(name)(_entrypoint(work))
            self._connections.append(connection)
            self._queuers.append(queuer)

    async def put(self, job: str, payload: bytes) -> bool:
        queries = self._queuers[0].qm.queries
        [taken] = await queries.enqueue(job, payload, dedupe_key=key_of(job, payload), on_conflict="skip")
        return taken is not None

    async def empty(self) -> None:
        while self._queuers:
            if not any(one.count for one in await self._queuers[0].qm.queries.queue_size()):
                return
            await asyncio.sleep(LOOK_SECONDS)  # nobody tells of jobs that others end

    async def run(self) -> None:
        if self._ended:  # while it was being opened
            return
        runs = [asyncio.create_task(_take_jobs(queuer)) for queuer in self._queuers]
        self._runs = [run for run in self._runs if not run.done()] + runs
        try:
            await asyncio.gather(*runs)
            await asyncio.gather(*self._runs, return_exceptions=True)
        except asyncio.CancelledError:
            for run in self._runs:
                run.cancel()
            raise
        except Exception:
            self._take_no_more()
            raise

    async def tidy(self) -> None:
        queries = Queries(self._queuers[0].connection)
        await queries.clear_queue_log()
        await queries.clear_statistics_log()

    def stop(self) -> None:
        self._ended = True
        self._take_no_more()

    def _lost(self, _connection: asyncpg.Connection) -> None:
        """Else they would learn of it when they next look."""
        self._take_no_more()

    def _take_no_more(self) -> None:
        """They end with the jobs that they have."""
        for queuer in self._queuers:
            queuer.shutdown.set()

    async def close(self) -> None:
        connections, self._connections, self._queuers = self._connections, [], []
        for connection in connections:
            with suppress(asyncpg.PostgresError, OSError):  # it may be gone already
                await connection.close(timeout=CLOSE_SECONDS)


async def _take_jobs(queuer: PgQueuer) -> None:
    # Not `PgQueuer.run`, which would look for schedules each second, too: we have none.
    await queuer.qm.run(
        dequeue_timeout=DEAD_AFTER,
        batch_size=1,
        max_concurrent_tasks=AT_A_TIME,
        heartbeat_timeout=DEAD_AFTER,
    )


def _entrypoint(work: Work) -> Callable[[Job], Awaitable[None]]:
    async def done(job: Job) -> None:
        await work(job.payload or b"")

    return done
