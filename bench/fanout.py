"""Publishing to everybody at once: the portal's own action, beside the bare statement that writes the same notices."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.campaign import found
from bench.portals import Portals
from portal.actions.actor import Actor
from portal.actions.publish import publish
from portal.store import connect, disconnect
from portal.store.connections import transaction
from portal.store.drafts import Draft
from portal.store.notices import Notice
from portal.store.policies import Version
from portal.store.statement import execute

BARE = """
INSERT INTO notice (member_id, version_id, state, next_attempt_at, recorded_at)
SELECT member_id, $1::bigint, 'queued', $2::timestamptz, $2::timestamptz FROM membership WHERE policy_id = $3::bigint
"""
Write = Callable[[Draft], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fanout:
    """Seconds from the beginning of the transaction until it is committed, the medians of all rounds."""

    members: int
    publish_s: float
    insert_select_s: float

    @property
    def ratio(self) -> float:
        """The action's time divided by the bare statement's."""
        return self.publish_s / self.insert_select_s


def fanout(portals: Portals, members: int, rounds: int) -> Fanout:
    """Both on equal copies of a database with so many members and no notices; in each round the other one is first."""
    taken: dict[Write, list[float]] = {_insert_select: [], _publish: []}
    for number in range(rounds):
        for write in list(taken)[:: 1 if number % 2 else -1]:
            with portals.copy(f"fan-out to {members}", lambda url: _prepare(url, members)) as url:
                taken[write].append(asyncio.run(_timed(url, write, members)))
    return Fanout(members, statistics.median(taken[_publish]), statistics.median(taken[_insert_select]))


async def _prepare(url: str, members: int) -> None:
    at = datetime.now(UTC)
    await connect(url)
    try:
        company = await found(at)
        policy = await company.policy("contact-forms")
        await company.enrol(policy, members, with_address=False)
        await company.approved_draft(policy, 2, at)
    finally:
        await disconnect()


async def _timed(url: str, write: Write, members: int) -> float:
    """Seconds that `write` takes; RuntimeError where it did not write a notice for each member."""
    await connect(url)
    try:
        draft = await Draft.get(published_as__isnull=True)
        began = time.perf_counter()
        await write(draft)
        taken = time.perf_counter() - began
        written = await Notice.all().count()
    finally:
        await disconnect()
    if written != members:
        raise RuntimeError(f"{written} notices for {members} members")
    return taken


async def _publish(draft: Draft) -> None:
    await publish(draft.id, by=Actor("staff", draft.author_id), at=datetime.now(UTC))


async def _insert_select(draft: Draft) -> None:
    """The first version stands for the one that is to come, which this statement alone cannot make."""
    version = await Version.get(policy_id=draft.policy_id)
    async with transaction() as connection:
        await execute(connection, BARE, [version.id, datetime.now(UTC), draft.policy_id])
