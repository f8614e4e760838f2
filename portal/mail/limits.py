"""How many messages may go to the addresses of one domain."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

BURST = timedelta(seconds=10)
"""What a domain may get in this time may also come all at once."""


class Limits:
    """A number for each domain, `for_domains` of the settings: that of `*` for those not named; 0 is no limit."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self._numbers = numbers
        self._others = numbers.get("*", 0)
        self.any = any(numbers.values())

    def of(self, domain: str) -> int:
        """0 for no domain at all, too."""
        return self._numbers.get(domain, self._others) if domain else 0


@dataclass(frozen=True, slots=True)
class Granted:
    """`number` messages may go now. `spent_until`: the bucket afterwards. `next_at`: when one more may go."""

    number: int
    spent_until: datetime
    next_at: datetime


def granted(spent_until: datetime | None, rate: int, wanted: int, at: datetime) -> Granted:
    """Takes from a domain's bucket. `rate`: messages a minute.

    The bucket is one instant, up to which the rate is used up (GCRA, ITU-T I.371): each message moves it on by its
    share of a minute, and it may be as far ahead as BURST, or one message.
    """
    interval = interval_of(rate)
    spent = max(spent_until or at, at)
    ahead = max(BURST, interval)
    number = max(0, min(wanted, (at + ahead - spent) // interval))
    spent += number * interval
    return Granted(number, spent, max(at, spent + interval - ahead))


def interval_of(rate: int) -> timedelta:
    return timedelta(minutes=1) / rate
