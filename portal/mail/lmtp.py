"""The door through which a company's mail server hands over what comes back: LMTP (RFC 2033)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
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

Take = Callable[[bytes, Envelope], Awaitable[str]]
"""Takes a message in and gives the reply: 250 once it is recorded, 4xx where it should be handed over again."""


class Porter:
    """Answers for the recipients that are ours; `take` answers for the message."""

    def __init__(self, ours: Sequence[str], take: Take) -> None:
        self._ours = ours
        self._take = take

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
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

    # Servers hand over lines longer than the protocol allows, say in the HTML of what they return.
    line_length_limit = LARGEST

    def __init__(self, porter: Porter) -> None:
        super().__init__(
            porter, data_size_limit=LARGEST, enable_SMTPUTF8=True, hostname="portal", ident="portal", timeout=300
        )
        self._replies = 0
        self.idle = asyncio.Event()
        self.idle.set()

    def connection_lost(self, error: Exception | None) -> None:
        self.idle.set()
        super().connection_lost(error)

    async def push(self, status: Any) -> None:
        """aiosmtpd gives one reply to a message; here it goes to every recipient.

        `idle` is set but for the time from the message's beginning to these replies.
        """
        reply = status if isinstance(status, str) else status.decode("utf-8", "replace")
        if reply.startswith("354"):
            self._replies = len(self.envelope.rcpt_tos) if self.envelope else 1
            self.idle.clear()
            await super().push(reply)
        elif self._replies:
            reply, self._replies = "\r\n".join([reply] * self._replies), 0
            await super().push(reply)
            self.idle.set()
        else:
            await super().push(reply)
