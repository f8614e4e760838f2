"""The words of mail that came in are erased, by ops or when their time is over. What happened stays on record."""

from collections.abc import Sequence
from datetime import datetime

from portal.actions.actor import SYSTEM, Actor
from portal.actions.reason import reason_in
from portal.actions.record import record
from portal.rules.errors import RuleBroken
from portal.store.connections import transaction
from portal.store.returned import ReturnedContent, ReturnedMail, lock_aged, matches_of

A_TURN = 200
"""So many messages at most are erased in one transaction."""


async def erase_mail(returned_id: int, reason: str, *, by: Actor, at: datetime) -> ReturnedMail:
    """Erases what a message said that somebody is done with: bytes, sender, subject, the address it names, the note.

    `reason` must name no member: it stays. Raises RuleBroken `reason_wanted`, `reason_too_long`, `still_waits`,
    `already_erased`; DoesNotExist.
    """
    reason = reason_in(reason)
    async with transaction():
        row = await ReturnedMail.select_for_update().get(id=returned_id)
        if row.handled_at is None:
            raise RuleBroken("still_waits", "This mail still waits for somebody: be done with it first.")
        if row.erased_at is not None:
            raise RuleBroken("already_erased", "The words of this mail are erased already.")
        match = (await matches_of([row])).get(row.id)
        await _blank([row], reason, by=by, at=at)
        member_id = match.member_id if match is not None else None
        await record("mail.erased", by, at, member_id=member_id, returned=row.id, digest=row.digest)
        return await ReturnedMail.get(id=returned_id)


async def erase_aged(done_before: datetime, *, at: datetime) -> int:
    """Erases what messages said that were done with before that instant (UTC), those of one turn; gives how many.

    Another process that does the same at this moment takes others.
    """
    async with transaction() as connection:
        rows = await lock_aged(connection, done_before, A_TURN)
        if not rows:
            return 0
        about = await matches_of(rows)
        await _blank(rows, "", by=SYSTEM, at=at)
        for row in rows:
            member_id = about[row.id].member_id if row.id in about else None
            await record("mail.aged_out", SYSTEM, at, member_id=member_id, returned=row.id, digest=row.digest)
        return len(rows)


async def _blank(rows: Sequence[ReturnedMail], reason: str, *, by: Actor, at: datetime) -> None:
    ids = [row.id for row in rows]
    nothing = {"sender": "", "subject": "", "recipient": "", "note": "", "content": b""}
    await ReturnedContent.filter(returned_id__in=ids).update(**nothing)
    await ReturnedMail.filter(id__in=ids).update(erased_at=at, erased_by=by.staff_id, erased_why=reason)
