"""The job that sends the notices of one range of members: several connections, one source of messages, one ledger."""

import asyncio

from portal.actions.campaign import Campaign
from portal.actions.claim import Range
from portal.actions.notice_letter import told_version
from portal.jobs.courier import Courier
from portal.jobs.ledger import Ledger
from portal.jobs.messages import Messages
from portal.jobs.office import Office
from portal.jobs.source import Source
from portal.store.policies import Version
from portal.store.standings import published_versions

A_CONNECTION = 10
"""For fewer messages no further connection is opened."""


async def send_notices(office: Office, of: Range) -> None:
    """Sends what is due in the range. Raises what the database raises; what was sent by then is on record."""
    version = await Version.get(id=of.version_id).only("id", "policy_id")
    published = await published_versions(version.policy_id)
    campaign = Campaign(version.policy_id, published[of.version_id], office.owner, office.retries)
    messages = Messages(await told_version(of.version_id), office.keys, office.sender)
    source, ledger = Source(office, of, campaign, messages), Ledger(campaign, office.clock)
    try:
        count = await source.start()
        async with office.slots(-(-count // A_CONNECTION)) as connections:
            couriers = [Courier(office, source, ledger).run() for _ in range(connections)]
            outcomes = await asyncio.gather(*couriers, return_exceptions=True)
    finally:
        await source.close()
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
