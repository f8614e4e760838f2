"""Actions are tested on a real database: SQLite, and PostgreSQL by the same tests."""

from dataclasses import dataclass

import pytest

from portal.actions.actor import Actor
from portal.store.connections import transaction
from portal.store.members import Member
from portal.store.notices import Bounce, Notice, Sending, SendingState
from portal.store.policies import Policy, Version
from tests.support.came_back import MESSAGE_ID
from tests.support.posting import Post, another_post
from tests.support.world import POSTED_1, POSTED_2, SENT_2, accept, at, make_member, make_policy, make_version

OBJECTED = at("2026-03-05 12:00")


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


@pytest.fixture
async def sending(told: Told) -> Sending:
    """The sending of version 2, under a Message-ID as the jobs make them."""
    row = await Sending.get(member_id=told.member.id)
    return await named(row, MESSAGE_ID)


async def named(row: Sending, message_id: str) -> Sending:
    """The row again, under that Message-ID: a trigger keeps the one it had."""
    async with transaction():
        again = await Sending.create(
            member_id=row.member_id,
            notice_id=row.notice_id,
            number=row.number + 1,
            address_id=row.address_id,
            message_id=message_id,
            state=SendingState.ACCEPTED,
            attempts=1,
            started_at=SENT_2,
            accepted_at=SENT_2,
            recorded_at=SENT_2,
            sequence=1,
        )
        await Bounce.create(
            member_id=row.member_id,
            notice_id=row.notice_id,
            sending_id=row.id,
            named=True,
            received_at=SENT_2,
            recorded_at=SENT_2,
            sequence=2,
        )
    return again


@pytest.fixture
async def post(store: str) -> Post:
    return await another_post()
