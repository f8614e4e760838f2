"""The job that sends the notices of one range of members: several connections, one source of messages, one ledger."""

import asyncio
from contextlib import suppress

from portal.actions.actor import SYSTEM
from portal.actions.claim import Range
from portal.actions.hold import REFUSING, hold_campaign
from portal.jobs.courier import Courier
from portal.jobs.desk import Desks
from portal.jobs.ledger import Ledger
from portal.jobs.office import Office
from portal.jobs.ride import Convoy
from portal.jobs.source import Source
from portal.rules.errors import RuleBroken
from portal.rules.said import Said

A_CONNECTION = 10
"""For fewer messages no further connection is opened."""


async def send_notices(office: Office, desks: Desks, of: Range) -> None:
    """Sends what is due in the range. Raises what the database raises; what was sent by then is on record."""
    async with desks.of(of.version_id) as desk:
        source = Source(office, of, desk)
        try:
            count = await source.start()
            wanted = min(-(-count // A_CONNECTION), office.connections)
            convoy = Convoy(office, source, desk.ledger)
            couriers = [Courier(office, source, desk.ledger, convoy) for _ in range(wanted)]
            running = [_run(courier, desk.ledger, office.slots) for courier in couriers]
            outcomes = await asyncio.gather(*running, return_exceptions=True)
        finally:
            await source.close()
    if office.refusing:
        await _hold(office, of.version_id)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


async def _run(courier: Courier, ledger: Ledger, slots: asyncio.Semaphore) -> None:
    """As one range comes to its end, its slots go to the next one by one: a slow last answer keeps one, not all."""
    async with slots:
        ledger.speakers += 1
        try:
            await courier.run()
        finally:
            ledger.speakers -= 1


async def _hold(office: Office, version_id: int) -> None:
    """A person has to look first: what is refused for its content would be refused again, message by message."""
    reason = str(Said(REFUSING, trouble=office.trouble))
    with suppress(RuleBroken):  # somebody held it before
        await hold_campaign(version_id, by=SYSTEM, reason=reason, at=office.clock())
