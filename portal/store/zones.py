"""The zones in which days are counted for a member: those of their policies."""

from collections import defaultdict
from collections.abc import Collection

from portal.store.members import Membership


async def zones_of(member_id: int) -> list[str]:
    """IANA names, in the order of the alphabet; none where the member is under no policy."""
    return (await zones_by_member([member_id])).get(member_id, [])


async def zones_by_member(member_ids: Collection[int]) -> dict[int, list[str]]:
    """Member id -> the same."""
    found: dict[int, set[str]] = defaultdict(set)
    for row in await Membership.filter(member_id__in=list(member_ids)).select_related("policy"):
        found[row.member_id].add(str(row.policy.terms.get("zone", "UTC")))
    return {member_id: sorted(zones) for member_id, zones in found.items()}
