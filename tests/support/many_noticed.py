"""A version that so many members were told of on the site: their windows close in the same second."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.keys import Keys, Link
from portal.store.members import Member
from portal.store.policies import Change, Version
from tests.support.drafting import ON_SITE, TEXT_1, TEXT_2, person, policy_of, published
from tests.support.many import many_members
from tests.support.noticed import CLOSES_2, POSTED_2
from tests.support.world import DAY, POSTED_1

CLOSES = CLOSES_2
"""Twenty days of Berlin after the posting."""


@dataclass(frozen=True)
class ManyNoticed:
    version: Version
    marketing: str
    members: list[Member]

    def link(self, member: Member, keys: Keys, day: date) -> str:
        """The address of a member's notice, by a mailed link."""
        return f"/n/{keys.notice_link(Link(member.id, self.version.id, member.link_epoch, day))}"


async def many_noticed(count: int, posted_at: datetime = POSTED_2) -> ManyNoticed:
    author, approver = await person("Ann Author", POSTED_1), await person("Ben Approver", POSTED_1)
    policy = await policy_of(ON_SITE, by=author, at=POSTED_1 - DAY)
    await published(policy, TEXT_1, by=author, approver=approver, at=POSTED_1)
    await many_members(policy, count)
    version = await published(policy, TEXT_2, by=author, approver=approver, at=posted_at)
    changes = await Change.filter(version_id=version.id)
    marketing = next(change.key for change in changes if change.record["section"][-1] == "News")
    return ManyNoticed(version, marketing, await Member.all().order_by("id"))
