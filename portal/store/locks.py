"""Taking turns: on PostgreSQL by row locks; on SQLite `transaction()` lets one writer in at a time anyway."""

from portal.store.members import Member
from portal.store.policies import Policy, Version


async def lock_member(member_id: int) -> Member:
    """The member's row, locked until the transaction ends: whatever concerns one member is decided one at a time.

    Raises tortoise's DoesNotExist.
    """
    return await Member.select_for_update(no_key=True).get(id=member_id)


async def lock_policy(policy_id: int) -> Policy:
    """The policy's row, locked until the transaction ends: publications and imports wait for each other.

    Raises tortoise's DoesNotExist.
    """
    return await Policy.select_for_update(no_key=True).get(id=policy_id)


async def lock_version(version_id: int) -> Version:
    """The version's row, without its texts, locked until the transaction ends: holds are set and lifted one at a time.

    Raises tortoise's DoesNotExist.
    """
    light = Version.select_for_update(no_key=True).only("id", "policy_id", "number", "mailed")
    return await light.get(id=version_id)
