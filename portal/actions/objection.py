"""A member's objection: filed, confirmed, withdrawn (rules: "Objecting")."""

from collections.abc import Sequence
from datetime import datetime

from tortoise.exceptions import IntegrityError

from portal.actions.actor import Actor
from portal.actions.code import code_wrong, send_code, tried_code
from portal.actions.objection_in_force import in_force
from portal.actions.objection_rows import write_objection, write_withdrawal
from portal.actions.outgoing import queue_mail
from portal.actions.record import record
from portal.actions.remark import remark
from portal.keys import Keys
from portal.rules import objection as rules
from portal.rules.errors import RuleBroken
from portal.store.answers import Confirmation, ConfirmationWay, Objection, Way
from portal.store.connections import transaction
from portal.store.locks import lock_member
from portal.store.members import Membership
from portal.store.outbox import MailKind
from portal.store.policies import Change, Version
from portal.store.standings import Known, known


async def file_objection(
    member_id: int,
    version_id: int,
    change_keys: Sequence[str] = (),
    *,
    way: Way,
    by: Actor,
    at: datetime,
    received_at: datetime | None = None,
    reason: str = "",
) -> Objection:
    """Records an objection received at `received_at` (UTC; default `at`), and mails a receipt (and a code).

    No change keys = all objectable changes. Raises RuleBroken with a rules.objection.Refusal as code. One in force a
    member and version: of two at the same instant one is refused with `already_objected`.
    """
    try:
        async with transaction():
            return await _file(
                member_id, version_id, change_keys, way=way, by=by, at=at, received_at=received_at or at, reason=reason
            )
    except IntegrityError as conflict:
        raise refused_by_database(conflict) from conflict


async def _file(
    member_id: int,
    version_id: int,
    change_keys: Sequence[str],
    *,
    way: Way,
    by: Actor,
    at: datetime,
    received_at: datetime,
    reason: str,
) -> Objection:
    if received_at > at:
        raise RuleBroken("not_yet_received", "An answer cannot have arrived in the future.", field="received_at")
    await lock_member(member_id)
    version, facts = await version_of(member_id, version_id)
    ruled = facts.version(version.number)
    filed = rules.file(ruled, facts.standing, received_at, change_keys)
    covered = await changes_of(version, list(change_keys) or list(ruled.objectable if ruled else ()))
    objection = await write_objection(member_id, version, filed, covered, way=way, by=by, at=at, reason=reason)
    await mail_receipt(objection, by=by, at=at)
    return objection


async def mail_receipt(objection: Objection, *, by: Actor, at: datetime) -> None:
    """Queues the mails about an objection that was just written: its receipt, and a code where it closes."""
    await queue_mail(MailKind.RECEIPT, member_id=objection.member_id, about={"objection": objection.id}, at=at)
    if objection.closing:
        await send_code(objection.member_id, objection_id=objection.id, by=by, at=at)


async def confirm(
    objection_id: int,
    *,
    way: ConfirmationWay,
    by: Actor,
    at: datetime,
    received_at: datetime | None = None,
    reason: str = "",
) -> Confirmation:
    """Confirms a closing objection in force: by someone known to be the member, or by ops with a reason.

    `received_at` (UTC; default `at`): when the member said so. It moves no instant. Confirming again gives the first
    confirmation. Raises RuleBroken: `account_closed`, `no_objection`, `nothing_to_confirm`, `reason_wanted`.
    """
    if way is ConfirmationWay.OPS and not reason.strip():
        raise RuleBroken("reason_wanted", "Say how you know that the member wants this.", field="reason")
    async with transaction():
        objection = await in_force(objection_id)
        if not objection.closing:
            raise RuleBroken("nothing_to_confirm", "Only an objection that closes the account needs confirming.")
        earlier = await Confirmation.get_or_none(member_id=objection.member_id, objection_id=objection_id)
        if earlier is not None:
            return earlier
        sequence = await record(
            "objection.confirmed",
            by,
            at,
            received_at=received_at,
            member_id=objection.member_id,
            version_id=objection.version_id,
            objection=objection_id,
            way=str(way),
        )
        return await Confirmation.create(
            member_id=objection.member_id,
            objection_id=objection_id,
            way=way,
            staff_id=by.staff_id,
            remark_id=await remark(objection.member_id, reason, at),
            received_at=received_at or at,
            recorded_at=at,
            sequence=sequence,
        )


async def confirm_by_code(objection_id: int, given: str, *, keys: Keys, by: Actor, at: datetime) -> Confirmation:
    """Confirms by the code that was mailed to the address on file. Each try counts, right or wrong.

    Raises RuleBroken: `code_wrong` (with `tries_left`), `code_expired`, and what `confirm` raises.
    """
    async with transaction():
        objection = await in_force(objection_id)
        code = await tried_code(objection.member_id, given, objection_id=objection_id, keys=keys, at=at)
        if code.used_at is not None:
            return await confirm(objection_id, way=ConfirmationWay.CODE, by=by, at=at)
    raise code_wrong(code)


async def withdraw(
    objection_id: int, *, way: Way, by: Actor, at: datetime, received_at: datetime | None = None
) -> Objection:
    """Takes an objection back, and mails a receipt of it. Whether that needs a confirmation is `take_back`'s to say.

    Raises RuleBroken: `account_closed`, else `no_objection` where it is not in force any more.
    """
    async with transaction():
        objection = await in_force(objection_id)
        await write_withdrawal(
            objection, way=way, by=by, at=at, received_at=max(received_at or at, objection.received_at)
        )
        await queue_mail(MailKind.WITHDRAWAL, member_id=objection.member_id, about={"objection": objection_id}, at=at)
        return objection


async def version_of(member_id: int, version_id: int) -> tuple[Version, Known]:
    """The version, and what is known of the member under its policy. Raises RuleBroken where it is none of theirs."""
    version = await Version.get_or_none(id=version_id)
    if version is None or not await Membership.exists(member_id=member_id, policy_id=version.policy_id):
        raise rules.broken(rules.Refusal.NO_NOTICE)
    return version, await known(member_id, version.policy_id)


async def changes_of(version: Version, keys: Sequence[str]) -> list[Change]:
    return await Change.filter(version_id=version.id, key__in=list(keys))


def refused_by_database(conflict: IntegrityError) -> RuleBroken:
    """The same words as the rules', where a second process was quicker."""
    text = str(conflict)
    if "closed account" in text:
        return rules.broken(rules.Refusal.ACCOUNT_CLOSED)
    if "window has not closed" in text:
        return rules.broken(rules.Refusal.LATE)
    return rules.broken(rules.Refusal.ALREADY_OBJECTED)
