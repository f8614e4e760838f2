"""What members declare: consents, opting in again, taking back what cannot be made again, objecting by a reply.

A mailed link may have been forwarded. So what is declared by link is received, numbered and timed at once, and changes
nothing before it is confirmed (`declaration.py`). Whoever has signed in confirms by declaring.
"""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.code import send_code
from portal.actions.consent import asked_version, is_consented
from portal.actions.declaration import confirmed_now, recorded
from portal.actions.objection import version_of, withdraw
from portal.actions.objection_in_force import in_force
from portal.actions.receipt_number import receipt_number
from portal.rules.errors import RuleBroken
from portal.rules.objection import Refusal, broken
from portal.store.answers import ConfirmationWay, Way
from portal.store.connections import transaction
from portal.store.declarations import Declaration, DeclarationKind
from portal.store.locks import lock_member
from portal.store.outcomes import Closure
from portal.store.standings import opted_out


async def declare_consent(
    member_id: int,
    version_id: int,
    purpose: str,
    *,
    way: Way,
    known_as: ConfirmationWay | None,
    by: Actor,
    at: datetime,
    received_at: datetime | None = None,
    reason: str = "",
) -> Declaration | None:
    """A yes to an opt-in purpose of a version; where the member opted out of it before, it lifts that, too.

    `known_as`: how the one who says it is known to be the member; None for a mere link, and then a code is mailed; by
    ops it takes a `reason`. `received_at` (UTC): default `at`. None is answered where the consent is given already.
    Raises RuleBroken as `consent` does, and `reason_wanted`.
    """
    async with transaction():
        await lock_member(member_id)
        await asked_version(member_id, version_id, purpose, received_at or at)
        if await is_consented(member_id, version_id, purpose) and purpose not in await opted_out(member_id):
            return None
        said = Declaration(member_id=member_id, version_id=version_id, kind=DeclarationKind.CONSENT, purpose=purpose)
        said.received_at = received_at or at
        return await _declared(said, way=way, known_as=known_as, by=by, at=at, reason=reason)


async def declare_opt_in(
    member_id: int,
    version_id: int,
    purpose: str,
    *,
    way: Way,
    known_as: ConfirmationWay | None,
    by: Actor,
    at: datetime,
    received_at: datetime | None = None,
    reason: str = "",
) -> Declaration | None:
    """The end of an opt-out of a purpose that needs a consent. The rest as `declare_consent`; None: there is none."""
    async with transaction():
        await lock_member(member_id)
        if await Closure.exists(member_id=member_id):
            raise broken(Refusal.ACCOUNT_CLOSED)
        if purpose not in await opted_out(member_id):
            return None
        said = Declaration(member_id=member_id, version_id=version_id, kind=DeclarationKind.OPT_IN, purpose=purpose)
        said.received_at = received_at or at
        return await _declared(said, way=way, known_as=known_as, by=by, at=at, reason=reason)


async def take_back(
    objection_id: int,
    *,
    way: Way,
    known_as: ConfirmationWay | None,
    by: Actor,
    at: datetime,
    received_at: datetime | None = None,
    reason: str = "",
) -> Declaration | None:
    """Takes an objection back. While it could be made again that needs no confirmation: None is answered.

    After that it is declared; the rest as `declare_consent`. Raises RuleBroken: `account_closed`, else `no_objection`;
    `before_objection`.
    """
    async with transaction():
        objection = await in_force(objection_id)
        if (received_at or at) < objection.received_at:
            raise RuleBroken("before_objection", "The objection had not been received by then.", field="received_at")
        version, facts = await version_of(objection.member_id, objection.version_id)
        ruled = facts.version(version.number)
        if ruled is None or facts.standing.window(ruled).open_or_ahead(received_at or at):
            await withdraw(objection_id, way=way, by=by, at=at, received_at=received_at)
            return None
        said = Declaration(
            member_id=objection.member_id,
            version_id=objection.version_id,
            kind=DeclarationKind.WITHDRAWAL,
            objection_id=objection_id,
        )
        said.received_at = received_at or at
        return await _declared(said, way=way, known_as=known_as, by=by, at=at, reason=reason)


async def declare_objection(member_id: int, version_id: int, *, by: Actor, at: datetime) -> Declaration:
    """An objection to all changes of the version, by a reply that anybody could have written; a code is mailed.

    The rules have let it through already, as received at that instant (UTC); call it with the member locked.
    """
    said = Declaration(member_id=member_id, version_id=version_id, kind=DeclarationKind.OBJECTION)
    said.received_at = at
    return await _declared(said, way=Way.REPLY, known_as=None, by=by, at=at, reason="")


async def _declared(
    said: Declaration, *, way: Way, known_as: ConfirmationWay | None, by: Actor, at: datetime, reason: str
) -> Declaration:
    """The open declaration of the same, or a new one; whoever is known to be the member confirms it at once."""
    if known_as is ConfirmationWay.OPS and not reason.strip():
        raise RuleBroken("reason_wanted", "Say how you know that the member wants this.", field="reason")
    same = Declaration.filter(member_id=said.member_id, version_id=said.version_id, kind=said.kind)
    earlier = await same.get_or_none(purpose=said.purpose, decided_at__isnull=True)
    declaration = earlier or await _received(said, way=way, by=by, at=at)
    if known_as is not None:
        return await confirmed_now(declaration, way=known_as, by=by, at=at, reason=reason)
    if earlier is None:
        await send_code(said.member_id, declaration_id=declaration.id, by=by, at=at)
    return declaration


async def _received(said: Declaration, *, way: Way, by: Actor, at: datetime) -> Declaration:
    said.number, said.way, said.recorded_at = receipt_number(), way, at
    said.sequence = await recorded("declaration.received", said, by, at, received_at=said.received_at)
    await said.save()
    return said
