"""The uses of data that a member may stop, or has stopped."""

from dataclasses import dataclass

from portal.actions.consent import purposes_to_opt_out_of
from portal.rules.policy import Treatment
from portal.store.members import Member
from portal.store.policies import Policy, Purpose
from portal.store.standings import known


@dataclass(frozen=True, slots=True)
class Switched:
    """A purpose the member may stop. `consented`: None where no consent is asked for it."""

    purpose: str
    title: str
    about: str
    out: bool
    consented: bool | None


async def switches_of(member: Member, policy_ids: list[int]) -> list[Switched]:
    """What the member may stop, and stopped, in all policies."""
    stoppable = await purposes_to_opt_out_of(member.id)
    standings = [(await known(member.id, policy_id)).standing for policy_id in policy_ids]
    consented = {purpose for standing in standings for purpose in standing.consents}
    out = standings[0].opted_out if standings else frozenset()
    asked = await _asked(policy_ids)
    return [
        Switched(row.key, row.title, row.about, row.key in out, row.key in consented if row.key in asked else None)
        for row in await Purpose.filter(key__in=list(stoppable)).order_by("title")
    ]


async def _asked(policy_ids: list[int]) -> set[str]:
    """The purposes that some policy uses with consent only."""
    treatments: list[dict[str, str]] = [row.treatments for row in await Policy.filter(id__in=policy_ids)]
    return {purpose for treated in treatments for purpose, how in treated.items() if how == Treatment.OPT_IN}
