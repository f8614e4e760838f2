"""The door through which a company's mail server hands over what comes back: LMTP (RFC 2033)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Handed

from portal.mail.returned import Envelope
from portal.mail.returned.envelope import is_for

LARGEST = 10_000_000
"""Bytes of a message that is taken; the server is told so (SIZE, RFC 1870)."""

AGAIN = "451 4.3.0 This cannot be recorded now, try again later"
UNKNOWN = "550 5.1.1 There is no such recipient here"
# After each of these the connection ends; a mail server keeps its messages and comes again (RFC 5321, 3.8).
FULL = "421 4.3.2 Too many connections, try again later"
ENOUGH = "421 4.7.0 Enough messages for one connection, open another one"
SILENT = "421 4.4.2 Nothing came for too long"
FLOOD = "421 4.7.0 Far more than the size that was announced"
DOWN = "421 4.3.2 Going down, try again later"
MOST_COMMANDS = 5_000
"""So many of one kind at most in a connection: one that says NOOP for ever holds no place."""

Take = Callable[[bytes, Envelope], Awaitable[str]]
"""Takes a message in and gives the reply: 250 once it is recorded, 4xx where it should be handed over again."""


@dataclass(frozen=True)
class Limits:
    """What may be asked of us at a time.

    `connections` at once, `messages` in one of them, `seconds` for a command or a message (RFC 5321, 4.5.3.2.7: servers
    should wait for five minutes at least), `size`: bytes of a message.
    """

    connections: int = 20
    messages: int = 100
    seconds: float = 300
    size: int = LARGEST


class Porter:
    """Answers for the recipients that are ours; `take` answers for the message."""

    def __init__(self, ours: Sequence[str], take: Take) -> None:
        self._ours = ours
        self._take = take

    async def handle_MAIL(  # noqa: N802 - the names that aiosmtpd calls
        self, server: SMTP, _session: Session, envelope: Handed, address: str, options: list[str]
    ) -> str:
        if isinstance(server, Door) and server.had_enough:
            return ENOUGH
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Handed, address: str, options: list[str]
    ) -> str:
        if not is_for(address, self._ours):
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Handed) -> str:  # noqa: N802
        given = Envelope(envelope.mail_from or "", tuple(envelope.rcpt_tos))
        return await self._take(envelope.original_content or b"", given)

    async def handle_exception(self, _error: Exception) -> str:
        """Whatever went wrong with us, the message is not lost: the server keeps it."""
        return AGAIN


class Door(LMTP):
    """One connection. After the message each recipient gets a reply of its own (RFC 2033, section 4.2)."""

    def __init__(self, porter: Porter, limits: Limits, leave: Callable[["Door"], None]) -> None:
        # Servers hand over lines longer than the protocol allows, say in the HTML of what they return.
        self.line_length_limit = limits.size
        super().__init__(
            porter,
            data_size_limit=limits.size,
            enable_SMTPUTF8=True,
            hostname="portal",
            ident="portal",
            timeout=limits.seconds,
            command_call_limit=MOST_COMMANDS,
        )
        self._limits = limits
        self._leave = leave
        self._messages = 0
        self._unanswered = 0
        self._replies = 0
        self.idle = asyncio.Event()
        self.idle.set()

    @property
    def had_enough(self) -> bool:
        return self._messages >= self._limits.messages

    def data_received(self, data: bytes) -> None:
        """aiosmtpd reads on after the size, to answer at the message's end, and it keeps a line without an end."""
        self._unanswered += len(data)
        if self._unanswered > 2 * self._limits.size:
            self.hang_up(FLOOD)
        else:
            super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        self.idle.set()
        self._leave(self)
        super().connection_lost(error)

    def hang_up(self, reply: str) -> None:
        """Says why, and closes the connection."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(f"{reply}\r\n".encode("ascii"))  # type: ignore[attr-defined]
            self.transport.close()

    async def push(self, status: Any) -> None:
        """aiosmtpd gives one reply to a message; here it goes to every recipient.

        `idle` is set but for the time from the message's beginning to these replies.
        """
        reply = status if isinstance(status, str) else status.decode("utf-8", "replace")
        self._unanswered = 0
        if reply.startswith("421"):
            self.hang_up(reply)
        elif reply.startswith("354"):
            self._replies = len(self.envelope.rcpt_tos) if self.envelope else 1
            self._messages += 1
            self.idle.clear()
            await super().push(reply)
        elif self._replies:
            reply, self._replies = "\r\n".join([reply] * self._replies), 0
            await super().push(reply)
            self.idle.set()
        else:
            await super().push(reply)

    def _timeout_cb(self) -> None:
        self.hang_up(SILENT)


class Doors:
    """Makes a door for each connection, as many at once as the limits allow: `create_server` calls it."""

    def __init__(self, porter: Porter, limits: Limits) -> None:
        self._porter = porter
        self._limits = limits
        self._open: set[Door] = set()

    def __call__(self) -> asyncio.Protocol:
        if len(self._open) >= self._limits.connections:
            return _Full()
        door = Door(self._porter, self._limits, self._open.discard)
        self._open.add(door)
        return door

    async def close(self, seconds: float) -> None:
        """Lets the messages on the wire come to their end, for so long at most, then hangs up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                for one in list(self._open):
                    await one.idle.wait()
        for one in list(self._open):
            one.hang_up(DOWN)


class _Full(asyncio.Protocol):
    """Instead of a greeting."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(f"{FULL}\r\n".encode("ascii"))  # type: ignore[attr-defined]
        transport.close()
