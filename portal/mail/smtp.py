"""One connection to the relay, messages one by one, each with an answer that can be relied on.

aiosmtplib connects, starts TLS, logs in and reads replies. The message's last dot is written here, by itself: what
happens before it means *not sent*, what happens after it may mean that the relay has the message.
"""

import asyncio
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPHeloError, SMTPResponseException
from aiosmtplib.protocol import SMTPProtocol

from portal.mail.outcome import Outcome, Stage, Verdict, answered, masked

CONNECT_SECONDS = 30.0
COMMAND_SECONDS = 120.0
# RFC 5321, 4.5.3.2.6: a server may take ten minutes over the final dot, and giving up early makes duplicates.
ANSWER_SECONDS = 600.0
CONFIGURATION_CODES = frozenset({502, 504, 523, 530, 534, 535, 538})


class RelayUnusable(Exception):
    """No message can be sent now. `lasting`: somebody has to change the configuration first."""

    def __init__(self, reason: str, *, lasting: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """Where the relay is and how to talk to it. `tls_context` None: the system's certificates."""

    host: str
    port: int
    starttls: bool = False
    user: str = ""
    password: str = ""
    answer_seconds: float = ANSWER_SECONDS
    tls_context: ssl.SSLContext | None = None


class Relay:
    """A connection that is opened when it is needed, and again after it broke. One message at a time."""

    def __init__(self, settings: RelaySettings) -> None:
        self._settings = settings
        self._smtp: SMTP | None = None
        self._fresh = False

    async def ready(self) -> SMTP:
        """The connection, opened where there is none. Raises RelayUnusable."""
        if self._smtp is not None and self._smtp.is_connected:
            return self._smtp
        self.close()
        self._smtp = await self._connected()
        self._fresh = True
        return self._smtp

    async def send(self, message: bytes, sender: str, recipient: str) -> Outcome:
        """Sends one message (RFC 5321 mail transaction). Raises RelayUnusable, with nothing sent.

        Where a connection that was kept turns out to be dead at the first command, one new one is tried.
        """
        while True:
            smtp = await self.ready()
            fresh, self._fresh = self._fresh, False
            try:
                outcome = await self._transact(smtp, message, sender, recipient)
            except BaseException:
                self.close()  # a cancelled command would get the next one's answer
                raise
            if outcome.verdict is Verdict.NOT_SENT and not outcome.code and not fresh:
                continue
            return outcome

    async def quit(self) -> None:
        """Ends the connection politely, where there is one."""
        if self._smtp is not None and self._smtp.is_connected:
            with suppress(SMTPException, OSError):  # it is closed either way
                await self._smtp.quit(timeout=5)
        self.close()

    def close(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None

    async def _connected(self) -> SMTP:
        chosen = self._settings
        smtp = SMTP(
            hostname=chosen.host,
            port=chosen.port,
            timeout=CONNECT_SECONDS,
            local_hostname=socket.gethostname(),  # aiosmtplib would ask the DNS, which may take long to say no
            use_tls=False,
            start_tls=chosen.starttls,
            username=chosen.user or None,
            password=chosen.password or None,
            tls_context=chosen.tls_context,
        )
        try:
            await smtp.connect()
            await _greet(smtp)
        except SMTPResponseException as refused:
            lasting = isinstance(refused, SMTPAuthenticationError) or refused.code in CONFIGURATION_CODES
            raise RelayUnusable(masked(f"{refused.code} {refused.message}"), lasting=lasting) from refused
        except ssl.SSLError as refused:
            raise RelayUnusable(f"TLS: {refused.reason or type(refused).__name__}", lasting=True) from refused
        except SMTPException as refused:
            # Neither the relay's offer nor the wish for STARTTLS or a login changes by itself.
            lasting = type(refused) is SMTPException
            raise RelayUnusable(masked(refused.message), lasting=lasting) from refused
        except OSError as refused:
            raise RelayUnusable(type(refused).__name__, lasting=False) from refused
        return smtp

    async def _transact(self, smtp: SMTP, message: bytes, sender: str, recipient: str) -> Outcome:
        self._check_size(smtp, message)
        stage = Stage.MAIL
        try:
            for stage, command in (
                (Stage.MAIL, (b"MAIL", f"FROM:<{sender}>".encode("ascii"))),
                (Stage.RCPT, (b"RCPT", f"TO:<{recipient}>".encode("ascii"))),
                (Stage.DATA, (b"DATA",)),
            ):
                reply = await smtp.execute_command(*command, timeout=COMMAND_SECONDS)
                if reply.code not in ((354,) if stage is Stage.DATA else (250, 251, 252)):
                    return await self._refused(smtp, stage, reply.code, reply.message, recipient)
            written = await _write_all_but_the_dot(smtp, message)
        except (SMTPException, OSError) as broken:
            self.close()
            return Outcome(Verdict.NOT_SENT, "" if stage is Stage.MAIL else stage, masked(str(broken), recipient))
        return await self._end(written, recipient)

    async def _end(self, protocol: SMTPProtocol, recipient: str) -> Outcome:
        """Writes the dot and waits for the answer that decides."""
        try:
            protocol.write(b".\r\n")
        except (SMTPException, OSError) as broken:
            self.close()
            return Outcome(Verdict.NOT_SENT, Stage.DATA, masked(str(broken), recipient))
        try:
            reply = await protocol.read_response(timeout=self._settings.answer_seconds)
        except (SMTPException, OSError) as broken:
            self.close()
            return Outcome(Verdict.UNKNOWN, "", masked(str(broken), recipient))
        if not 200 <= reply.code < 600:
            self.close()
            return Outcome(Verdict.UNKNOWN, "", masked(f"{reply.code} {reply.message}", recipient))
        if reply.code == 421:
            self.close()
        return answered(Stage.DATA, reply.code, reply.message, recipient)

    async def _refused(self, smtp: SMTP, stage: Stage, code: int, message: str, recipient: str) -> Outcome:
        """The verdict on a refused command; leaves the connection ready for the next message, or closed."""
        if stage is Stage.MAIL and code in CONFIGURATION_CODES:
            self.close()
            raise RelayUnusable(masked(f"{code} {message}"), lasting=True)
        outcome = answered(stage, code, message, recipient)
        if outcome.verdict is Verdict.ACCEPTED:  # 2xx where it means nothing, say in answer to DATA
            outcome = Outcome(Verdict.DEFERRED, outcome.code, outcome.reply)
        if code == 421 or not 400 <= code < 600:
            self.close()
            return outcome
        try:
            await smtp.rset(timeout=COMMAND_SECONDS)
        except (SMTPException, OSError):
            self.close()
        return outcome

    def _check_size(self, smtp: SMTP, message: bytes) -> None:
        limit = smtp.esmtp_extensions.get("size", "")
        if limit.isdecimal() and 0 < int(limit) < len(message):
            raise RelayUnusable(
                f"The relay takes messages of {limit} bytes, this one has {len(message)}.", lasting=True
            )


async def _greet(smtp: SMTP) -> None:
    """EHLO, where connecting has not done it; HELO for a relay that knows no better."""
    if not smtp.is_ehlo_or_helo_needed:
        return
    try:
        await smtp.ehlo()
    except SMTPHeloError:
        await smtp.helo()


async def _write_all_but_the_dot(smtp: SMTP, message: bytes) -> SMTPProtocol:
    """Writes the dot-stuffed message and waits until the kernel has all of it."""
    protocol, transport = smtp.protocol, smtp.transport
    if protocol is None or transport is None:
        raise ConnectionResetError("connection lost")
    # Not asked with isinstance: uvloop's transports are none of asyncio's classes.
    writing = cast("asyncio.WriteTransport", transport)
    body = message.replace(b"\r\n.", b"\r\n..")
    body = b"." + body if body.startswith(b".") else body
    protocol.write(body if body.endswith(b"\r\n") else body + b"\r\n")
    async with asyncio.timeout(COMMAND_SECONDS):
        while writing.get_write_buffer_size() > 0:
            if writing.is_closing():
                raise ConnectionResetError("connection lost")
            await asyncio.sleep(0.005)
    return protocol
