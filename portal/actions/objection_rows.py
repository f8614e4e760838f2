"""The rows of an objection and of its end, with their events: written in the transaction of whoever decided."""

from collections.abc import Sequence
from datetime import datetime

from tortoise.queryset import QuerySet

from portal.actions.actor import Actor
from portal.actions.receipt_number import receipt_number
from portal.actions.record import record
from portal.actions.remark import remark
from portal.rules.standing import Objection as Filed
from portal.store.answers import ObjectedChange, Objection, Way
from portal.store.declarations import Decision, Declaration, DeclarationKind
from portal.store.policies import Change, Version


async def write_objection(
    member_id: int,
    version: Version,
    filed: Filed,
    covered: Sequence[Change],
    *,
    way: Way,
    by: Actor,
    at: datetime,
    reason: str = "",
    amends_id: int | None = None,
    restores_id: int | None = None,
    number: str = "",
) -> Objection:
    """The objection that was filed, received when it says; `covered`: its changes. `number`: where it has one already.

    What was declared by a reply and waits is overtaken: one of a member and version is in force at a time.
    """
    number = number or receipt_number()
    sequence = await record(
        "objection.filed",
        by,
        at,
        received_at=filed.received_at,
        member_id=member_id,
        policy_id=version.policy_id,
        version_id=version.id,
        number=number,
        closing=filed.closing,
        purposes=sorted(filed.purposes),
        changes=[change.key for change in covered],
        way=str(way),
        amends=amends_id,
        restores=restores_id,
    )
    objection = await Objection.create(
        member_id=member_id,
        version_id=version.id,
        number=number,
        closing=filed.closing,
        way=way,
        staff_id=by.staff_id,
        remark_id=await remark(member_id, reason, at),
        amends_id=amends_id,
        restores_id=restores_id,
        received_at=filed.received_at,
        recorded_at=at,
        sequence=sequence,
    )
    await ObjectedChange.bulk_create(
        [ObjectedChange(member_id=member_id, objection_id=objection.id, change_id=change.id) for change in covered]
    )
    declared = Declaration.filter(member_id=member_id, version_id=version.id, kind=DeclarationKind.OBJECTION)
    await _overtake(declared, at, sequence)
    return objection


async def write_withdrawal(objection: Objection, *, way: Way, by: Actor, at: datetime, received_at: datetime) -> None:
    """The end of an objection in force, whose member is locked. What was declared about it has nothing left to end."""
    sequence = await record(
        "objection.withdrawn",
        by,
        at,
        received_at=received_at,
        member_id=objection.member_id,
        version_id=objection.version_id,
        objection=objection.id,
        way=str(way),
    )
    objection.withdrawn_at, objection.withdrawn_recorded_at = received_at, at
    objection.withdrawn_sequence = sequence
    await objection.save(update_fields=["withdrawn_at", "withdrawn_recorded_at", "withdrawn_sequence"])
    await _overtake(Declaration.filter(member_id=objection.member_id, objection_id=objection.id), at, sequence)


async def _overtake(declared: QuerySet[Declaration], at: datetime, sequence: int) -> None:
    waiting = declared.filter(decided_at__isnull=True)
    await waiting.update(decided_at=at, decided_as=Decision.OVERTAKEN, decided_sequence=sequence)
