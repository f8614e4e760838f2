"""What the settings say to those who send: who writes, how often to retry, by which relays, and who signs."""

import ssl
from datetime import timedelta
from pathlib import Path

from portal.mail.compose import Sender
from portal.mail.connecting import RelaySettings
from portal.mail.delivery import ANSWER_SECONDS
from portal.mail.dkim import Signatory, fields_left_out
from portal.mail.dkim_key import CannotSign, der_of, read_key
from portal.mail.outcome import Retries
from portal.mail.signing import Signing, SigningKey
from portal.settings import Settings


def sender_of(settings: Settings) -> Sender:
    return Sender(
        company=settings.company,
        name=settings.mail_from_name or settings.company,
        address=settings.mail_from,
        return_path=settings.bounce_address or settings.mail_from,
        portal=settings.base_url.rstrip("/"),
    )


def retries_of(settings: Settings) -> Retries:
    return Retries(
        first=timedelta(minutes=settings.mail_retry_minutes),
        give_up_after=timedelta(days=settings.mail_give_up_days),
        resend_unknown=settings.mail_unknown == "resend",
    )


def relays_of(settings: Settings) -> list[RelaySettings]:
    trusted = ssl.create_default_context(cafile=settings.smtp_ca_file) if settings.smtp_ca_file else None
    return [
        RelaySettings(
            host=host,
            port=port,
            starttls=settings.smtp_starttls == "required",
            user=settings.smtp_user,
            password=settings.smtp_password,
            answer_seconds=ANSWER_SECONDS,
            tls_context=trusted,
        )
        for host, port in settings.relays
    ]


def signing_of(settings: Settings) -> Signing | None:
    """What signs mail, None where the relay does. Raises CannotSign."""
    key = signing_key_of(settings)
    return Signing(key, settings.dkim_processes) if key is not None else None


def signing_key_of(settings: Settings) -> SigningKey | None:
    """Who signs mail, None where the relay does. Raises CannotSign, which names the setting."""
    if not settings.dkim_key_file:
        return None
    try:
        left_out = fields_left_out(settings.dkim_leave_out)
    except ValueError as wrong:
        raise CannotSign(f"PORTAL_DKIM_LEAVE_OUT: {wrong}") from wrong
    try:
        key = read_key(Path(settings.dkim_key_file))
    except CannotSign as unfit:
        raise CannotSign(f"PORTAL_DKIM_KEY_FILE: {unfit}") from unfit
    signatory = Signatory(settings.dkim_domain, settings.dkim_selector, left_out)
    return SigningKey(signatory, der_of(key))
