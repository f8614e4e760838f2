"""A reply to a notice that says an objection: it becomes one to all changes, which somebody has to confirm.

Who sent a mail cannot be known from it. So one that closes the account is in force as by a link, and closes nothing
before it is confirmed; one that freezes is declared, and is not in force before (decision 0026). The code that confirms
goes to the address on file, whatever the reply says of its sender.
"""

from dataclasses import dataclass
from datetime import datetime

from portal.actions.actor import SYSTEM
from portal.actions.declare import declare_objection
from portal.actions.objection import file_objection, version_of
from portal.actions.outgoing import queue_mail
from portal.actions.returned_match import Match
from portal.mail.returned import Letter, Says, What
from portal.rules import objection as rules
from portal.rules.errors import RuleBroken
from portal.store.answers import Way
from portal.store.declarations import Declaration, DeclarationKind
from portal.store.locks import lock_member
from portal.store.notices import Notice
from portal.store.outbox import MailKind
from portal.store.replies import Reply


@dataclass(frozen=True, slots=True)
class Answered:
    """What a reply came to: one of an objection, a declaration (row ids), and a refusal by the rules."""

    member_id: int
    version_id: int
    objection_id: int | None = None
    declaration_id: int | None = None
    refusal: str = ""

    @property
    def received(self) -> bool:
        return not self.refusal


async def answer_reply(what: What, match: Match | None, at: datetime) -> Answered | None:
    """Files what a letter says, received at that instant (UTC), in the caller's transaction. None: it is no such reply.

    It counts only where it names a notice: by its Message-ID, which nobody can guess.
    """
    if not isinstance(what, Letter) or what.says is not Says.OBJECTION or match is None or match.sending is None:
        return None
    notice = await Notice.get(id=match.sending.notice_id)
    await lock_member(notice.member_id)
    try:
        return await _filed(notice.member_id, notice.version_id, at)
    except RuleBroken as broken:
        return Answered(notice.member_id, notice.version_id, refusal=broken.code)


async def _filed(member_id: int, version_id: int, at: datetime) -> Answered:
    """What the rules make of it; where an earlier reply waits, that one. Raises RuleBroken."""
    version, facts = await version_of(member_id, version_id)
    waiting = Declaration.filter(member_id=member_id, version_id=version_id, kind=DeclarationKind.OBJECTION)
    declared = await waiting.get_or_none(decided_at__isnull=True)
    if declared is not None and facts.standing.closed_at is None:
        return Answered(member_id, version_id, declaration_id=declared.id)
    filed = rules.file(facts.version(version.number), facts.standing, at)
    if filed.closing:
        objection = await file_objection(member_id, version_id, way=Way.REPLY, by=SYSTEM, at=at)
        return Answered(member_id, version_id, objection_id=objection.id)
    declaration = await declare_objection(member_id, version_id, by=SYSTEM, at=at)
    return Answered(member_id, version_id, declaration_id=declaration.id)


async def write_reply(answered: Answered, returned_id: int, at: datetime) -> Reply:
    """The row beside the letter. The first refusal about a notice is mailed, further ones are not."""
    told = Reply.filter(member_id=answered.member_id, version_id=answered.version_id, mail_id__isnull=False)
    tells = bool(answered.refusal) and not await told.exists()
    about: dict[str, int | str] = {"version": answered.version_id, "returned": returned_id, "refusal": answered.refusal}
    mail = await queue_mail(MailKind.NOT_OBJECTED, member_id=answered.member_id, about=about, at=at) if tells else None
    return await Reply.create(
        member_id=answered.member_id,
        returned_id=returned_id,
        version_id=answered.version_id,
        objection_id=answered.objection_id,
        declaration_id=answered.declaration_id,
        refusal=answered.refusal,
        mail_id=mail.id if mail else None,
        recorded_at=at,
    )
