"""Claimed notices that wait for their turn. Where a domain is full, those to others overtake."""

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice

from portal.jobs.throttle import Throttle
from portal.mail.recipient import domain_of
from portal.store.owed_batch import OwedNotice

MOST_ASIDE = 500
"""So many wait for a place on the way to their domains; further ones are put off, so that there is room for others."""


class Line:
    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle
        self._waiting: deque[OwedNotice] = deque()
        self._aside: dict[str, deque[OwedNotice]] = {}

    def __len__(self) -> int:
        """How many wait for nothing but their turn."""
        return len(self._waiting)

    def add(self, owed: Iterable[OwedNotice]) -> None:
        self._waiting += owed

    def back(self, owed: Sequence[OwedNotice]) -> None:
        """What `next` gave and was not begun, first again in its order."""
        self._waiting.extendleft(reversed(owed))

    def next(self) -> OwedNotice | None:
        """The next one that may go to its domain now: `Throttle.end` has to follow. None where there is none."""
        if self._throttle.idle:
            return self._waiting.popleft() if self._waiting else None
        return self._from_aside() or self._from_the_line()

    def several(self, most: int) -> list[OwedNotice]:
        """The next ones, as `next` gives them."""
        if self._throttle.idle:
            return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        return list(islice(iter(self.next, None), most))

    def leave(self) -> list[OwedNotice]:
        """Those that waited for nothing but their turn; the others are put off."""
        for domain, aside in self._aside.items():
            for owed in aside:
                self._put_off(owed, domain)
        left = list(self._waiting)
        self._waiting.clear()
        self._aside.clear()
        return left

    def _from_aside(self) -> OwedNotice | None:
        for domain, aside in self._aside.items():
            while aside and self._throttle.paused(domain):
                self._put_off(aside.popleft(), domain)
            if aside and not self._throttle.is_full(domain):
                return self._begun(aside.popleft(), domain)
        return None

    def _from_the_line(self) -> OwedNotice | None:
        while self._waiting:
            owed = self._waiting.popleft()
            domain = domain_of(owed.address)
            if self._throttle.paused(domain):
                self._put_off(owed, domain)
            elif not self._throttle.is_full(domain):
                return self._begun(owed, domain)
            elif sum(map(len, self._aside.values())) < MOST_ASIDE:
                self._aside.setdefault(domain, deque()).append(owed)
            else:
                self._put_off(owed, domain)
        return None

    def _begun(self, owed: OwedNotice, domain: str) -> OwedNotice:
        if not self._aside.get(domain, True):
            del self._aside[domain]
        self._throttle.begin(owed.id, domain)
        return owed

    def _put_off(self, owed: OwedNotice, domain: str) -> None:
        self._throttle.unused(domain)
        self._throttle.put_off(owed.id, domain)
