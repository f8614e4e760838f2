"""Changing an objection: the old one is taken back and another filed, both or neither (rules: "Objecting")."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tortoise.exceptions import IntegrityError

from portal.actions.actor import Actor
from portal.actions.objection import changes_of, mail_receipt, refused_by_database, version_of
from portal.actions.objection_in_force import in_force
from portal.actions.objection_rows import write_objection, write_withdrawal
from portal.rules import objection as rules
from portal.rules.errors import RuleBroken
from portal.rules.policy import Version as RuledVersion
from portal.rules.standing import Standing
from portal.store.answers import ObjectedChange, Objection, Way
from portal.store.connections import transaction
from portal.store.policies import Change


async def amend_objection(
    objection_id: int,
    change_keys: Sequence[str],
    *,
    way: Way,
    by: Actor,
    at: datetime,
    received_at: datetime | None = None,
    reason: str = "",
) -> Objection:
    """Takes the objection back and files one to these changes in its place, both received at `received_at`.

    That is in UTC, by default `at`. One that closes the account is in force at once and is confirmed like any other.
    Raises RuleBroken with a rules.objection.Refusal as code where either half is refused, `nothing_amended`,
    `before_objection`; then the first one stands.
    """
    try:
        async with transaction():
            return await _amend(
                objection_id, change_keys, way=way, by=by, at=at, received_at=received_at or at, reason=reason
            )
    except IntegrityError as conflict:
        raise refused_by_database(conflict) from conflict


def without(version: RuledVersion, standing: Standing) -> Standing:
    """The member's standing as it would be had they not objected to the version: what an amendment is judged by."""
    others = {number: kept for number, kept in standing.objections.items() if number != version.number}
    return replace(standing, objections=others)


async def _amend(
    objection_id: int,
    change_keys: Sequence[str],
    *,
    way: Way,
    by: Actor,
    at: datetime,
    received_at: datetime,
    reason: str,
) -> Objection:
    objection = await in_force(objection_id)
    if received_at < objection.received_at:
        raise RuleBroken("before_objection", "The objection had not been received by then.", field="received_at")
    version, facts = await version_of(objection.member_id, objection.version_id)
    ruled = facts.version(version.number)
    if ruled is None:
        raise rules.broken(rules.Refusal.NO_NOTICE)
    filed = rules.file(ruled, without(ruled, facts.standing), received_at, change_keys)
    covered = await changes_of(version, list(change_keys) or list(ruled.objectable))
    if {change.id for change in covered} == {change.id for change in await covered_by(objection)}:
        raise RuleBroken("nothing_amended", "These are the changes you object to already.", field="change")
    await write_withdrawal(objection, way=way, by=by, at=at, received_at=received_at)
    amended = await write_objection(
        objection.member_id, version, filed, covered, way=way, by=by, at=at, reason=reason, amends_id=objection.id
    )
    await mail_receipt(amended, by=by, at=at)
    return amended


async def covered_by(objection: Objection) -> list[Change]:
    """The changes that an objection names."""
    links = ObjectedChange.filter(member_id=objection.member_id, objection_id=objection.id).select_related("change")
    return [link.change for link in await links]
