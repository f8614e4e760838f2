"""What ops does with mail that came in: it was read, or it is a bounce of a sending that ops found."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.notice import came_back
from portal.actions.record import record
from portal.actions.returned import write_match
from portal.actions.returned_match import Match
from portal.rules.errors import RuleBroken
from portal.store.connections import transaction
from portal.store.notices import Notice, Sending
from portal.store.returned import HandledAs, MatchedBy, ReturnedContent, ReturnedMail

LONGEST_NOTE = 2_000


async def mark_handled(returned_id: int, note: str, *, by: Actor, at: datetime) -> ReturnedMail:
    """Somebody is done with it. Raises RuleBroken `note_missing`, `note_long`, `already_handled`; DoesNotExist."""
    _check(note)
    async with transaction():
        row = await _waiting(returned_id)
        return await _handled(row, HandledAs.NOTED, note, None, by=by, at=at)


async def name_bounce(returned_id: int, sending_id: int, note: str, *, by: Actor, at: datetime) -> ReturnedMail:
    """Somebody found which sending it is a bounce of: a bounce like any other, received when the mail was.

    Raises RuleBroken `note_long`, `already_handled`, `sending_unknown`, `no_effect`; DoesNotExist.
    """
    _check(note, wanted=False)
    async with transaction():
        row = await _waiting(returned_id)
        sending = await Sending.get_or_none(id=sending_id)
        if sending is None:
            raise RuleBroken("sending_unknown", "Choose the sending that came back.", field="sending")
        notice = await Notice.get(id=sending.notice_id)
        bounce = await came_back(
            sending.member_id,
            notice.version_id,
            sending=sending.number,
            by=by,
            at=at,
            received_at=row.received_at,
            note=" ".join(part for part in (row.status, row.reason) if part) or note,
        )
        if bounce is None:
            raise RuleBroken(
                "no_effect",
                "This sending cannot come back: no server had taken it, it came back already, "
                "or it does not count any more.",
                field="sending",
            )
        await write_match(row, Match(sending, MatchedBy.OPS), at)
        return await _handled(row, HandledAs.BOUNCE, note, sending.member_id, by=by, at=at)


def _check(note: str, *, wanted: bool = True) -> None:
    if wanted and not note.strip():
        raise RuleBroken("note_missing", "Say in a few words what was done.", field="note")
    if len(note) > LONGEST_NOTE:
        raise RuleBroken("note_long", "Use at most %(limit)s characters.", limit=LONGEST_NOTE, field="note")


async def _waiting(returned_id: int) -> ReturnedMail:
    """The message, locked. Raises DoesNotExist, and RuleBroken where somebody was quicker."""
    row = await ReturnedMail.select_for_update().get(id=returned_id)
    if row.handled_at is not None:
        raise RuleBroken("already_handled", "Somebody is done with this mail already.")
    return row


async def _handled(
    row: ReturnedMail, way: HandledAs, note: str, member_id: int | None, *, by: Actor, at: datetime
) -> ReturnedMail:
    row.handled_at, row.handled_as, row.staff_id = at, way, by.staff_id
    await row.save(update_fields=["handled_at", "handled_as", "staff_id"])
    if note.strip():
        await ReturnedContent.filter(returned_id=row.id).update(note=note.strip())
    await record("mail.handled", by, at, member_id=member_id, returned=row.id, way=str(way))
    return row
