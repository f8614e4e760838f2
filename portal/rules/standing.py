"""What is known of one member under one policy, at one instant: the facts that every other rule looks at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portal.rules.policy import Version
from portal.rules.window import Delivery, Window, window

NOTHING = Delivery()


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection in force: when it was received (UTC), the purposes it covers, and whether it closes the account."""

    received_at: datetime
    purposes: frozenset[str]
    closing: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A member's facts under one policy, as far as they are known at the instant asked about.

    `joined_on` is a version number, 0 where the member joined before version 1. `deliveries` and `objections` are keyed
    by version number; only objections in force are there. `consents` maps a purpose to the newest version consented to.
    """

    joined_at: datetime
    joined_on: int
    closed_at: datetime | None = None
    deliveries: Mapping[int, Delivery] = field(default_factory=dict)
    objections: Mapping[int, Objection] = field(default_factory=dict)
    consents: Mapping[str, int] = field(default_factory=dict)
    opted_out: frozenset[str] = frozenset()

    def concerned_by(self, version: Version) -> bool:
        """Whether this member is owed a notice of the version: joined before its posting, and not closed by then."""
        return (
            version.number > self.joined_on
            and self.joined_at < version.posted_at
            and (self.closed_at is None or self.closed_at > version.posted_at)
        )

    def window(self, version: Version) -> Window:
        """The member's window for a version that concerns them."""
        return window(version, self.deliveries.get(version.number, NOTHING))


def joined_on(joined_at: datetime, versions: Iterable[Version]) -> int:
    """The number of the newest version posted at or before `joined_at`; 0 where there is none."""
    return max((version.number for version in versions if version.posted_at <= joined_at), default=0)
