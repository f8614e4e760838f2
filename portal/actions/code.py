"""One-time codes: mailed to the address on file, so that a link alone closes no account."""

from datetime import datetime, timedelta

from portal.actions.actor import Actor
from portal.actions.objection_in_force import in_force
from portal.actions.outgoing import queue_mail
from portal.actions.record import record
from portal.keys import Keys
from portal.rules.errors import RuleBroken
from portal.store.access import OneTimeCode
from portal.store.connections import transaction
from portal.store.locks import lock_member
from portal.store.outbox import MailKind

CODE_LIFE = timedelta(hours=2)
MOST_TRIES = 5
MOST_CODES = 5
SPAN_OF_CODES = timedelta(hours=24)


async def send_code(member_id: int, *, objection_id: int | None, by: Actor, at: datetime) -> OneTimeCode:
    """Makes a code and queues its mail, in the caller's transaction. Older codes for the same thing stop working."""
    await OneTimeCode.filter(member_id=member_id, objection_id=objection_id, expires_at__gt=at).update(expires_at=at)
    code = await OneTimeCode.create(
        member_id=member_id, objection_id=objection_id, created_at=at, expires_at=at + CODE_LIFE
    )
    await record("code.sent", by, at, member_id=member_id, code=code.id, objection=objection_id)
    kind = MailKind.SIGN_IN if objection_id is None else MailKind.CODE
    await queue_mail(kind, member_id=member_id, about={"code": code.id}, at=at)
    return code


async def send_another_code(objection_id: int, *, by: Actor, at: datetime) -> OneTimeCode:
    """A new code for an objection in force. Raises RuleBroken: `account_closed`, `no_objection`, `too_often`."""
    async with transaction():
        objection = await in_force(objection_id)
        lately = OneTimeCode.filter(
            member_id=objection.member_id, objection_id=objection_id, created_at__gt=at - SPAN_OF_CODES
        )
        if await lately.count() >= MOST_CODES:
            raise RuleBroken("too_often", "No more codes can be sent today. Reply to the mail, or try again tomorrow.")
        return await send_code(objection.member_id, objection_id=objection_id, by=by, at=at)


async def redeem_code(member_id: int, objection_id: int, given: str, *, keys: Keys, at: datetime) -> None:
    """Uses the newest code of an objection up. Each try counts, right or wrong, and is committed before the answer.

    Raises RuleBroken: `code_wrong` (with `tries_left`), `code_expired`.
    """
    async with transaction():
        await lock_member(member_id)
        code = (
            await OneTimeCode.filter(member_id=member_id, objection_id=objection_id, used_at__isnull=True)
            .order_by("-id")
            .first()
        )
        if code is None or code.expires_at <= at or code.tries >= MOST_TRIES:
            raise RuleBroken("code_expired", "This code no longer works. Ask for a new one.", field="code")
        code.tries += 1
        right = keys.is_code(code.id, given)
        code.used_at = at if right else None
        await code.save(update_fields=["tries", "used_at"])
    if not right:
        left = MOST_TRIES - code.tries
        raise RuleBroken("code_wrong", "That is not the code we mailed.", field="code", tries_left=left)
