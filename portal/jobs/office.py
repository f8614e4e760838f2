"""What every job that sends needs: who writes, by which relay, how often to retry, and whether to go on."""

import asyncio
import traceback
from collections.abc import Callable
from datetime import datetime
from secrets import token_hex

import structlog

from portal.jobs.backlog import Backlog
from portal.jobs.by_settings import relays_of, retries_of, sender_of
from portal.jobs.throttle import Throttle
from portal.keys import Keys
from portal.mail.connecting import RelayUnusable
from portal.mail.delivery import Delivery
from portal.mail.limits import Limits
from portal.mail.outcome import Outcome, Verdict
from portal.mail.relays import Relays
from portal.mail.signing import Signing
from portal.mail.smtp import Relay
from portal.settings import Settings

log = structlog.get_logger("portal.jobs")

MOST_FAILURES = 10
MOST_REFUSALS = 25
"""Of recipients, in a row. Some relays say so that they relay for nobody who has not logged in."""


class Office:
    """The sending side of one process. `trouble` says why nothing is sent at present; ops is shown it.

    `refusing`: the relay has refused one message after the other, for reasons that are not about their recipients.
    `slots`: the rights to one connection each, for campaigns, first come, first served. `too_large`: why messages
    were left out. `unfinished`: something was left that could have been sent.
    """

    def __init__(
        self, settings: Settings, keys: Keys, clock: Callable[[], datetime], signing: Signing | None = None
    ) -> None:
        self.keys = keys
        self.signing = signing
        self.clock = clock
        self.owner = token_hex(8)
        self.sender = sender_of(settings)
        self.retries = retries_of(settings)
        self.backlog = Backlog(settings.database)
        self.trouble = ""
        self.too_large = ""
        self._size_refused = 0
        self.tried = 0
        self.stopping = False
        self.refusing = False
        self.unfinished = False
        self._halted = False
        self._logged: set[tuple[bool, str]] = set()
        self._failures = self._refusals = 0
        self._relays = Relays(relays_of(settings))
        rates, at_once = Limits(settings.domain_rates), Limits(settings.domain_at_once)
        self.throttle = Throttle(rates, at_once, self.owner, clock)
        self.connections = settings.smtp_connections
        self.slots = asyncio.Semaphore(self.connections)

    @property
    def closed(self) -> bool:
        """Whether to begin no further message: the server stops, or the relay takes nothing."""
        return self.stopping or self._halted

    def reopen(self) -> None:
        """Tries the relay again."""
        self._halted = self.refusing = self.unfinished = False
        self._failures = self._refusals = 0
        self._logged.clear()

    def relay(self) -> Relay:
        """For single mails: a connection of their own."""
        return Relay(self._relays)

    async def connect(self) -> tuple[Delivery, bool]:
        """A connection to one of the relays, and whether it had been used before. Raises RelayUnusable."""
        return await self._relays.connect()

    def keep(self, delivery: Delivery) -> None:
        """A connection that is left over, for whoever comes next."""
        self._relays.keep(delivery)

    async def hang_up(self) -> None:
        """Ends the connections that are left over."""
        await self._relays.hang_up()

    def asked_for_one(self) -> bool:
        """Whether a campaign has to give up one of its connections: a single mail waits, and the relay takes no other.

        The campaign is looked at again as soon as nothing is sent any more.
        """
        if not self._relays.asked:
            return False
        self.unfinished = True
        return True

    def halt(self, reason: RelayUnusable) -> None:
        """Sends nothing more until the next sweep; but a connection that is refused while others work is only missed.

        Many connections meet the same fault: a sweep's is logged once.
        """
        missed = not reason.lasting and self._relays.busy
        if not missed:
            self._stop(reason.reason)
        if (missed, reason.reason) in self._logged:
            return
        self._logged.add((missed, reason.reason))
        if missed:
            log.warning("fewer_connections", reason=reason.reason)
        else:
            log.error("relay_unusable", reason=reason.reason, lasting=reason.lasting)

    def nothing_due(self) -> None:
        """What troubles it keeps nobody waiting. The relay may still take nothing: that is known when it is asked."""
        self.too_large = ""
        self.backlog.works()

    def note_size(self, size: int, too_large: str) -> None:
        """Whether the relay takes messages of so many bytes."""
        if too_large and (not self.too_large or size < self._size_refused):
            self.too_large, self._size_refused = too_large, size
        elif not too_large and size >= self._size_refused:
            self.too_large = ""

    def pause(self) -> None:
        """Begins nothing more until the next sweep: nothing can be recorded."""
        self._halted = True

    def note(self, outcome: Outcome) -> None:
        """Counts what the relay says: when it refuses one message after the other, the fault is hardly theirs."""
        if outcome.verdict is Verdict.ACCEPTED:
            self.note_accepted(1)
            return
        self.tried += 1
        self._failures += outcome.verdict is Verdict.FAILED
        self._refusals += outcome.verdict is Verdict.REFUSED
        if not self.refusing and (self._failures >= MOST_FAILURES or self._refusals >= MOST_REFUSALS):
            self.refusing = True
            self._stop(outcome.reply)
            log.error("relay_refuses_messages", code=outcome.code)

    def note_accepted(self, number: int) -> None:
        """The same for so many that the relay accepted."""
        if number:
            self.tried += number
            self.trouble, self._failures, self._refusals = "", 0, 0

    def _stop(self, trouble: str) -> None:
        self._halted = True
        self.trouble = trouble


def log_error(job: str, error: BaseException, **facts: object) -> None:
    """Logs what broke and where, without the error's own words: they may hold an address."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{frame.filename.rpartition('/portal/')[2]}:{frame.lineno}" for frame in frames[-3:]]
    log.error("job_failed", job=job, error=type(error).__name__, where=where, **facts)
