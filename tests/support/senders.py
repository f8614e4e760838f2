"""Processes that send, forked from one that has imported and compiled everything: else each takes a second or two."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from portal.settings import Settings

ROOT = Path(__file__).parents[2]
# For each line that it reads it forks twice: who sends, and who waits for that and says how it ended.
FORKING = """
import asyncio, gc, json, os, signal, sys
from datetime import datetime, timedelta
from pathlib import Path
from portal.jobs import queue, running, sweeping
from portal.keys import Keys
from portal.mail.language import environment
from portal.settings import Settings
from portal.store import connect, disconnect

SHARED = ("base.html", "parts.html", "words.txt", "words.html")
for name in ("notice/subject.txt", "notice/body.txt", "notice/body.html", *SHARED):
    environment("en").get_template(f"mail/{name}")
queue.DEAD_AFTER = timedelta(seconds=1)  # the next one need not wait five for what this one was about to do
gc.collect()
gc.freeze()

async def send(url, data, port, connections, at, members):
    sweeping.RANGE = members
    await connect(url)
    settings = Settings(
        data=Path(data), database_url=url, mail_from="privacy@ternwick.example", smtp_port=port,
        smtp_connections=connections,
    )
    async with running(settings, Keys(("k" * 40,)), lambda: datetime.fromisoformat(at)) as jobs:
        await jobs.idle()
    await disconnect()

def wait_for(told):
    pid = os.fork()
    if not pid:
        asyncio.run(send(*told))
        os._exit(0)
    os.write(1, b"%d\\n" % pid)
    _, status = os.waitpid(pid, 0)
    os.write(1, b"%d %d\\n" % (pid, os.waitstatus_to_exitcode(status)))
    os._exit(0)

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    if not os.fork():
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        wait_for(json.loads(line))
os.killpg(0, signal.SIGKILL)
"""


class Sender:
    """Another process that sends what is due, and ends. `returncode`: None while it runs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = asyncio.Event()

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    async def wait(self) -> int:
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def end(self, returncode: int) -> None:
        self.returncode = returncode
        self._ended.set()


class Senders:
    """Starts them one after the other."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._running: dict[int, Sender] = {}
        self._started: asyncio.Queue[Sender] = asyncio.Queue()

    async def start(
        self, settings: Settings, port: int, connections: int, at: datetime, *, members: int = 5000
    ) -> Sender:
        """`members`: so many are one job."""
        assert self._process.stdin is not None
        told = [settings.database, str(settings.data), port, connections, at.isoformat(), members]
        self._process.stdin.write(json.dumps(told).encode() + b"\n")
        return await self._started.get()

    async def listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            pid, *ended = map(int, line.split())
            if ended:
                self._running.pop(pid).end(ended[0])
            else:
                self._running[pid] = Sender(pid)
                self._started.put_nowait(self._running[pid])


@asynccontextmanager
async def senders() -> AsyncIterator[Senders]:
    """All of them end with the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FORKING, cwd=ROOT, stdin=PIPE, stdout=PIPE, start_new_session=True
    )
    made = Senders(process)
    listening = asyncio.create_task(made.listen())
    try:
        yield made
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await listening
