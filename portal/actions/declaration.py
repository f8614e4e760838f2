"""What becomes of a declaration: confirmed by someone known to be the member, left by the member, rejected by ops."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.code import another_code, code_wrong, tried_code
from portal.actions.declaration_effect import take_effect
from portal.actions.record import record
from portal.actions.remark import remark
from portal.keys import Keys
from portal.rules.errors import RuleBroken
from portal.rules.objection import Refusal, broken
from portal.store.answers import ConfirmationWay
from portal.store.connections import transaction
from portal.store.declarations import Decision, Declaration
from portal.store.locks import lock_member
from portal.store.outcomes import Closure


async def confirm_declaration(
    declaration_id: int, *, way: ConfirmationWay, by: Actor, at: datetime, reason: str = ""
) -> Declaration:
    """It takes effect, as received when it was. Confirming again changes nothing.

    Raises RuleBroken: `account_closed`, `declaration_over`, `reason_wanted`, and what its effect raises.
    """
    if way is ConfirmationWay.OPS and not reason.strip():
        raise RuleBroken("reason_wanted", "Say how you know that the member wants this.", field="reason")
    async with transaction():
        declaration = await _locked(declaration_id)
        return await confirmed_now(declaration, way=way, by=by, at=at, reason=reason)


async def confirm_declaration_by_code(
    declaration_id: int, given: str, *, keys: Keys, by: Actor, at: datetime
) -> Declaration:
    """The same by the code that was mailed. Raises RuleBroken besides: `code_wrong` (`tries_left`), `code_expired`."""
    async with transaction():
        declaration = await _locked(declaration_id)
        if declaration.decided_as is Decision.CONFIRMED:
            return declaration
        code = await tried_code(declaration.member_id, given, declaration_id=declaration_id, keys=keys, at=at)
        if code.used_at is not None:
            return await confirmed_now(declaration, way=ConfirmationWay.CODE, by=by, at=at)
    raise code_wrong(code)


async def send_declarations_code(declaration_id: int, *, by: Actor, at: datetime) -> None:
    """Another code. Raises RuleBroken: `account_closed`, `declaration_over`, `too_often`."""
    async with transaction():
        declaration = await _open(declaration_id)
        await another_code(declaration.member_id, declaration_id=declaration_id, by=by, at=at)


async def drop_declaration(declaration_id: int, *, by: Actor, at: datetime) -> Declaration:
    """The member leaves it, and all stays as it was. Raises RuleBroken: `account_closed`, `declaration_over`."""
    async with transaction():
        declaration = await _open(declaration_id)
        await _decide(declaration, Decision.DROPPED, "declaration.dropped", by=by, at=at)
        return declaration


async def reject_declaration(declaration_id: int, *, by: Actor, at: datetime, reason: str) -> Declaration:
    """Ops knows that it did not come from the member. Raises RuleBroken: `reason_wanted`, and as `drop_declaration`."""
    if not reason.strip():
        raise RuleBroken("reason_wanted", "Say why you reject it.", field="reason")
    async with transaction():
        declaration = await _open(declaration_id)
        await _decide(declaration, Decision.REJECTED, "declaration.rejected", by=by, at=at, reason=reason)
        return declaration


async def confirmed_now(
    declaration: Declaration, *, way: ConfirmationWay, by: Actor, at: datetime, reason: str = ""
) -> Declaration:
    """`confirm_declaration` in the transaction of the caller, who has locked the member."""
    if declaration.decided_as is Decision.CONFIRMED:
        return declaration
    if declaration.decided_at is not None:
        raise _over()
    declaration.confirmed_by = way
    await _decide(declaration, Decision.CONFIRMED, "declaration.confirmed", by=by, at=at, reason=reason)
    await take_effect(declaration, by=by, at=at)
    return declaration


async def _decide(
    declaration: Declaration, decision: Decision, action: str, *, by: Actor, at: datetime, reason: str = ""
) -> None:
    declaration.decided_at, declaration.decided_as = at, decision
    declaration.decided_sequence = await recorded(action, declaration, by, at)
    declaration.staff_id, declaration.remark_id = by.staff_id, await remark(declaration.member_id, reason, at)
    await declaration.save(
        update_fields=["decided_at", "decided_as", "decided_sequence", "confirmed_by", "staff_id", "remark_id"]
    )


async def _open(declaration_id: int) -> Declaration:
    declaration = await _locked(declaration_id)
    if declaration.decided_at is not None:
        raise _over()
    return declaration


async def _locked(declaration_id: int) -> Declaration:
    """The declaration, its member locked. Raises RuleBroken: `account_closed`."""
    found = await Declaration.get(id=declaration_id)
    await lock_member(found.member_id)
    await found.refresh_from_db()  # the lock may have waited for a decision
    if found.decided_at is None and await Closure.exists(member_id=found.member_id):
        raise broken(Refusal.ACCOUNT_CLOSED)
    return found


def _over() -> RuleBroken:
    return RuleBroken("declaration_over", "This was decided already.")


async def recorded(
    action: str, declaration: Declaration, by: Actor, at: datetime, *, received_at: datetime | None = None
) -> int:
    """The event of what happens to a declaration, and its sequence."""
    return await record(
        action,
        by,
        at,
        received_at=received_at,
        member_id=declaration.member_id,
        version_id=declaration.version_id,
        kind=str(declaration.kind),
        number=declaration.number,
        objection=declaration.objection_id,
        purpose=declaration.purpose,
    )
