"""What Python takes at the least for ours: the same dialogue by hand, and a row a message without a rule to keep.

Twenty connections that pipeline, a message joined from parts and hashed, and one commit a group before its final dots,
on tables of SQLite without keys of others, indexes or triggers. Nothing is checked, retried, signed or explained.
`python -m bench.send_bare` reads its order as JSON from stdin and prints what sending took, as JSON.
"""

import asyncio
import json
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple, cast

import uvloop

from bench.order import address_of
from bench.spent import Spent, cpu_s

LINE = b"x" * 74 + b"\r\n"
GAPS = 4
NOW = "2026-01-01 09:00:00+00:00"
TABLES = """
PRAGMA journal_mode = wal;
PRAGMA synchronous = full;
CREATE TABLE sending (id INTEGER PRIMARY KEY, digest TEXT, state TEXT, began TEXT, accepted TEXT);
"""
BEGIN = "INSERT INTO sending VALUES (?, ?, 'sending', ?, NULL)"
ACCEPT = "UPDATE sending SET state = 'accepted', accepted = ? WHERE id = ?"


class Message(NamedTuple):
    number: int
    content: bytes
    digest: str


class Record:
    """Writes groups in a thread of its own: what was accepted, and what begins."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._groups: SimpleQueue[tuple[Sequence[int], Sequence[Message], Callable[[], object]]] = SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    def write(self, accepted: Sequence[int], begun: Sequence[Message], told: Callable[[], object]) -> None:
        self._groups.put((accepted, begun, told))

    def _run(self) -> None:
        database = sqlite3.connect(self._file, isolation_level=None)
        database.executescript(TABLES)
        while True:
            accepted, begun, told = self._groups.get()
            database.execute("BEGIN IMMEDIATE")
            database.executemany(BEGIN, [(one.number, one.digest, NOW) for one in begun])
            database.executemany(ACCEPT, [(NOW, number) for number in accepted])
            database.execute("COMMIT")
            told()


class Campaign:
    """Gives each connection its next message, and lets it write one when its group is on record."""

    def __init__(self, size: int, numbers: Iterator[int], record: Record, connections: int) -> None:
        lines, length = LINE * (size // len(LINE) + 1), size // (GAPS + 1)
        self._parts = [lines[place * length : (place + 1) * length] for place in range(GAPS + 1)]
        self._numbers, self._record, self._loop = numbers, record, asyncio.get_running_loop()
        self._waiting: list[Connection] = []
        self._writing = False
        self.open = connections
        self.done = self._loop.create_future()

    def next(self) -> Message | None:
        number = next(self._numbers, None)
        if number is None:
            return None
        value = b"value of member %d" % number
        pieces = [piece for part in self._parts for piece in (part, value)][:-1]
        content = b"".join(pieces)
        return Message(number, content, sha256(content).hexdigest())

    def wait(self, connection: "Connection") -> None:
        self._waiting.append(connection)
        if len(self._waiting) >= self.open and not self._writing:
            self._write()

    def end(self) -> None:
        self.open -= 1
        if not self.open:
            self.done.set_result(None)

    def _write(self) -> None:
        group, self._waiting, self._writing = self._waiting, [], True
        accepted = [one.current.number for one in group if one.current]
        begun = [one.following for one in group if one.following]
        self._record.write(accepted, begun, lambda: self._loop.call_soon_threadsafe(self._written, group))

    def _written(self, group: Sequence["Connection"]) -> None:
        self._writing = False
        for connection in group:
            connection.go_on()
        if self._waiting and len(self._waiting) >= self.open:
            self._write()


class Connection(asyncio.Protocol):
    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._buffer = b""
        self._wanted = 1
        self._greetings = 2
        self.current: Message | None = None
        self.following: Message | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are none of asyncio's classes

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._buffer.count(b"\n") < self._wanted:
            return
        if b"\r\n5" in self._buffer or b"\r\n4" in self._buffer:
            raise RuntimeError(self._buffer)
        self._buffer = b""
        if self._greetings:
            self._greetings -= 1
            if self._greetings:
                self._transport.write(b"HELO bench\r\n")
            else:
                self._say(b"")
        else:
            self._campaign.wait(self)

    def go_on(self) -> None:
        if self.following is None:
            self._transport.close()
            self._campaign.end()
            return
        self.current = self.following
        self._say(self.current.content + b"\r\n.\r\n")

    def _say(self, text: bytes) -> None:
        self.following = self._campaign.next()
        commands, replies = b"RSET\r\n", 1
        if self.following is not None:
            to = address_of(self.following.number).encode()
            commands, replies = b"MAIL FROM:<privacy@example.com>\r\nRCPT TO:<%b>\r\nDATA\r\n" % to, 3
        self._wanted = replies + bool(text)
        self._transport.write(text + commands)


async def send(order: dict[str, Any]) -> Spent:
    record = Record(Path(order["folder"]) / "bare.sqlite3")
    numbers = iter(range(order["warm_up"] + order["messages"]))
    await _over(order, [next(numbers) for _ in range(order["warm_up"])], record)
    cpu, began = cpu_s(), time.perf_counter()
    await _over(order, list(numbers), record)
    return Spent(order["messages"], cpu_s() - cpu, time.perf_counter() - began)


async def _over(order: dict[str, Any], numbers: Sequence[int], record: Record) -> None:
    campaign = Campaign(order["letter"]["size"], iter(numbers), record, order["connections"])
    for _ in range(order["connections"]):
        await asyncio.get_running_loop().create_connection(lambda: Connection(campaign), "127.0.0.1", order["port"])
    await campaign.done


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(send(json.load(sys.stdin))))))
