"""What an attempt to send came to, and when to try again."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from portal.rules.columns import rows_of

LONGEST_WAIT = timedelta(hours=4)
LONGEST_REPLY = 500
BETWEEN = "|"
_GREYLISTED = re.compile("gr[ae]y", re.IGNORECASE)
ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})(?:\s|$)")


class Verdict(StrEnum):
    """What an attempt to send came to."""

    ACCEPTED = "accepted"  # the relay has it
    DEFERRED = "deferred"  # not now
    FAILED = "failed"  # not this message; no fact about the address
    REFUSED = "refused"  # never at this address
    UNKNOWN = "unknown"  # the whole message was written, and no answer came
    NOT_SENT = "not_sent"  # the connection ended before the message did


class Stage(StrEnum):
    """The command that was answered."""

    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"


class Outcome(NamedTuple):
    """`code`: the enhanced status code (RFC 3463) if there is one, else the reply code. `reply`: the server's words.

    `too_many`: the recipient's domain takes so many messages at present and no more.
    """

    verdict: Verdict
    code: str = ""
    reply: str = ""
    too_many: bool = False


@dataclass(frozen=True, slots=True)
class Retries:
    """How long to wait between attempts, and for how long to go on; whether an unknown is sent again."""

    first: timedelta = timedelta(minutes=5)
    give_up_after: timedelta = timedelta(days=5)
    resend_unknown: bool = True

    def next_attempt(self, attempts: int, started_at: datetime, at: datetime) -> datetime | None:
        """When to try again after that many attempts (1 = the first has failed); None: not again.

        The wait doubles up to four hours and is spread by a quarter, so that messages deferred together do not
        come back together.
        """
        wait = min(self.first * 2 ** min(attempts - 1, 12), LONGEST_WAIT) * random.uniform(0.75, 1.25)
        then = (at + wait).replace(microsecond=0)
        return then if then <= started_at + self.give_up_after else None


def answered(stage: Stage, code: int, message: str, recipient: str = "") -> Outcome:
    """The verdict on a reply to MAIL, RCPT or DATA (RFC 5321 section 4.2, RFC 3463).

    *Refused* is an answer about the recipient's address: 5.1.x, but for 5.1.7 and 5.1.8, which are about the
    sender's; or 550 and 553 without an enhanced code in answer to RCPT. After DATA those two mean that somebody
    dislikes the message.
    """
    found = ENHANCED.match(message)
    shown = found.group(1) if found else str(code)
    reply = masked(f"{code} {message}", recipient)
    if 200 <= code < 300:
        return Outcome(Verdict.ACCEPTED, shown, reply)
    verdict = Verdict.FAILED
    if not 500 <= code < 600:  # not now, or no reply that the protocol knows here
        verdict = Verdict.DEFERRED
    elif stage is not Stage.MAIL and _about_recipient(stage, code, found.group(1) if found else None):
        verdict = Verdict.REFUSED
    too_many = verdict is Verdict.DEFERRED and stage is not Stage.MAIL and _too_many(code, found, message)
    return Outcome(verdict, shown, reply, too_many)


def accepted(words: Sequence[str], recipients: Sequence[str]) -> list[Outcome]:
    """What `answered` says of messages whose texts were all answered with 250 and these words."""
    replies = [f"250 {said}" for said in words]
    if not _is_plain(BETWEEN.join(replies)) or len(max(replies, key=len, default="")) > LONGEST_REPLY:
        replies = [masked(reply, recipient) for reply, recipient in zip(replies, recipients, strict=True)]
    codes = [found[1] if (found := ENHANCED.match(said)) else "250" for said in words]
    some = len(replies)
    return rows_of(Outcome, [Verdict.ACCEPTED] * some, codes, replies, [False] * some)


def _is_plain(replies: str) -> bool:
    """Whether `masked` leaves them as they are: replies with `BETWEEN` between them, each with its code."""
    odd = "  " in replies or "@" in replies or f" {BETWEEN}" in replies + BETWEEN
    return replies.isprintable() and not odd


def masked(reply: str, recipient: str = "") -> str:
    """A server's reply on one line, without the member's address: it is kept in rows and logs that hold no names."""
    shown = reply if reply.isprintable() else "".join(c if c.isprintable() else " " for c in reply)
    line = " ".join(shown.split()) if "  " in shown else shown.strip()
    if recipient and "@" in line and recipient.lower() in line.lower():
        line = re.sub(re.escape(recipient), "the address", line, flags=re.IGNORECASE)
    return line[:LONGEST_REPLY]


def _about_recipient(stage: Stage, code: int, enhanced: str | None) -> bool:
    if enhanced is None:
        return stage is Stage.RCPT and code in (550, 553)
    return enhanced.startswith("5.1.") and enhanced not in ("5.1.7", "5.1.8")


def _too_many(code: int, found: re.Match[str] | None, message: str) -> bool:
    """Whether a temporary answer is about the number of messages, not about this one.

    So say 4.7.x and 4.2.1 at the large receivers, and 421 without an enhanced code; 4.3.x and 4.4.x are about the relay
    itself. Who greylists, as a rule with 4.7.1, wants each message to come again, and is not asked for fewer.
    """
    if _GREYLISTED.search(message):
        return False
    if found is None:
        return code == 421
    enhanced = found.group(1)
    return enhanced == "4.2.1" or (enhanced.startswith("4.7.") and (code == 421 or enhanced != "4.7.1"))
