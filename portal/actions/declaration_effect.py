"""What follows from a declaration once it is confirmed, with the instant at which it was received."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.consent import lift_opt_out, write_consent
from portal.actions.objection import changes_of, version_of
from portal.actions.objection_in_force import in_force
from portal.actions.objection_rows import write_objection, write_withdrawal
from portal.actions.outgoing import queue_mail
from portal.rules import objection as rules
from portal.store.declarations import Declaration, DeclarationKind
from portal.store.outbox import MailKind


async def take_effect(declaration: Declaration, *, by: Actor, at: datetime) -> None:
    """All of it in the transaction of the confirmation, and a mail that tells of it.

    Raises RuleBroken where it can no longer be: `no_objection`, as `consent`, and with a rules.objection.Refusal.
    """
    match declaration.kind:
        case DeclarationKind.WITHDRAWAL:
            await _withdraw(declaration, by=by, at=at)
            return
        case DeclarationKind.OBJECTION:
            await _object(declaration, by=by, at=at)
            return
        case DeclarationKind.CONSENT:
            await write_consent(
                declaration.member_id,
                declaration.version_id,
                declaration.purpose,
                way=declaration.way,
                by=by,
                at=at,
                received_at=declaration.received_at,
            )
    await lift_opt_out(
        declaration.member_id,
        declaration.purpose,
        way=declaration.way,
        by=by,
        at=at,
        received_at=declaration.received_at,
        sequence=declaration.sequence,
    )
    about = {"declaration": declaration.id}
    await queue_mail(MailKind.CONSENT, member_id=declaration.member_id, about=about, at=at)


async def _withdraw(declaration: Declaration, *, by: Actor, at: datetime) -> None:
    objection = await in_force(declaration.objection_id or 0)
    received_at = max(declaration.received_at, objection.received_at)
    await write_withdrawal(objection, way=declaration.way, by=by, at=at, received_at=received_at)
    await queue_mail(MailKind.WITHDRAWAL, member_id=objection.member_id, about={"objection": objection.id}, at=at)


async def _object(declaration: Declaration, *, by: Actor, at: datetime) -> None:
    """The freeze that was declared, under the same number and as received when the reply came."""
    version, facts = await version_of(declaration.member_id, declaration.version_id)
    ruled = facts.version(version.number)
    filed = rules.file(ruled, facts.standing, declaration.received_at)
    objection = await write_objection(
        declaration.member_id,
        version,
        filed,
        await changes_of(version, list(ruled.objectable if ruled else ())),
        way=declaration.way,
        by=by,
        at=at,
        number=declaration.number,
    )
    await queue_mail(MailKind.RECEIPT, member_id=objection.member_id, about={"objection": objection.id}, at=at)
