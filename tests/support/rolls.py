"""Recipient rolls as anybody can recompute them."""

from collections.abc import Iterable
from hashlib import sha256

from tortoise import connections

from portal.store.connections import READER
from portal.store.policies import Version
from portal.store.recipient_roll import Counted, RecipientRoll, counted_roll


def digest_of(members: Iterable[int]) -> str:
    """As the documentation says."""
    return "sha256:" + sha256("".join(f"{number}\n" for number in sorted(members)).encode()).hexdigest()


async def roll_of(version: Version) -> RecipientRoll:
    return await RecipientRoll.get(version_id=version.id)


async def counted(roll: RecipientRoll) -> Counted:
    return await counted_roll(connections.get(READER), roll.version_id, roll.last_notice_id)
