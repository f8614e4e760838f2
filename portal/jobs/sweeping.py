"""The jobs of one process: what is due is looked up in the rows, so a lost job costs a minute and never a notice."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from pgqueuer import PgQueuer
from pgqueuer.adapters.inmemory import InMemoryQueries
from pgqueuer.models import Job

from portal.actions.claim import Range, due_ranges, expire_leases
from portal.actions.outbox import expire_mail, mail_due
from portal.jobs.mails import send_mails
from portal.jobs.notices import send_notices
from portal.jobs.office import Office, log_error
from portal.keys import Keys
from portal.settings import Settings
from portal.store.outbox import OutgoingMail

RANGE = 5000
SWEEP_SECONDS = 60
STOP_SECONDS = 20
Sweep = Callable[[datetime], Awaitable[object]]


class Jobs:
    """Hands what is due to jobs: at the start, each minute, and when somebody says that there is new work."""

    def __init__(self, office: Office, also: Sequence[Sweep] = ()) -> None:
        self.office = office
        self._also = also
        self._queue = self._opened()
        self._running: set[bytes] = set()
        self._quiet = asyncio.Event()
        self._wanted = asyncio.Event()
        self._again = False
        self._sweeping = asyncio.Lock()

    @property
    def trouble(self) -> str:
        """Why nothing can be sent at present, empty where all is well: for ops."""
        return self.office.trouble

    def wake(self) -> None:
        """There is new work. Call it after the transaction that made it; it costs nothing."""
        self._wanted.set()

    async def idle(self) -> None:
        """Returns when everything that could be sent by now has been tried."""
        while True:
            tried = self.office.tried
            await self.sweep()
            await self._quiet.wait()
            if self.office.closed or (self.office.tried == tried and not self._again):
                return

    async def sweep(self) -> None:
        """Looks at the rows and hands out what is due. A sweep that fails is logged, the next one comes."""
        async with self._sweeping:
            try:
                await self._sweep(self.office.clock())
            except Exception as error:  # noqa: BLE001 - a database that is away must not end the server
                log_error("sweep", error)
            if not self._running:
                self._quiet.set()

    async def run(self) -> None:
        """Sweeps at the start and each minute, or sooner when woken, until it is cancelled."""
        while not self.office.stopping:
            await self.sweep()
            # Not `wait_for`: before Python 3.12 it loses a cancellation that comes together with the wake-up.
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_SECONDS):
                    await self._wanted.wait()
            self._wanted.clear()

    async def work(self) -> None:
        """Runs the jobs until `stop`. A queue that breaks is replaced: the next sweep fills the new one."""
        while not self.office.stopping:
            try:
                await self._queue.run(dequeue_timeout=timedelta(seconds=30))
            except Exception as error:  # noqa: BLE001 - what is due lies in the rows
                log_error("queue", error)
                await asyncio.sleep(1)
            if not self.office.stopping:
                self._queue = self._opened()
                self._running.clear()
                self._quiet.set()

    def stop(self) -> None:
        """Begins no further message; those on the wire come to their end."""
        self.office.stopping = True
        self._queue.shutdown.set()

    def _opened(self) -> PgQueuer:
        queue = PgQueuer.in_memory()
        queue.entrypoint("notices")(self._notices)
        queue.entrypoint("mails")(self._mails)
        return queue

    async def _sweep(self, at: datetime) -> None:
        self.office.reopen()
        self._again = False
        await self._forget()
        resend = self.office.retries.resend_unknown
        await expire_leases(at, resend=resend)
        await expire_mail(at, resend=resend)
        if await OutgoingMail.exists(mail_due(at)):
            await self._hand_out("mails", b"mails")
        for of in await due_ranges(at, RANGE):
            await self._hand_out("notices", json.dumps([of.version_id, of.first, of.last]).encode())
        for sweep in self._also:
            await sweep(at)

    async def _forget(self) -> None:
        """Drops the queue's log of the jobs that are done, which nobody reads and which would grow for ever."""
        queries = self._queue.queries
        if isinstance(queries, InMemoryQueries):
            await queries.clear_queue_log()
            await queries.clear_statistics_log()

    async def _hand_out(self, job: str, payload: bytes) -> None:
        if payload in self._running:  # it may be about to end, without having seen what is new
            self._again = True
            return
        self._running.add(payload)
        self._quiet.clear()
        await self._queue.qm.queries.enqueue(job, payload)

    async def _notices(self, job: Job) -> None:
        payload = job.payload or b"[]"
        await self._run(payload, "notices", send_notices(self.office, Range(*json.loads(payload))))

    async def _mails(self, job: Job) -> None:
        await self._run(job.payload or b"", "mails", send_mails(self.office))

    async def _run(self, payload: bytes, name: str, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - the rows still say what is due, the next sweep tries again
            log_error(name, error)
        finally:
            self._running.discard(payload)
            if not self._running:
                await self.office.hang_up()
                self._quiet.set()
                if self._again and not self.office.closed:
                    self.wake()


@asynccontextmanager
async def running(
    settings: Settings, keys: Keys, clock: Callable[[], datetime], also: Sequence[Sweep] = ()
) -> AsyncIterator[Jobs]:
    """The jobs of this process while the block lasts; the database must be open. `also`: called at each sweep.

    At its end messages on the wire are finished for up to 20 seconds; what is cut off then is *unknown* when its
    lease ends.
    """
    jobs = Jobs(Office(settings, keys, clock), also)
    work, sweeps = asyncio.create_task(jobs.work()), asyncio.create_task(jobs.run())
    try:
        yield jobs
    finally:
        jobs.stop()
        sweeps.cancel()
        _, late = await asyncio.wait([work], timeout=STOP_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(work, sweeps, return_exceptions=True)
