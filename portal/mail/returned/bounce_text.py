"""Bounces in a server's own words, without a machine-readable part: qmail, older Exim and Exchange, and many more."""

import re
from email.message import Message

from flufl.bounce import all_failures

from portal.mail.returned.bounded import header, parsed, readable
from portal.mail.returned.delivery import ENHANCED, is_hard, without_addresses
from portal.mail.returned.kinds import Bounce, Delayed

LONGEST_READ = 100_000
SAID = re.compile(r"(?<![\d.])[45]\d\d[ -]|(?<![\d.])#?[45]\.\d{1,3}\.\d{1,3}(?![\d.])")
DAEMONS = ("mailer-daemon", "postmaster", "mail-daemon", "maildaemon", "mmdf", "uucp")
SUBJECT = re.compile(
    r"undeliver|unzustellbar|returned mail|mail delivery (failed|system|status)|delivery (status notif|failure)"
    r"|delivery has failed|failure notice|delivery notification|non.?remis|nicht zugestellt|could not be delivered",
    re.IGNORECASE,
)


def looks_like_report(message: Message) -> bool:
    """Whether a mail system wrote it: by whom it claims to be from, or by its subject."""
    sender = header(message, "From", 320).lower()
    if any(name in sender for name in DAEMONS) or "X-Failed-Recipients" in message:
        return True
    return bool(SUBJECT.search(header(message, "Subject", 300)))


def judged_by_words(kept: bytes, message: Message) -> Bounce | Delayed | None:
    """What flufl.bounce finds in it; None where it finds nothing."""
    short = message if len(kept) <= LONGEST_READ else parsed(kept[:LONGEST_READ])
    try:
        temporary, permanent = all_failures(short)
    except Exception:  # noqa: BLE001 - it reads what strangers write, with rules for twenty servers
        return None
    addresses = sorted(one.decode("ascii", "replace") for one in permanent or temporary)
    if not addresses:
        return None
    line = _line(readable(short, LONGEST_READ), addresses[0])
    code = found[1] if (found := ENHANCED.search(line)) else ""
    reason = without_addresses(line, addresses[0])
    return Bounce(is_hard(code), code, reason, addresses[0][:320]) if permanent else Delayed(code, reason)


def _line(text: str, address: str) -> str:
    """The line with the server's answer: one with a code, the nearest after the address."""
    lines = [" ".join(line.split())[:1000] for line in text.splitlines()[:400]]
    start = next((i for i, line in enumerate(lines) if address.lower() in line.lower()), 0)
    near = [line for line in (*lines[start:], *lines[:start]) if line]
    return next((line for line in near if SAID.search(line)), "")
