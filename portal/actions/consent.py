"""Consents to opt-in purposes, and opt-outs, which stop a purpose everywhere (rules: "Objecting", last points)."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.record import record
from portal.rules.errors import RuleBroken
from portal.rules.objection import Refusal, broken
from portal.rules.policy import Treatment
from portal.rules.scenario import takes_effect
from portal.store.answers import Consent, Direction, OptOut, Way
from portal.store.connections import transaction
from portal.store.declarations import Declaration
from portal.store.locks import lock_member
from portal.store.members import Membership
from portal.store.outcomes import Closure
from portal.store.policies import Policy, Purpose, Version
from portal.store.standings import known


async def consent(
    member_id: int,
    version_id: int,
    purpose: str,
    *,
    way: Way,
    by: Actor,
    at: datetime,
    received_at: datetime | None = None,
) -> Consent:
    """Records the yes of someone known to be the member to an opt-in purpose of a version; a second gives the first.

    What comes by link is declared first, see `declaration.py`. Raises RuleBroken: `account_closed`, `no_notice`,
    `not_asked` (no opt-in purpose of the version).
    """
    async with transaction():
        await lock_member(member_id)
        return await write_consent(member_id, version_id, purpose, way=way, by=by, at=at, received_at=received_at or at)


async def write_consent(
    member_id: int, version_id: int, purpose: str, *, way: Way, by: Actor, at: datetime, received_at: datetime
) -> Consent:
    """The same in the transaction of the caller, who has locked the member."""
    version = await asked_version(member_id, version_id, purpose, received_at)
    earlier = await Consent.get_or_none(member_id=member_id, version_id=version_id, purpose=purpose)
    if earlier is not None:
        return earlier
    sequence = await record(
        "consent.given",
        by,
        at,
        received_at=received_at,
        member_id=member_id,
        policy_id=version.policy_id,
        version_id=version_id,
        purpose=purpose,
        way=str(way),
    )
    return await Consent.create(
        member_id=member_id,
        version_id=version_id,
        purpose=purpose,
        way=way,
        received_at=received_at,
        recorded_at=at,
        sequence=sequence,
    )


async def asked_version(member_id: int, version_id: int, purpose: str, at: datetime) -> Version:
    """The version, where it asks this member for a consent to the purpose. Raises RuleBroken as `consent`."""
    version = await Version.get_or_none(id=version_id)
    if version is None or not await Membership.exists(member_id=member_id, policy_id=version.policy_id):
        raise broken(Refusal.NO_NOTICE)
    facts = await known(member_id, version.policy_id)
    ruled = facts.version(version.number)
    if facts.standing.closed_at is not None:
        raise broken(Refusal.ACCOUNT_CLOSED)
    if ruled is None or not takes_effect(ruled, facts.standing, at):
        raise broken(Refusal.NO_NOTICE)
    if ruled.treatments.get(purpose) is not Treatment.OPT_IN:
        raise RuleBroken("not_asked", "Under this version that needs no consent.", field="purpose")
    return version


async def is_consented(member_id: int, version_id: int, purpose: str) -> bool:
    """Whether the member said yes to the purpose of that very version."""
    return await Consent.exists(member_id=member_id, version_id=version_id, purpose=purpose)


async def opt_out(
    member_id: int, purpose: str, *, way: Way, by: Actor, at: datetime, received_at: datetime | None = None
) -> bool:
    """Stops the purpose for all the member's data, in every policy. False where it was stopped already by then.

    Never closes an account. Raises RuleBroken: `account_closed`, `unknown_purpose`.
    """
    return await _turn(member_id, purpose, Direction.OUT, way=way, by=by, at=at, received_at=received_at or at)


async def opt_in(
    member_id: int, purpose: str, *, way: Way, by: Actor, at: datetime, received_at: datetime | None = None
) -> bool:
    """Lifts the opt-out of the purpose. False where there was none. Raises as `opt_out`."""
    return await _turn(member_id, purpose, Direction.IN, way=way, by=by, at=at, received_at=received_at or at)


async def lift_opt_out(
    member_id: int, purpose: str, *, way: Way, by: Actor, at: datetime, received_at: datetime, sequence: int
) -> bool:
    """Lifts an opt-out that was made before what is confirmed now, which was received at `received_at` with that
    sequence: one made since is the member's last word.

    In the transaction of the caller, who has locked the member.
    """
    last = await _last_turn(member_id, purpose)
    if last is None or last.direction is Direction.IN or (last.received_at, last.sequence) > (received_at, sequence):
        return False
    await _write_turn(member_id, purpose, Direction.IN, way=way, by=by, at=at, received_at=received_at)
    return True


async def _turn(
    member_id: int, purpose: str, direction: Direction, *, way: Way, by: Actor, at: datetime, received_at: datetime
) -> bool:
    async with transaction():
        await lock_member(member_id)
        if await Closure.exists(member_id=member_id):
            raise broken(Refusal.ACCOUNT_CLOSED)
        if not await Purpose.exists(key=purpose):
            raise RuleBroken("unknown_purpose", "There is no such purpose.", field="purpose")
        if await _stands_so(member_id, purpose, direction, received_at):
            return False
        await _write_turn(member_id, purpose, direction, way=way, by=by, at=at, received_at=received_at)
        return True


async def _stands_so(member_id: int, purpose: str, direction: Direction, by: datetime) -> bool:
    """Whether there is nothing to turn. A letter of day 19 is judged by day 19, whatever the member turned since.

    To stop it once more after a yes that waits is a word of its own: else that yes, once confirmed, would undo it.
    """
    last = await _last_turn(member_id, purpose, received_at__lte=by)
    if direction is Direction.IN or last is None or last.direction is Direction.IN:
        return direction is (last.direction if last else Direction.IN)
    yes = Declaration.filter(member_id=member_id, purpose=purpose, decided_at__isnull=True, received_at__lte=by)
    newest = await yes.order_by("-received_at", "-sequence").first()
    return newest is None or (newest.received_at, newest.sequence) < (last.received_at, last.sequence)


async def _last_turn(member_id: int, purpose: str, **narrower: object) -> OptOut | None:
    made = OptOut.filter(member_id=member_id, purpose=purpose, **narrower)
    return await made.order_by("-received_at", "-sequence").first()


async def _write_turn(
    member_id: int, purpose: str, direction: Direction, *, way: Way, by: Actor, at: datetime, received_at: datetime
) -> None:
    action = "purpose.opted_out" if direction is Direction.OUT else "purpose.opted_in"
    sequence = await record(action, by, at, received_at=received_at, member_id=member_id, purpose=purpose, way=str(way))
    await OptOut.create(
        member_id=member_id,
        purpose=purpose,
        direction=direction,
        way=way,
        received_at=received_at,
        recorded_at=at,
        sequence=sequence,
    )


async def purposes_to_opt_out_of(member_id: int) -> frozenset[str]:
    """The purposes pages offer to stop: those that some policy of the member treats as separable or opt-in."""
    return await _treated(member_id, {Treatment.SEPARABLE, Treatment.OPT_IN})


async def purposes_that_need_consent(member_id: int) -> frozenset[str]:
    """Those that some policy of the member treats as opt-in: to allow one again is to consent."""
    return await _treated(member_id, {Treatment.OPT_IN})


async def _treated(member_id: int, wanted: set[Treatment]) -> frozenset[str]:
    policy_ids = await Membership.filter(member_id=member_id).values_list("policy_id", flat=True)
    treatments: list[dict[str, str]] = [policy.treatments for policy in await Policy.filter(id__in=list(policy_ids))]
    treatments += [version.treatments for version in await Version.filter(policy_id__in=list(policy_ids))]
    return frozenset(purpose for treated in treatments for purpose, how in treated.items() if how in wanted)
