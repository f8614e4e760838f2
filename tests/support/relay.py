"""A mail relay on a real socket that does what a test tells it: answers, falls silent or hangs up, at any point."""

import asyncio
import email
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP

HANG_UP, CLOSE, SILENCE = "hang up", "close", "silence"
"""Instead of an answer: a reset, which may destroy what was said before; an orderly end; nothing at all."""


@dataclass
class Received:
    """A message whose final dot arrived."""

    sender: str
    recipient: str
    content: bytes

    @property
    def message_id(self) -> str:
        """Read without taking the message apart, for where there are thousands."""
        return self.content.partition(b"\r\nMessage-ID: ")[2].partition(b"\r\n")[0].decode()

    @property
    def message(self) -> EmailMessage:
        found = email.message_from_bytes(self.content, policy=SMTP)
        assert isinstance(found, EmailMessage)
        return found


@dataclass
class ScriptedRelay:
    """Says yes to everything, but for the answers in `script`: (command, part of the recipient) -> replies.

    Commands: CONNECT, EHLO, STARTTLS, AUTH, MAIL (with a part of the sender), RCPT, DATA, BODY (a line of the message
    has come), DOT, RSET. A list is used up reply by reply and then the relay says yes again; a text is said each time.
    It may have several lines. After 421 the relay hangs up, as RFC 5321 has it. `tls`: what STARTTLS leads to.
    `most`: so many connections are taken at a time. `hold`: messages to recipients with `hold_for` in them are answered
    when `answer` is set. `turned_away`: (sender, recipient) of RCPT commands that got no yes.
    """

    script: dict[tuple[str, str], str | list[str]] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SIZE 10000000")
    received: list[Received] = field(default_factory=list)
    turned_away: list[tuple[str, str]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    answer: asyncio.Event = field(default_factory=asyncio.Event)
    hold: bool = False
    hold_for: str = ""
    tls: ssl.SSLContext | None = None
    most: int = 1000
    connected: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def to(self, recipient: str) -> list[Received]:
        return [one for one in self.received if one.recipient == recipient]

    async def has(self, number: int) -> None:
        """Returns when so many messages have come."""
        async with asyncio.timeout(60):
            while len(self.received) < number:
                self.arrived.clear()
                await self.arrived.wait()

    def reply(self, command: str, recipient: str, usual: str) -> str:
        for (wanted, part), replies in self.script.items():
            if wanted == command and part in recipient:
                if isinstance(replies, str):
                    return replies
                if replies:
                    return replies.pop(0)
        return usual

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.connected += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await Dialogue(self, reader, writer).run()
        self.connected -= 1
        writer.close()


class Dialogue:
    """One connection to the relay: mail transactions as RFC 5321 has them."""

    def __init__(self, relay: ScriptedRelay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.relay, self.reader, self.writer = relay, reader, writer
        self.sender = self.recipient = ""
        self.begun = self.taken = False

    async def run(self) -> None:
        full = self.relay.connected > self.relay.most
        await self.say("CONNECT", "421 4.7.0 Too many connections" if full else "220 relay.example ESMTP")
        while line := (await self.reader.readline()).decode("latin-1").strip():
            command = line.split()[0].upper()
            self.relay.commands.append(line)
            await self.answer(command, line)
            if command == "QUIT":
                return

    async def answer(self, command: str, line: str) -> None:
        match command:
            case "EHLO":
                lines = ["relay.example", *self.relay.extensions]
                await self.say("EHLO", "\r\n".join(f"250{'-' if one != lines[-1] else ' '}{one}" for one in lines))
            case "STARTTLS":
                if await self.say("STARTTLS", "220 2.0.0 Go ahead") and self.relay.tls is not None:
                    await self.writer.start_tls(self.relay.tls)
            case "MAIL":
                self.sender = line.partition("<")[2].partition(">")[0]
                self.taken = False
                self.begun = await self.say("MAIL", "250 2.1.0 OK", self.sender)
            case "RCPT":
                self.recipient = line.partition("<")[2].rpartition(">")[0]
                usual = "250 2.1.5 OK" if self.begun else "503 5.5.1 MAIL first"
                self.taken = await self.say("RCPT", usual, self.recipient)
                if not self.taken:
                    self.relay.turned_away.append((self.sender, self.recipient))
            case "DATA":
                if await self.say("DATA", "354 Go ahead" if self.taken else "554 5.5.1 No valid recipients"):
                    await self.body()
                    await self.say("DOT", "250 2.0.0 OK queued")
            case _:
                await self.say(command, {"QUIT": "221 Bye", "AUTH": "235 2.7.0 OK"}.get(command, "250 OK"))

    async def body(self) -> None:
        lines: list[bytes] = []
        while (line := await self.reader.readline()) != b".\r\n":
            if not line:
                raise ConnectionResetError
            lines.append(line[1:] if line.startswith(b".") else line)
            await self.say("BODY", "")
        self.relay.received.append(Received(self.sender, self.recipient, b"".join(lines)))
        self.relay.arrived.set()
        if self.relay.hold and self.relay.hold_for in self.recipient:
            await self.relay.answer.wait()

    async def say(self, command: str, usual: str, address: str | None = None) -> bool:
        """Whether it was a yes."""
        said = self.relay.reply(command, self.recipient if address is None else address, usual)
        if said == SILENCE:
            await self.relay.ended.wait()
        if said == HANG_UP:
            self.writer.transport.abort()
        if said in (HANG_UP, CLOSE, SILENCE):
            raise ConnectionResetError
        if said:
            self.writer.write(said.encode() + b"\r\n")
            await self.writer.drain()
        if said.startswith("421"):
            raise ConnectionResetError
        return said[:1] in ("2", "3")


@asynccontextmanager
async def scripted_relay(
    script: dict[tuple[str, str], str | list[str]] | None = None, port: int = 0
) -> AsyncIterator[ScriptedRelay]:
    """The relay while the block lasts, at `127.0.0.1` and its `port`: a free one where none is named."""
    relay = ScriptedRelay(script or {})
    writers: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        await relay.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        relay.ended.set()
        server.close()
        for writer in writers:
            writer.transport.abort()
        await server.wait_closed()
