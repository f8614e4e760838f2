"""More members than an import brings in at once, without names and addresses."""

from bench.campaign import MEMBER, MEMBERSHIP
from portal.store.connections import transaction
from portal.store.policies import Policy
from portal.store.statement import execute
from tests.support.world import JOINED


async def many_members(policy: Policy, count: int, *, first: int = 1) -> None:
    """So many members, from that row id on, under the policy's first version."""
    last = first + count - 1
    async with transaction() as connection:
        await execute(connection, MEMBER, [first, last, JOINED])
        await execute(connection, MEMBERSHIP, [first, last, JOINED, policy.id])
