"""The jobs of one process: what is due is looked up in the rows, so a lost job costs a minute and never a notice."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime

from portal.actions.claim import Range, due_ranges, expire_leases
from portal.actions.holding_back import forget_domains
from portal.actions.outbox import expire_mail, mail_due
from portal.jobs.desk import Desks
from portal.jobs.mails import send_mails
from portal.jobs.notices import send_notices
from portal.jobs.office import Office, log_error
from portal.jobs.queue import Queue
from portal.store.job_queue import SWEEP
from portal.store.outage import Outage
from portal.store.outbox import OutgoingMail

RANGE = 5000
SWEEP_SECONDS = 60
REOPEN_SECONDS = 1
Sweep = Callable[[datetime], Awaitable[object]]


class Jobs:
    """Hands what is due to jobs: at the start, each minute, and when somebody says that there is new work."""

    def __init__(self, office: Office, queue: Queue, also: Sequence[Sweep] = (), *, work: bool = True) -> None:
        self.office = office
        self._work = work
        self._to_open = not work
        self._desks = Desks(office)
        self._also = also
        self._queue = queue
        self._opened = asyncio.Event()
        if not work:  # nobody else opens it
            self._opened.set()
        self._running: set[bytes] = set()
        self._quiet = asyncio.Event()
        self._wanted = asyncio.Event()
        self._again = False
        self._sweeping = asyncio.Lock()

    @property
    def trouble(self) -> str:
        """Why nothing, or not everything, can be sent at present, empty where all is well."""
        return self.office.trouble or self.office.too_large

    @property
    def troubles(self) -> tuple[Outage | None, str, str]:
        """For ops: why nothing can be recorded, why the relay cannot be used, why messages are left out."""
        return self.outage, self.office.trouble, self.office.too_large

    @property
    def outage(self) -> Outage | None:
        """Why nothing can be recorded at present, so that nothing is sent."""
        return self.office.backlog.outage

    def wake(self) -> None:
        """There is new work. Call it after the transaction that made it; it costs nothing."""
        self._wanted.set()

    async def idle(self) -> None:
        """Returns when everything that could be sent by now has been tried."""
        while True:
            tried = self.office.tried
            await self.sweep()
            await self._quiet.wait()
            await self._queue.empty()
            if self.office.closed or (self.office.tried == tried and not self._again):
                return

    async def sweep(self) -> None:
        """Looks at the rows and hands out what is due. A sweep that fails is logged, the next one comes."""
        await self._opened.wait()
        async with self._sweeping:
            if self.office.stopping:
                return
            try:
                if self._to_open:
                    await self.open()
                    self._to_open = False
                await self._sweep(self.office.clock())
            except Exception as error:  # noqa: BLE001 - a database that is away must not end the server
                self._to_open = not self._work
                await self._failed("sweep", error)
            if not self._running:
                self._quiet.set()

    async def run(self) -> None:
        """Sweeps at the start and each minute until `stop`; sooner when woken, or to go on with a domain."""
        while not self.office.stopping:
            await self.sweep()
            # Not `wait_for`: before Python 3.12 it loses a cancellation that comes together with the wake-up.
            with suppress(TimeoutError):
                async with asyncio.timeout(self._rest_seconds()):
                    await self._wanted.wait()
            self._wanted.clear()

    async def work(self) -> None:
        """Runs the jobs until `stop`. A queue that breaks is opened anew, and a sweep fills it."""
        while not self.office.stopping:
            try:
                await self.open()
                await self._queue.run()
            except Exception as error:  # noqa: BLE001 - what is due lies in the rows
                await self._failed("queue", error)
            self._opened.clear()
            if not self.office.stopping:
                self.wake()
                await asyncio.sleep(REOPEN_SECONDS)

    async def open(self) -> None:
        """Makes the queue ready to take jobs."""
        await self._queue.open({SWEEP: self._looked, "notices": self._notices, "mails": self._mails})
        self._running.clear()
        self._quiet.set()
        self._opened.set()

    def stop(self) -> None:
        """Begins no further message and no further sweep; those on the way come to their end."""
        self.office.stopping = True
        self._opened.set()
        self._wanted.set()
        self._queue.stop()

    async def close(self) -> None:
        """Gives up what the queue holds open; call it last."""
        await self._queue.close()

    async def _failed(self, job: str, error: BaseException) -> None:
        """The rows still say what is due. Where the database is to blame, nothing is begun until it works."""
        if await self.office.backlog.blames(error):
            self.office.pause()
            asyncio.get_running_loop().call_later(self.office.backlog.pause(), self.wake)
        else:
            log_error(job, error)

    async def _sweep(self, at: datetime) -> None:
        await self.office.backlog.catch_up()
        self.office.reopen()
        self._again = False
        await self._queue.tidy()
        busy = bool(self._running)
        resend = self.office.retries.resend_unknown
        await expire_leases(at, resend=resend)
        await expire_mail(at, resend=resend)
        await self.office.throttle.release()
        await forget_domains(at)
        due = [("mails", b"mails")] if await OutgoingMail.exists(mail_due(at)) else []
        ranges = await due_ranges(at, RANGE)
        due += [("notices", json.dumps([of.version_id, of.first, of.last]).encode()) for of in ranges]
        for job, payload in due:
            await self._hand_out(job, payload)
        if not (due or busy or self._running):  # what a job is at is not due, but is waited for
            self.office.nothing_due()
        for sweep in self._also:
            if not self.office.stopping:
                await sweep(at)

    async def _hand_out(self, job: str, payload: bytes) -> None:
        if payload in self._running:  # it may be about to end, without having seen what is new
            self._again = True
            return
        self._begin(payload)
        mine = False
        try:
            # Where another worker has it the same is true of that one.
            self._again = not await self._queue.put(job, payload) or self._again
            mine = self._queue.own
        finally:
            if not mine:
                self._end(payload)

    async def _looked(self, _payload: bytes) -> None:
        self.wake()

    async def _notices(self, payload: bytes) -> None:
        work = send_notices(self.office, self._desks, Range(*json.loads(payload)))
        await self._run(payload, "notices", work)

    async def _mails(self, payload: bytes) -> None:
        await self._run(payload, "mails", send_mails(self.office))

    async def _run(self, payload: bytes, name: str, work: Awaitable[None]) -> None:
        self._begin(payload)
        try:
            await work
        except Exception as error:  # noqa: BLE001 - the rows still say what is due, the next sweep tries again
            await self._failed(name, error)
        finally:
            self._end(payload)
            if not self._running:
                await self.office.hang_up()
                more = self._again or self.office.unfinished or self._rest_seconds() < SWEEP_SECONDS
                if more and not self.office.closed:
                    self.wake()

    def _rest_seconds(self) -> float:
        if self._running or self.office.closed:  # a relay that takes nothing is tried each minute
            return SWEEP_SECONDS
        return self.office.throttle.rest_seconds(SWEEP_SECONDS)

    def _begin(self, payload: bytes) -> None:
        self._running.add(payload)
        self._quiet.clear()

    def _end(self, payload: bytes) -> None:
        self._running.discard(payload)
        if not self._running:
            self._quiet.set()
