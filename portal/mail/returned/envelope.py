"""From where and to where a message came: by the protocol, or by the headers that a delivering server writes on top."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from email.utils import parseaddr

WRITTEN_BY_OUR_SERVER = ("X-Original-To", "Delivered-To", "Envelope-To")


@dataclass(frozen=True, slots=True)
class Envelope:
    """`sender`: the return path, "" the null one (`<>`), None where nobody said. `recipients`: who took it in."""

    sender: str | None = None
    recipients: tuple[str, ...] = ()


def completed(given: Envelope, message: Message) -> Envelope:
    """What the protocol did not say, from the headers that a delivering server writes (RFC 5321, section 4.4)."""
    sender = given.sender
    if sender is None and (written := message.get("Return-Path")) is not None:
        sender = bare(written)
    recipients = given.recipients or tuple(
        address for name in WRITTEN_BY_OUR_SERVER if (address := bare(message.get(name) or ""))
    )
    return Envelope(None if sender is None else _null_or_not(bare(sender)), tuple(recipients))


def _null_or_not(sender: str) -> str:
    """Postfix hands the null return path to a pipe as `MAILER-DAEMON`, unless it is told not to."""
    return "" if sender.lower() == "mailer-daemon" else sender


def bare(written: str) -> str:
    """`<a@example.org>`, or the same with a name before it, as `a@example.org`; "" of `<>`."""
    return parseaddr(written[:1000])[1].strip().strip("<>")


def local_and_domain(address: str) -> tuple[str, str]:
    local, _, domain = address.rpartition("@")
    return local.lower(), domain.lower()


def is_for(address: str, ours: Sequence[str]) -> bool:
    """Whether the local part is that of an address of ours, with or without an extension after a plus.

    The domain is the relay's business: it may deliver under another name than it receives under.
    """
    given = local_and_domain(address)[0].partition("+")[0]
    return bool(given) and given in {local_and_domain(one)[0] for one in ours}
