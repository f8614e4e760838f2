"""A connection to the relay, as far as the first message: aiosmtplib connects, starts TLS and logs in."""

import socket
import ssl
from dataclasses import dataclass

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPHeloError, SMTPResponseException

from portal.mail.delivery import ANSWER_SECONDS, CONFIGURATION_CODES
from portal.mail.outcome import masked
from portal.mail.wire import Wire

CONNECT_SECONDS = 30.0


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


async def connected(chosen: RelaySettings) -> Wire:
    """A connection that has greeted, has its TLS and is logged in. Raises RelayUnusable."""
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
    if smtp.transport is None:
        raise RelayUnusable("the connection was closed", lasting=False)
    return Wire(smtp.transport, dict(smtp.esmtp_extensions))


async def _greet(smtp: SMTP) -> None:
    """EHLO, where connecting has not done it; HELO for a relay that knows no better."""
    if not smtp.is_ehlo_or_helo_needed:
        return
    try:
        await smtp.ehlo()
    except SMTPHeloError:
        await smtp.helo()
