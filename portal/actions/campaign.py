"""What the sendings of one version have in common, and what is known of one of them on its way."""

from dataclasses import dataclass
from datetime import datetime

from portal.actions.actor import SYSTEM
from portal.actions.record import record
from portal.mail.outcome import Outcome, Retries
from portal.rules.policy import Version as PublishedVersion
from portal.store.notices import Notice, Sending

# Columns of a notice whose claim is given up, and that is not due at any certain time.
UNCLAIMED: dict[str, None] = {"owner": None, "lease_until": None, "next_attempt_at": None}


@dataclass(frozen=True, slots=True)
class Campaign:
    """The version whose notices are sent, who sends them, and how often they are retried."""

    policy_id: int
    published: PublishedVersion
    owner: str
    retries: Retries


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message about to be sent: to which address row, under which Message-ID, and the digest of its bytes.

    `earlier` is the notice's last sending. An attempt goes on it where it has the same Message-ID.
    """

    address_id: int
    message_id: str
    digest: str
    earlier: Sending | None = None


@dataclass(frozen=True, slots=True)
class Attempted:
    """An attempt and what it came to, at the instant of the relay's answer (UTC)."""

    notice: Notice
    sending: Sending
    outcome: Outcome
    at: datetime


async def tell(action: str, notice: Notice, campaign: Campaign, at: datetime, **facts: int | str) -> int:
    """Writes the event of something that the sender did with a notice; gives its id."""
    return await record(
        action,
        SYSTEM,
        at,
        received_at=at,
        member_id=notice.member_id,
        policy_id=campaign.policy_id,
        version_id=notice.version_id,
        notice=notice.id,
        **facts,
    )
