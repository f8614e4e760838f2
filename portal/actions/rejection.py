"""Rejecting an objection that did not come from the member; an amendment is undone whole (rules: "Objecting")."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.amendment import covered_by
from portal.actions.objection_in_force import in_force
from portal.actions.objection_rows import write_objection, write_withdrawal
from portal.actions.outgoing import queue_mail
from portal.actions.record import record
from portal.rules.errors import RuleBroken
from portal.rules.standing import Objection as Filed
from portal.store.answers import Confirmation, Objection, Way
from portal.store.connections import transaction
from portal.store.outbox import MailKind
from portal.store.standings import published_versions


async def reject_objection(objection_id: int, *, by: Actor, at: datetime) -> Objection | None:
    """Ops knows that an unconfirmed closing objection did not come from the member: it is withdrawn.

    Where it took the place of another, neither half of that stands: the other one is in force again, received when it
    was, and is answered. Raises RuleBroken: `account_closed`, `no_objection`, `nothing_to_confirm`, `confirmed`.
    """
    async with transaction():
        objection = await in_force(objection_id)
        if not objection.closing:
            raise RuleBroken("nothing_to_confirm", "Only an objection that closes the account can be rejected.")
        if await Confirmation.exists(member_id=objection.member_id, objection_id=objection.id):
            raise RuleBroken(
                "confirmed", "This objection is confirmed; it cannot be rejected any more, only withdrawn."
            )
        await write_withdrawal(objection, way=Way.ACCOUNT, by=by, at=at, received_at=at)
        about = {"objection": objection.id}
        await queue_mail(MailKind.WITHDRAWAL, member_id=objection.member_id, about=about, at=at)
        return await _restored(objection.amends_id, by=by, at=at) if objection.amends_id else None


async def _restored(objection_id: int, *, by: Actor, at: datetime) -> Objection:
    """The objection once more, as it was received. Rows are never altered, so it stands again in a new one."""
    before = await Objection.get(id=objection_id).prefetch_related("version")
    covered = await covered_by(before)
    objectable = (await published_versions(before.version.policy_id))[before.version_id].objectable
    purposes = frozenset(purpose for change in covered for purpose in objectable[change.key])
    again = await write_objection(
        before.member_id,
        before.version,
        Filed(before.received_at, purposes, before.closing),
        covered,
        way=before.way,
        by=by,
        at=at,
        amends_id=before.amends_id,
        restores_id=before.id,
    )
    await queue_mail(MailKind.RECEIPT, member_id=before.member_id, about={"objection": again.id}, at=at)
    await _confirm_again(before, again, by=by, at=at)
    return again


async def _confirm_again(before: Objection, again: Objection, *, by: Actor, at: datetime) -> None:
    """What was confirmed stays so."""
    confirmed = await Confirmation.get_or_none(member_id=before.member_id, objection_id=before.id)
    if confirmed is None:
        return
    sequence = await record(
        "objection.confirmed",
        by,
        at,
        received_at=confirmed.received_at,
        member_id=again.member_id,
        version_id=again.version_id,
        objection=again.id,
        way=str(confirmed.way),
        restores=before.id,
    )
    await Confirmation.create(
        member_id=again.member_id,
        objection_id=again.id,
        way=confirmed.way,
        staff_id=confirmed.staff_id,
        remark_id=confirmed.remark_id,
        received_at=confirmed.received_at,
        recorded_at=at,
        sequence=sequence,
    )
