"""A portal that is served by a process of its own: the story's has its database open in the tests' own process."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

Serve = Callable[[Path, Connection], Coroutine[Any, Any, None]]


@contextmanager
def served_alone(serve: Serve, folder: Path) -> Iterator[Any]:
    """What `serve`, a function of a module, says of where it is; it serves while the block lasts."""
    processes = get_context("spawn")
    ours, theirs = processes.Pipe()
    process = processes.Process(target=_run, args=(serve, folder, theirs), daemon=True)
    process.start()
    theirs.close()
    assert ours.poll(120), "the portal does not serve"
    yield ours.recv()
    ours.send("end")
    process.join(30)
    assert process.exitcode == 0


async def said(end: Connection, where: object) -> None:
    """Says where, and returns when anything is said, or nobody is left to say it."""
    end.send(where)
    await asyncio.to_thread(end.poll, None)


def _run(serve: Serve, folder: Path, end: Connection) -> None:
    asyncio.run(serve(folder, end))
