"""One-time codes: mailed to the address on file, so that a link alone closes no account and gives no consent."""

from datetime import datetime, timedelta

from tortoise.queryset import QuerySet

from portal.actions.actor import Actor
from portal.actions.objection_in_force import in_force
from portal.actions.outgoing import queue_mail
from portal.actions.record import record
from portal.keys import Keys
from portal.rules.errors import RuleBroken
from portal.store.access import OneTimeCode
from portal.store.connections import transaction
from portal.store.contacts import last_address
from portal.store.outbox import MailKind

CODE_LIFE = timedelta(hours=2)
MOST_TRIES = 5
MOST_CODES = 5
# Of one member, whatever they are for: whoever has the link could object and take it back without end.
MOST_CODES_OF_A_MEMBER = 20
SPAN_OF_CODES = timedelta(hours=24)


async def send_code(
    member_id: int, *, objection_id: int | None = None, declaration_id: int | None = None, by: Actor, at: datetime
) -> OneTimeCode | None:
    """Makes a code and queues its mail, in the caller's transaction. Older codes for the same thing stop working.

    It signs in where neither an objection nor a declaration is named. None where none is made: without an address, or
    after `MOST_CODES_OF_A_MEMBER` that confirm in a day. What was received stays so all the same.
    """
    signs_in = objection_id is None and declaration_id is None
    if not signs_in and (await _most_were_sent(member_id, at) or await last_address(member_id) is None):
        return None
    about = _codes_for(member_id, objection_id, declaration_id)
    await about.filter(expires_at__gt=at).update(expires_at=at)
    code = await OneTimeCode.create(
        member_id=member_id,
        objection_id=objection_id,
        declaration_id=declaration_id,
        created_at=at,
        expires_at=at + CODE_LIFE,
    )
    await record(
        "code.sent", by, at, member_id=member_id, code=code.id, objection=objection_id, declaration=declaration_id
    )
    kind = MailKind.SIGN_IN if signs_in else MailKind.CODE if objection_id else MailKind.CONFIRM
    await queue_mail(kind, member_id=member_id, about={"code": code.id}, at=at)
    return code


async def send_another_code(objection_id: int, *, by: Actor, at: datetime) -> None:
    """A new code for an objection in force. Raises RuleBroken: `account_closed`, `no_objection`, `too_often`."""
    async with transaction():
        objection = await in_force(objection_id)
        await another_code(objection.member_id, objection_id=objection_id, by=by, at=at)


async def another_code(
    member_id: int, *, objection_id: int | None = None, declaration_id: int | None = None, by: Actor, at: datetime
) -> None:
    """The same for an objection or a declaration whose member is locked. Raises RuleBroken besides: `no_address`."""
    lately = _codes_for(member_id, objection_id, declaration_id).filter(created_at__gt=at - SPAN_OF_CODES)
    if await lately.count() >= MOST_CODES or await _most_were_sent(member_id, at):
        raise RuleBroken("too_often", "No more codes can be sent today. Reply to the mail, or try again tomorrow.")
    if await send_code(member_id, objection_id=objection_id, declaration_id=declaration_id, by=by, at=at) is None:
        raise RuleBroken("no_address", "There is no mail address on file that a code could go to.")


async def open_code(
    member_id: int, *, objection_id: int | None = None, declaration_id: int | None = None, at: datetime
) -> OneTimeCode | None:
    """The code that still works; None where none was made, or it was used up or has run out."""
    code = (
        await _codes_for(member_id, objection_id, declaration_id).filter(used_at__isnull=True).order_by("-id").first()
    )
    return None if code is None or code.expires_at <= at or code.tries >= MOST_TRIES else code


async def tried_code(
    member_id: int,
    given: str,
    *,
    objection_id: int | None = None,
    declaration_id: int | None = None,
    keys: Keys,
    at: datetime,
) -> OneTimeCode:
    """Tries the newest code, whose member is locked: where it was right, its `used_at` is set.

    A try counts, right or wrong: let the transaction end before `code_wrong` is raised. Raises RuleBroken:
    `code_expired`.
    """
    code = await open_code(member_id, objection_id=objection_id, declaration_id=declaration_id, at=at)
    if code is None:
        raise RuleBroken("code_expired", "This code no longer works. Ask for a new one.", field="code")
    code.tries += 1
    code.used_at = at if keys.is_code(code.id, given) else None
    await code.save(update_fields=["tries", "used_at"])
    return code


def code_wrong(code: OneTimeCode) -> RuleBroken:
    """What is raised after a wrong try."""
    left = MOST_TRIES - code.tries
    return RuleBroken("code_wrong", "That is not the code we mailed.", field="code", tries_left=left)


def _codes_for(member_id: int, objection_id: int | None, declaration_id: int | None) -> QuerySet[OneTimeCode]:
    return OneTimeCode.filter(member_id=member_id, objection_id=objection_id, declaration_id=declaration_id)


async def _most_were_sent(member_id: int, at: datetime) -> bool:
    lately = OneTimeCode.filter(member_id=member_id, created_at__gt=at - SPAN_OF_CODES)
    signing_in = lately.filter(objection_id__isnull=True, declaration_id__isnull=True)
    return await lately.count() - await signing_in.count() >= MOST_CODES_OF_A_MEMBER
