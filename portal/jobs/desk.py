"""What the jobs of one version share while any of them runs: what its notices tell, and the ledger."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from portal.actions.campaign import Campaign
from portal.actions.messages import Messages
from portal.actions.notice_letter import told_version
from portal.actions.noting import Noting
from portal.jobs.ledger import Ledger
from portal.jobs.office import Office
from portal.store.connections import has_daybook
from portal.store.policies import Version
from portal.store.standings import published_versions


@dataclass(slots=True)
class Desk:
    campaign: Campaign
    messages: Messages
    ledger: Ledger
    noting: Noting | None = None
    jobs: int = 0


class Desks:
    """One desk a version. When the last job leaves it is cleared: titles of purposes, say, may change."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._desks: dict[int, Desk] = {}
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def of(self, version_id: int) -> AsyncIterator[Desk]:
        async with self._opening:
            if version_id not in self._desks:
                self._desks[version_id] = await self._opened(version_id)
            desk = self._desks[version_id]
            desk.jobs += 1
        try:
            yield desk
        finally:
            desk.jobs -= 1
            if not desk.jobs:
                self._desks.pop(version_id, None)
                await desk.ledger.close()

    async def _opened(self, version_id: int) -> Desk:
        office = self._office
        version = await Version.get(id=version_id).only("id", "policy_id")
        published = (await published_versions(version.policy_id))[version_id]
        campaign = Campaign(version.policy_id, published, office.owner, office.retries)
        messages = Messages(await told_version(version_id), office.keys, office.sender)
        noting = Noting((version.policy_id, version_id)) if has_daybook() else None
        return Desk(campaign, messages, Ledger(campaign, office.clock, office.backlog, noting), noting)
