"""A mail relay on a real socket that does what a test tells it: answers, or hangs up, at any point."""

import asyncio
import email
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP

HANG_UP = "hang up"


@dataclass
class Received:
    """A message whose final dot arrived."""

    sender: str
    recipient: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        found = email.message_from_bytes(self.content, policy=SMTP)
        assert isinstance(found, EmailMessage)
        return found


@dataclass
class ScriptedRelay:
    """Says yes to everything, but for the answers in `script`: (command, part of the recipient) -> replies.

    Commands: CONNECT, EHLO, MAIL, RCPT, DATA, BODY (a line of the message has come), DOT, RSET. A list is used up
    reply by reply and then the relay says yes again; a text is said each time. HANG_UP closes the connection instead.
    `hold`: messages to recipients with `hold_for` in them are answered when `answer` is set.
    """

    script: dict[tuple[str, str], str | list[str]] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SIZE 10000000")
    received: list[Received] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    answer: asyncio.Event = field(default_factory=asyncio.Event)
    hold: bool = False
    hold_for: str = ""

    def to(self, recipient: str) -> list[Received]:
        return [one for one in self.received if one.recipient == recipient]

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
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._dialogue(reader, writer)
        writer.close()

    async def _dialogue(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender = recipient = ""
        taken = False

        async def say(command: str, usual: str) -> bool:
            said = self.reply(command, recipient, usual)
            if said == HANG_UP:
                writer.transport.abort()
                raise ConnectionResetError
            writer.write(said.encode() + b"\r\n")
            await writer.drain()
            return said[0] in "23"

        await say("CONNECT", "220 relay.example ESMTP")
        while line := (await reader.readline()).decode("latin-1").strip():
            command = line.split()[0].upper()
            self.commands.append(line)
            if command == "EHLO":
                lines = ["relay.example", *self.extensions]
                await say("EHLO", "\r\n".join(f"250{'-' if one != lines[-1] else ' '}{one}" for one in lines))
            elif command == "MAIL":
                sender = line.partition("<")[2].partition(">")[0]
                taken = False
                await say("MAIL", "250 2.1.0 OK")
            elif command == "RCPT":
                recipient = line.partition("<")[2].partition(">")[0]
                taken = await say("RCPT", "250 2.1.5 OK")
            elif command == "DATA":
                if await say("DATA", "354 Go ahead" if taken else "554 5.5.1 No valid recipients"):
                    await self._body(reader, writer, sender, recipient)
                    await say("DOT", "250 2.0.0 OK queued")
            elif command == "QUIT":
                await say("QUIT", "221 Bye")
                return
            else:
                await say(command, "250 OK")

    async def _body(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sender: str, recipient: str
    ) -> None:
        lines: list[bytes] = []
        while (line := await reader.readline()) != b".\r\n":
            if not line:
                raise ConnectionResetError
            lines.append(line[1:] if line.startswith(b".") else line)
            if self.reply("BODY", recipient, "") == HANG_UP:
                writer.transport.abort()
                raise ConnectionResetError
        self.received.append(Received(sender, recipient, b"".join(lines)))
        self.arrived.set()
        if self.hold and self.hold_for in recipient:
            await self.answer.wait()


@asynccontextmanager
async def scripted_relay(
    script: dict[tuple[str, str], str | list[str]] | None = None,
) -> AsyncIterator[ScriptedRelay]:
    """The relay while the block lasts, at `127.0.0.1` and its `port`."""
    relay = ScriptedRelay(script or {})
    writers: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        await relay.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await server.wait_closed()
