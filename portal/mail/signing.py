"""Signing messages in processes of its own: a signature takes longer than all the rest of a message.

A process gets a group of messages over a pipe and gives back their signatures. It ends when the pipe does, so it
outlives nobody, however its owner ends; where it ends itself, the next one gets the group.
"""

import asyncio
import multiprocessing
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Lock

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from portal.mail.connecting import RelayUnusable
from portal.mail.dkim import NotSignable, Sign, Signatory, signature

GROUP = 16
"""So many messages are handed over at once: fewer cost more for the pipe, more keep connections waiting."""
GROUP_SECONDS = 60.0
TRIES = 3

Signed = bytes | None
"""The header above a message; None: this message cannot be signed."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Who signs, and the private key (PKCS #8, DER)."""

    signatory: Signatory
    der: bytes = field(repr=False)


class Signing:
    """`processes` of them at most, each begun when there is work for it. `close` ends them."""

    def __init__(self, key: SigningKey, processes: int) -> None:
        self.processes = processes
        self._all = [_Process(key) for _ in range(processes)]
        self._free: asyncio.LifoQueue[_Process] = asyncio.LifoQueue()
        for one in reversed(self._all):
            self._free.put_nowait(one)
        # Threads of its own, which only wait: those of the loop may all be waiting for a name's address.
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="signing")

    async def signed(self, messages: Sequence[bytes]) -> list[Signed]:
        """The header of each. Raises RelayUnusable where no process lives long enough: nothing can be sent then."""
        process = await self._free.get()
        try:
            for _ in range(TRIES):
                try:
                    return await self._once(process, list(messages))
                except (EOFError, OSError):  # it has ended, or took too long
                    continue
        finally:
            self._free.put_nowait(process)
        raise RelayUnusable("messages cannot be signed: the processes for it end again and again", lasting=True)

    async def close(self) -> None:
        """Ends the processes; nobody may be waiting for them any more."""
        for process in self._all:
            process.kill()
        await asyncio.to_thread(self._threads.shutdown)
        for process in self._all:
            process.end()

    async def _once(self, process: "_Process", messages: list[bytes]) -> list[Signed]:
        try:
            async with asyncio.timeout(GROUP_SECONDS):
                return await asyncio.get_running_loop().run_in_executor(self._threads, process.signed, messages)
        except BaseException:
            process.kill()  # its thread must not wait any longer, nor its answer be taken for that to the next group
            raise


class _Process:
    """A process that is begun when it is needed, and again after it has ended."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key
        self._one_at_a_time = Lock()
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    def signed(self, messages: list[bytes]) -> list[Signed]:
        """Waits for the answer, in a thread. Raises EOFError or OSError where the process has ended."""
        with self._one_at_a_time:
            try:
                pipe = self._pipe or self._begun()
                pipe.send(messages)
                answer: list[Signed] = pipe.recv()
            except (EOFError, OSError):
                self.end()
                raise
            return answer

    def kill(self) -> None:
        """Whoever waits for its answer gets EOFError."""
        process = self._process
        if process is not None and process.pid is not None:
            process.kill()

    def end(self) -> None:
        process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        if pipe is not None:
            pipe.close()
        if process is not None:
            process.kill()
            process.join()

    def _begun(self) -> Connection:
        context = multiprocessing.get_context("spawn")  # an event loop with its threads cannot be forked
        ours, theirs = context.Pipe()
        with theirs:
            process = context.Process(target=_work, args=(self._key, theirs), name="signing", daemon=True)
            process.start()
        self._process, self._pipe = process, ours
        return ours


def _work(key: SigningKey, pipe: Connection) -> None:
    """The life of such a process. Ctrl-C is for its owner, with whose end of the pipe it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    private = load_der_private_key(key.der, None)
    assert isinstance(private, RSAPrivateKey)
    sign = partial(private.sign, padding=PKCS1v15(), algorithm=SHA256())
    try:
        while True:
            pipe.send([_header(message, key.signatory, sign) for message in pipe.recv()])
    except (EOFError, OSError):
        return


def _header(message: bytes, by: Signatory, sign: Sign) -> Signed:
    try:
        return signature(message, by, sign)
    except NotSignable:
        return None
