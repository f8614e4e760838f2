"""Notices on their way: members who are owed one, and what a worker does with their notices."""

from datetime import datetime, timedelta

from portal.actions.actor import Actor
from portal.actions.campaign import Attempted, Begun, Campaign
from portal.actions.claim import Range, claim_batch
from portal.actions.sending import take_turns
from portal.actions.sending_many import Begin, Turn
from portal.mail.outcome import Outcome, Retries, Verdict
from portal.store.contacts import last_address
from portal.store.events import Event
from portal.store.members import Address, Member
from portal.store.notices import Notice, NoticeState, Sending
from portal.store.policies import Policy, Version
from portal.store.standings import published_versions
from tests.support.world import POSTED_1, POSTED_2, at, make_member, make_policy, make_version

NOW = at("2026-03-01 10:00")
MINUTE = timedelta(minutes=1)
OPS = Actor("staff", 1)
OK = Outcome(Verdict.ACCEPTED, "2.0.0", "250 2.0.0 OK")


async def claim(of: Range, owner: str, at: datetime, limit: int = 50) -> list[Notice]:
    """Claims as a worker does; gives the rows, in the order of their members."""
    claimed = await claim_batch(of, owner, at, limit)
    return await Notice.filter(id__in=claimed.ids).order_by("member_id")


class Post:
    """Version 2 of a policy with some members who are owed its notice."""

    def __init__(self, policy: Policy, version: Version, members: list[Member]) -> None:
        self.policy, self.version, self.members = policy, version, members

    @property
    def everyone(self) -> Range:
        return Range(self.version.id, self.members[0].id, self.members[-1].id)

    async def campaign(self, owner: str = "one", retries: Retries | None = None) -> Campaign:
        published = (await published_versions(self.policy.id))[self.version.id]
        return Campaign(self.policy.id, published, owner, retries or Retries())

    async def notice(self, index: int = 0) -> Notice:
        return await Notice.get(member_id=self.members[index].id, version_id=self.version.id)

    async def begin(
        self,
        notice: Notice,
        owner: str = "one",
        when: datetime = NOW,
        name: str = "<t1@x>",
        to: Address | None = None,
    ) -> Begun | None:
        """What may be written now, to the address or else to the newest one."""
        address = to or await last_address(notice.member_id)
        assert address is not None
        earlier = await Sending.filter(notice_id=notice.id).order_by("-number").first()
        next_ = Begin(notice, address.id, name, "d", earlier)
        [begun] = await take_turns(await self.campaign(owner), [Turn(next=next_)], when)
        return begun

    async def end(self, attempted: Attempted, owner: str = "one", retries: Retries | None = None) -> NoticeState:
        """Records what the attempt came to; gives the notice's state after it."""
        [nothing] = await take_turns(await self.campaign(owner, retries), [Turn(last=attempted)], attempted.at)
        assert nothing is None
        return (await Notice.get(id=attempted.notice.id)).state

    async def attempt(
        self, outcome: Outcome, when: datetime = NOW, name: str = "<t1@x>", retries: Retries | None = None
    ) -> Sending:
        """Claims, begins and ends one attempt for the first member."""
        [notice] = await claim(Range(self.version.id, self.members[0].id, self.members[0].id), "one", when)
        sending = await self.begin(notice, when=when, name=name)
        assert sending is not None
        await self.end(Attempted(notice, sending, outcome, when), retries=retries)
        return await Sending.get(id=sending.id)


async def another_post(slug: str = "privacy", number: int = 6) -> Post:
    policy = await make_policy(slug)
    await make_version(policy, POSTED_1)
    members = [await make_member(policy, f"{slug}{i}", address=f"m{i}@example.org") for i in range(number)]
    return Post(policy, await make_version(policy, POSTED_2, {"c1": ["marketing"]}), members)


async def rows_of(post: Post) -> list[tuple[object, ...]]:
    """What the database says of the notices and their sendings, without ids that depend on the order of writing."""
    found: list[tuple[object, ...]] = []
    for notice in await Notice.filter(version_id=post.version.id).order_by("member_id"):
        sent = [
            (row.number, row.state, row.attempts, row.accepted_at, row.recorded_at, row.reply, row.sequence is None)
            for row in await Sending.filter(notice_id=notice.id).order_by("number")
        ]
        told = [event.action for event in await Event.filter(member_id=notice.member_id).order_by("id")]
        window = (notice.effective_at, notice.opens_at, notice.closes_at, notice.counted)
        found.append((notice.state, notice.owner, notice.next_attempt_at is None, window, sent, told))
    return found
