"""A process that sends, without connections: what it claims, begins and records; and what others write in between."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from itertools import zip_longest

from portal.actions.campaign import Attempted, Begun, Campaign
from portal.actions.claim import claim_batch
from portal.actions.notice import record_seen
from portal.actions.noting import Noting
from portal.actions.outcome import close_account
from portal.actions.sending import take_others, take_usual
from portal.actions.sending_many import Begin, Steps, Turn, usual_turns
from portal.store.alone import run_alone
from portal.store.connections import transaction
from portal.store.contacts import address_digest
from portal.store.members import Address
from portal.store.owed_batch import OwedNotice, owed_notices
from tests.support.posting import MINUTE, NOW, OK, OPS, Post, another_post

Between = Callable[[Post], Awaitable[object]]


class Sender:
    """A process that sends a version to twelve members over six connections. With `noting` it notes what it can. `by`:
    the steps by which it records the usual, where they are not the database's own."""

    def __init__(self, post: Post, campaign: Campaign, *, noting: bool = True, by: Steps | None = None) -> None:
        self.post, self.campaign, self.by = post, campaign, by
        self.noting = Noting((post.policy.id, post.version.id)) if noting else None

    async def claimed(self, at: datetime = NOW) -> list[Begin]:
        run = self.noting.claim if self.noting is not None else run_alone
        found = await claim_batch(self.post.everyone, self.campaign.owner, at, run=run)
        return [_begin(owed) for owed in await owed_notices(found)]

    async def take(self, *turns: Turn, at: datetime = NOW) -> dict[int, Begun]:
        """Notice id -> its sending, of those that were begun."""
        if self.by is None:
            taken = await take_usual(self.campaign, turns, at, self.noting)
        else:
            taken = await run_alone(usual_turns(self.campaign, turns, at, self.by))
        if left := taken.left_of(turns):
            taken = await take_others(self.campaign, left, taken, at)
        return taken.begun

    async def begin(
        self, begins: Sequence[Begin], lasts: Sequence[Attempted] = (), at: datetime = NOW
    ) -> list[Attempted]:
        """Begins all of them, behind those that were accepted; gives what is recorded when each is accepted."""
        turns = [Turn(last, begin) for last, begin in zip_longest(lasts, begins)]
        begun = await self.take(*turns, at=at)
        return [
            Attempted(one.notice, begun[one.notice.id], OK, NOW + MINUTE) for one in begins if one.notice.id in begun
        ]

    async def carry_notes(self) -> None:
        if self.noting is not None:
            await self.noting.carry_over()


def _begin(owed: OwedNotice) -> Begin:
    assert owed.address_id is not None
    return Begin(owed, owed.address_id, f"<{owed.id}@x>", "d", owed.earlier, owed.reserved, NOW, owed.asked)


async def sender_of(slug: str, *, noting: bool = True, owner: str = "one", by: Steps | None = None) -> Sender:
    post = await another_post(slug, 12)
    return Sender(post, await post.campaign(owner), noting=noting, by=by)


async def new_address(post: Post) -> None:
    address = "new@example.org"
    async with transaction():
        await Address.create(
            member_id=post.members[2].id,
            address=address,
            digest=address_digest(address),
            received_at=NOW,
            recorded_at=NOW,
            sequence=10**6,
        )


async def closed(post: Post) -> None:
    await close_account(post.members[2].id, by=OPS, at=NOW)


async def seen(post: Post) -> None:
    await record_seen(post.members[2].id, post.version.id, by=OPS, at=NOW)
