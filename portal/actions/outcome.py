"""What an objection comes to: a freeze confirmed by the company's systems, or a closed account."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.objection_in_force import in_force
from portal.actions.outgoing import queue_mail
from portal.actions.record import record
from portal.actions.remark import remark
from portal.actions.request_rows import end_closing_request
from portal.rules import objection as rules
from portal.rules.errors import RuleBroken
from portal.rules.standing import Objection as ObjectionInForce
from portal.store.answers import Confirmation, Objection
from portal.store.connections import transaction
from portal.store.locks import lock_member
from portal.store.outbox import MailKind
from portal.store.outcomes import Closure, Settlement
from portal.store.policies import Version
from portal.store.standings import known


async def settle_freeze(objection_id: int, *, by: Actor, at: datetime, note: str = "") -> Settlement:
    """Records that the company's systems keep to a freeze; doing it again gives the first record.

    Raises RuleBroken: `account_closed`, `no_objection`, `not_a_freeze`.
    """
    async with transaction():
        objection = await in_force(objection_id)
        if objection.closing:
            raise RuleBroken("not_a_freeze", "This objection closes the account; there is no freeze to confirm.")
        earlier = await Settlement.get_or_none(member_id=objection.member_id, objection_id=objection_id)
        if earlier is not None:
            return earlier
        sequence = await record(
            "freeze.settled",
            by,
            at,
            member_id=objection.member_id,
            version_id=objection.version_id,
            objection=objection_id,
        )
        return await Settlement.create(
            member_id=objection.member_id,
            objection_id=objection_id,
            staff_id=by.staff_id,
            remark_id=await remark(objection.member_id, note, at),
            received_at=at,
            recorded_at=at,
            sequence=sequence,
        )


async def close_for_objection(
    objection_id: int, *, by: Actor, at: datetime, early: bool = False, note: str = ""
) -> Closure:
    """Closes the account that a confirmed closing objection asks to close; not before it is due unless the member asks.

    Raises RuleBroken: `account_closed`, `no_objection`, `not_a_closure`, `not_confirmed`, `not_due` (with `due_at`).
    """
    async with transaction():
        objection = await in_force(objection_id)
        if not objection.closing:
            raise RuleBroken("not_a_closure", "This objection freezes data; it does not close the account.")
        if not await Confirmation.exists(member_id=objection.member_id, objection_id=objection_id):
            raise RuleBroken("not_confirmed", "The member has not confirmed this objection yet.")
        due_at = await closure_due_at(objection)
        if at < due_at and not early:
            raise RuleBroken("not_due", "The member can still take the objection back.", due_at=due_at)
        return await _close(objection.member_id, objection, by, at, note)


async def close_account(member_id: int, *, by: Actor, at: datetime, note: str = "") -> Closure:
    """Closes an account for another reason than an objection, say the member's own wish. Raises `account_closed`."""
    async with transaction():
        await lock_member(member_id)
        if await Closure.exists(member_id=member_id):
            raise rules.broken(rules.Refusal.ACCOUNT_CLOSED)
        return await _close(member_id, None, by, at, note)


async def closure_due_at(objection: Objection) -> datetime:
    """When a closing objection falls due for closing (UTC)."""
    version = await Version.get(id=objection.version_id)
    facts = await known(objection.member_id, version.policy_id)
    ruled = next(ruled for ruled in facts.versions if ruled.number == version.number)
    filed = ObjectionInForce(objection.received_at, frozenset(), closing=True)
    return rules.due_at(ruled, facts.standing, filed)


async def _close(member_id: int, objection: Objection | None, by: Actor, at: datetime, note: str) -> Closure:
    sequence = await record(
        "account.closed",
        by,
        at,
        member_id=member_id,
        version_id=objection.version_id if objection else None,
        objection=objection.id if objection else None,
    )
    # Queued before the closing row: the last mail still goes to the address on file.
    await queue_mail(
        MailKind.CLOSED, member_id=member_id, about={"objection": objection.id} if objection else {}, at=at
    )
    await end_closing_request(member_id, by=by, at=at)
    return await Closure.create(
        member_id=member_id,
        objection_id=objection.id if objection else None,
        staff_id=by.staff_id,
        remark_id=await remark(member_id, note, at),
        received_at=at,
        recorded_at=at,
        sequence=sequence,
    )
