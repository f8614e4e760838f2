"""What the sendings of one version have in common, and what is known of one of them on its way."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from portal.actions.actor import SYSTEM
from portal.actions.record import record
from portal.actions.window import counted_window
from portal.mail.outcome import Outcome, Retries
from portal.rules.policy import Version as PublishedVersion
from portal.rules.window import Delivery, Window, window

CountedWindow = tuple[Window, dict[str, object] | None]

# Columns of a notice whose claim is given up, and that is not due at any certain time.
UNCLAIMED: dict[str, None] = {"owner": None, "lease_until": None, "next_attempt_at": None}


@dataclass(frozen=True, slots=True)
class Campaign:
    """The version whose notices are sent, who sends them, and how often they are retried."""

    policy_id: int
    published: PublishedVersion
    owner: str
    retries: Retries
    _windows: dict[datetime, CountedWindow] = field(default_factory=dict, compare=False, repr=False)

    def window_of(self, at: datetime) -> CountedWindow:
        """The window of everybody whose server accepted the notice at that instant, and how it was counted."""
        if at not in self._windows:
            found = window(self.published, Delivery(sent=(at,)))
            self._windows[at] = found, counted_window(self.published, found)
        return self._windows[at]


class OfNotice(Protocol):
    """What is asked of a notice on its way: a row, or what was read of it for many at a time."""

    @property
    def id(self) -> int: ...
    @property
    def member_id(self) -> int: ...
    @property
    def version_id(self) -> int: ...


class Begun(NamedTuple):
    """A sending that has been begun: what its outcome is recorded with. `started_at` (UTC) of the first attempt.

    `period`: of the daybook that it was noted in, see `noting.py`; 0 where it was not.
    """

    id: int
    number: int
    attempts: int
    address_id: int
    started_at: datetime
    period: int = 0


class Attempted(NamedTuple):
    """An attempt and what it came to, at the instant of the relay's answer (UTC)."""

    notice: OfNotice
    sending: Begun
    outcome: Outcome
    at: datetime


async def tell(action: str, notice: OfNotice, campaign: Campaign, at: datetime, **facts: int | str) -> int:
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
