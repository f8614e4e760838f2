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
    except BaseException as refused:
        smtp.close()
        # ValueError: a challenge to log in that is none.
        if not isinstance(refused, (SMTPException, OSError, ValueError)):
            raise
        raise _unusable(refused) from refused
    if smtp.transport is None:
        raise RelayUnusable("the connection was closed", lasting=False)
    return Wire(smtp.transport, dict(smtp.esmtp_extensions))


async def _greet(smtp: SMTP) -> None:
    """EHLO, where connecting has not done it; HELO for a relay that knows no better."""
    if not smtp.is_ehlo_or_helo_needed:
        return
    try:
        await smtp.ehlo()
    except SMTPHeloError as refused:
        if not 500 <= refused.code < 600:  # it does know EHLO, and has no time
            raise
        await smtp.helo()


def _unusable(refused: SMTPException | OSError | ValueError) -> RelayUnusable:
    """Why, and whether it will not change by itself."""
    if isinstance(refused, SMTPResponseException):
        if refused.code < 0:
            return RelayUnusable(masked(f"an answer that is none: {refused.message}"), lasting=False)
        # A login that the relay cannot look at now is answered with 454 (RFC 4954, 4.7.0).
        for_good = isinstance(refused, SMTPAuthenticationError) and refused.code >= 500
        lasting = for_good or refused.code in CONFIGURATION_CODES
        return RelayUnusable(masked(f"{refused.code} {refused.message}"), lasting=lasting)
    if isinstance(refused, ssl.SSLCertVerificationError):
        return RelayUnusable(f"TLS: {refused.verify_message}", lasting=True)
    if isinstance(refused, ssl.SSLError):
        return RelayUnusable(f"TLS: {refused.reason or type(refused).__name__}", lasting=True)
    if isinstance(refused, SMTPException):
        # Neither the relay's offer nor the wish for STARTTLS or a login changes by itself.
        return RelayUnusable(masked(refused.message), lasting=type(refused) is SMTPException)
    return RelayUnusable(type(refused).__name__, lasting=False)
