"""What may go to which domain: rates that all processes share, messages of this one on their way, and pauses.

A message that may not go now is put off until it may, so that those to other domains overtake it: no connection waits
for a domain, and no claim is kept for one.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from portal.actions.holding_back import (
    REMEMBERED,
    Pause,
    give_tokens_back,
    pause_domains,
    put_off,
    release,
    take_tokens,
)
from portal.mail.limits import Limits
from portal.mail.outcome import Outcome, Verdict
from portal.mail.recipient import domain_of
from portal.store.mail_domains import paused_since
from portal.store.owed_batch import OwedNotice

log = structlog.get_logger("portal.jobs")

SIGNS = 3
"""So many times in a row a domain has to say that it wants fewer: one answer may be about one mailbox."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=30)
SHORTEST_REST = 5.0
MOST_SIGNS = 1000


class Throttle:
    """Of one process, for all that it sends. `owner` as claims have it."""

    def __init__(self, rates: Limits, at_once: Limits, owner: str, clock: Callable[[], datetime]) -> None:
        self._rates, self._at_once, self._owner, self._clock = rates, at_once, owner, clock
        self._on_their_way: dict[int, str] = {}
        self._numbers: Counter[str] = Counter()
        self._signs: Counter[str] = Counter()
        self._pauses: dict[str, Pause] = {}
        self._unsaved: dict[str, Pause] = {}
        self._unused: Counter[str] = Counter()
        self._put_off: defaultdict[str, list[int]] = defaultdict(list)
        self._look_at: datetime | None = None

    @property
    def idle(self) -> bool:
        """Whether messages can be given out without asking for their domains."""
        return not self._at_once.any and not self._pauses

    @property
    def keeps_count(self) -> bool:
        """Whether an acceptance changes anything: `end` and `note` have to be told of it."""
        return bool(self._on_their_way or self._signs)

    async def let_through(self, batch: Sequence[OwedNotice]) -> list[OwedNotice]:
        """Those of a batch just claimed that may go by the rates and pauses of their domains. Others are put off."""
        at = self._clock()
        await self.save()
        await self._look_for_pauses(at)
        if not self._rates.any and not self._pauses:
            return list(batch)
        domains = [domain_of(owed.address) for owed in batch]
        wanted = Counter(domain for domain in domains if self._rates.of(domain) and not self.paused(domain))
        tokens = await take_tokens(wanted, self._rates, at)
        left = {domain: found.number for domain, found in tokens.items()}
        through: list[OwedNotice] = []
        for owed, domain in zip(batch, domains, strict=True):
            if self.paused(domain) or left.get(domain) == 0:
                self.put_off(owed.id, domain)
                continue
            if domain in left:
                left[domain] -= 1
            through.append(owed)
        await self.save()
        return through

    def paused(self, domain: str) -> bool:
        found = self._pauses.get(domain)
        return found is not None and found.until > self._clock()

    def is_full(self, domain: str) -> bool:
        """Whether as many messages are on their way there as may be."""
        most = self._at_once.of(domain)
        return 0 < most <= self._numbers[domain]

    def begin(self, notice_id: int, domain: str) -> None:
        """A notice is on its way to the domain; `end` has to follow."""
        if self._at_once.of(domain):
            self._on_their_way[notice_id] = domain
            self._numbers[domain] += 1

    def end(self, notice_id: int) -> None:
        """It is not on its way any more, whatever became of it."""
        domain = self._on_their_way.pop(notice_id, None) if self._on_their_way else None
        if domain is not None:
            self._numbers[domain] -= 1
            if not self._numbers[domain]:
                del self._numbers[domain]

    def note(self, recipient: str, outcome: Outcome) -> None:
        """Counts what a domain says of the number of messages; an acceptance takes it back."""
        if outcome.too_many:
            self._note_sign(domain_of(recipient), outcome)
        elif self._signs and outcome.verdict is Verdict.ACCEPTED:
            self._signs.pop(domain_of(recipient), None)

    def put_off(self, notice_id: int, domain: str) -> None:
        """A claimed notice must not be sent now; `save` gives it back."""
        self._put_off[domain].append(notice_id)

    def unused(self, domain: str) -> None:
        """A notice that `let_through` gave was not sent: another may go instead."""
        if self._rates.of(domain):
            self._unused[domain] += 1

    async def save(self) -> None:
        """Tells the other processes."""
        if self._unsaved:
            unsaved, self._unsaved = self._unsaved, {}
            await pause_domains(unsaved)
        if self._unused:
            unused, self._unused = self._unused, Counter()
            await give_tokens_back(unused, self._rates)
        if self._put_off:
            notices, self._put_off = self._put_off, defaultdict(list)
            await put_off(notices, self._owner, self._clock())
            self._look_at = self._clock()

    async def release(self) -> None:
        """Makes due what was put off, by whomever, and may go now."""
        self._look_at = await release(self._rates, self._clock())

    def rest_seconds(self, most: float) -> float:
        """How long nothing that was put off can be due."""
        if self._look_at is None:
            return most
        return min(max((self._look_at - self._clock()).total_seconds(), SHORTEST_REST), most)

    async def _look_for_pauses(self, at: datetime) -> None:
        """Those that other processes found, too. They are remembered for a while after their end."""
        for row in await paused_since(at - REMEMBERED):
            if row.paused_at is not None and row.paused_until is not None:
                known = self._pauses.get(row.domain)
                if known is None or known.until < row.paused_until:
                    self._pauses[row.domain] = Pause(row.paused_at, row.paused_until, row.reply)
        if self._pauses:
            self._pauses = {name: one for name, one in self._pauses.items() if one.until > at - REMEMBERED}

    def _note_sign(self, domain: str, outcome: Outcome) -> None:
        if self.paused(domain):
            return
        if len(self._signs) >= MOST_SIGNS:
            self._signs.clear()
        self._signs[domain] += 1
        if self._signs[domain] < SIGNS:
            return
        del self._signs[domain]
        at, last = self._clock(), self._pauses.get(domain)
        length = min(2 * (last.until - last.since), LONGEST_PAUSE) if last else FIRST_PAUSE
        self._pauses[domain] = self._unsaved[domain] = Pause(at, at + length, outcome.reply)
        log.warning("domain_paused", minutes=length / timedelta(minutes=1), code=outcome.code)
