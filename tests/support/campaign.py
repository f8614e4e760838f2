"""A campaign of many members, written in bulk, and a worker that sends it."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from portal.settings import Settings
from portal.store.connections import transaction
from portal.store.contacts import address_digest
from portal.store.members import Address, Member, Membership, Profile
from portal.store.notices import Notice, NoticeState
from portal.store.policies import Policy
from tests.support.drafting import BY_MAIL, TEXT_1, TEXT_2, person, policy_of, published
from tests.support.world import DAY, JOINED, POSTED_1, POSTED_2

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Reader:
    """Whom a notice is for."""

    address: str
    name: str


async def owed_to(number: int, domain: Callable[[int], str] = lambda _: "example.org") -> list[str]:
    """A policy with two versions, and so many members who are owed a mail about the second; gives their addresses.

    `domain` of the member with that number.
    """
    readers = [Reader(f"m{i}@{domain(i)}", f"Maria {i + 1}") for i in range(number)]
    await owed_to_readers(readers)
    return [reader.address for reader in readers]


async def owed_to_readers(readers: Sequence[Reader], title: str = "Privacy policy") -> None:
    """The same for members with these addresses and names, whatever they are, in their order; `title` of the policy."""
    author, approver = await person("Ann Author", POSTED_1), await person("Ben Approver", POSTED_1)
    policy = await policy_of(BY_MAIL, by=author, at=POSTED_1 - DAY)
    async with transaction():
        await Policy.filter(id=policy.id).update(title=title)
    await published(policy, TEXT_1, by=author, approver=approver, at=POSTED_1)
    await _members(policy, readers)
    await published(policy, TEXT_2, by=author, approver=approver, at=POSTED_2)


async def _members(policy: Policy, readers: Sequence[Reader]) -> None:
    fact = {"received_at": JOINED, "recorded_at": JOINED, "sequence": 0}
    async with transaction():
        await Member.bulk_create([Member(external_id=f"m{i}", recorded_at=JOINED) for i in range(len(readers))])
        members = await Member.all().order_by("id")
        await Address.bulk_create(
            [
                Address(member_id=member.id, address=reader.address, digest=address_digest(reader.address), **fact)
                for member, reader in zip(members, readers, strict=True)
            ]
        )
        await Profile.bulk_create(
            [
                Profile(member_id=member.id, name=reader.name, language="en", **fact)
                for member, reader in zip(members, readers, strict=True)
            ]
        )
        await Membership.bulk_create(
            [
                Membership(member_id=member.id, policy_id=policy.id, joined_at=JOINED, joined_on=1, **fact)
                for member in members
            ]
        )


async def worker(settings: Settings, port: int) -> Process:
    """`manage.py worker`, with the present time."""
    surroundings = {
        **os.environ,
        "PORTAL_DATABASE_URL": settings.database,
        "PORTAL_DATA": str(settings.data),
        "PORTAL_MAIL_FROM": "privacy@ternwick.example",
        "PORTAL_SMTP_PORT": str(port),
    }
    return await asyncio.create_subprocess_exec(sys.executable, str(ROOT / "manage.py"), "worker", env=surroundings)


async def in_state(state: NoticeState) -> int:
    return await Notice.filter(state=state).count()
