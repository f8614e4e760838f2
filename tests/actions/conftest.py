"""Actions are tested on a real database: SQLite, and PostgreSQL by the same tests."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from portal.actions.actor import Actor
from portal.store import connect, disconnect
from portal.store.members import Member
from portal.store.notices import Notice
from portal.store.policies import Policy, Version
from tests.support.world import POSTED_1, POSTED_2, SENT_2, accept, at, make_member, make_policy, make_version

OBJECTED = at("2026-03-05 12:00")


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[str]:
    """A fresh database, connected; gives its URL."""
    await connect(database_url)
    yield database_url
    await disconnect()


@dataclass
class Told:
    """A member who was mailed version 2, with one marketing, one service, one AI and one editorial change."""

    policy: Policy
    version: Version
    member: Member

    @property
    def by(self) -> Actor:
        return Actor("member", self.member.id)


@pytest.fixture
async def told(store: str) -> Told:
    policy = await make_policy()
    await make_version(policy, POSTED_1)
    member = await make_member(policy)
    version = await make_version(
        policy, POSTED_2, {"c1": ["marketing"], "c2": ["service"], "c3": [], "c4": ["ai_training"]}
    )
    await accept(await Notice.get(member_id=member.id, version_id=version.id), SENT_2)
    return Told(policy, version, member)
