"""What a run of a sender took."""

import resource
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spent:
    """`cpu_s`: user and system time of the sender and its children. Both without the warm-up."""

    messages: int
    cpu_s: float
    wall_s: float

    @property
    def cpu_us(self) -> float:
        """Microseconds of CPU a message."""
        return 1e6 * self.cpu_s / self.messages

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.wall_s


def cpu_s() -> float:
    """What this process and its children that have ended took so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
