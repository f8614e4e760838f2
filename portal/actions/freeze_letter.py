"""What mails tell of an objection that freezes: which data it keeps, and what an earlier one keeps already."""

from collections.abc import Set
from datetime import datetime
from typing import Any

from portal.store.policies import Version
from portal.store.standings import known


async def told_of_freeze(member_id: int, version: Version, received_at: datetime, purposes: Set[str]) -> dict[str, Any]:
    """`held_until` (UTC): data collected up to then is kept; None while the version does not apply to the member.

    `frozen_earlier`: the lowest version that a freeze in force of these purposes is to; None where there is none.
    """
    facts = await known(member_id, version.policy_id)
    ruled = facts.version(version.number)
    effective_at = facts.standing.window(ruled).effective_at if ruled else None
    earlier = [
        number
        for number, objection in facts.standing.objections.items()
        if number < version.number and not objection.closing and objection.purposes & purposes
    ]
    return {
        "held_until": max(received_at, effective_at) if effective_at else None,
        "frozen_earlier": min(earlier, default=None),
    }
