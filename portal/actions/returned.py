"""Mail that came in is recorded once, with what follows: a bounce is a fact, a reply may be an objection."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError

from portal.actions.actor import SYSTEM
from portal.actions.address_change import mail_not_delivered
from portal.actions.notice import came_back
from portal.actions.record import record
from portal.actions.reply import answer_reply, write_reply
from portal.actions.returned_match import Match, match_of
from portal.mail.returned import AutoReply, Bounce, Came, Complaint, Delayed, Delivered, Letter, What
from portal.store import notices
from portal.store.connections import transaction
from portal.store.notices import Notice, Sending, SendingState
from portal.store.outbox import OutgoingMail
from portal.store.returned import HandledAs, ReturnedContent, ReturnedKind, ReturnedMail, ReturnedMatch


class NotYet(Exception):
    """The sending that came back is just being recorded as accepted: to be delivered again in a while."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message; `new` is false where it had been taken in before."""

    returned: ReturnedMail
    new: bool


async def take_in(came: Came, *, at: datetime) -> Taken:
    """Records the message, received at `at` (UTC), with the bounce or the objection that it is, if it is one.

    Raises NotYet.

    The same bytes again, and be it in another process at the same instant, change nothing.
    """
    try:
        async with transaction():
            known = await ReturnedMail.get_or_none(digest=came.digest)
            return Taken(known, new=False) if known else Taken(await _written(came, at), new=True)
    except IntegrityError:
        return Taken(await ReturnedMail.get(digest=came.digest), new=False)


async def _written(came: Came, at: datetime) -> ReturnedMail:
    match = await match_of(came.names)
    kind = kind_of(came.what, match)
    answered = await answer_reply(came.what, match, at)
    received = answered is not None and answered.received
    handled = HandledAs.RECORDED if received else await _follow(came.what, kind, match, at)
    status, reason = _said(came.what)
    member_id = match.member_id if match else None
    row = await ReturnedMail.create(
        kind=kind,
        hard=isinstance(came.what, Bounce) and came.what.hard,
        status=status,
        reason=reason,
        digest=came.digest,
        size=came.size,
        handled_at=at if handled else None,
        handled_as=handled,
        received_at=at,
        recorded_at=at,
        sequence=await record("mail.came_in", SYSTEM, at, member_id=member_id, kind=str(kind), digest=came.digest),
    )
    if match is not None:
        await write_match(row, match, at)
    if answered is not None:
        await write_reply(answered, row.id, at)
    if kind is ReturnedKind.MAIL_BOUNCE and match is not None and isinstance(match.row, OutgoingMail):
        await mail_not_delivered(match.row, at=at)
    await ReturnedContent.create(
        returned_id=row.id,
        sender=came.sender,
        subject=came.subject,
        recipient=came.what.recipient if isinstance(came.what, Bounce) else "",
        content=came.kept,
    )
    return row


async def write_match(row: ReturnedMail, match: Match, at: datetime) -> None:
    """Whose mail it was. Call it inside of `transaction()`."""
    await ReturnedMatch.create(
        member_id=match.member_id,
        returned_id=row.id,
        sending_id=match.row.id if match.sending else None,
        mail_id=None if match.sending else match.row.id,
        matched_by=match.by,
        recorded_at=at,
    )


def kind_of(what: What, match: Match | None) -> ReturnedKind:
    match what:
        case Bounce() if match is None:
            return ReturnedKind.UNKNOWN_BOUNCE
        case Bounce():
            return ReturnedKind.BOUNCE if match and match.sending else ReturnedKind.MAIL_BOUNCE
        case Letter(report=True):
            return ReturnedKind.UNKNOWN_BOUNCE
        case Delayed():
            return ReturnedKind.DELAYED
        case Delivered():
            return ReturnedKind.DELIVERED
        case Complaint():
            return ReturnedKind.COMPLAINT
        case AutoReply():
            return ReturnedKind.AUTO_REPLY
        case Letter():
            return ReturnedKind.LETTER


async def _follow(what: What, kind: ReturnedKind, match: Match | None, at: datetime) -> HandledAs | None:
    """Does what follows by itself. None: it waits for somebody."""
    if isinstance(what, Delayed | Delivered | AutoReply):
        return HandledAs.IGNORED
    if not isinstance(what, Bounce) or kind is not ReturnedKind.BOUNCE or match is None or match.sending is None:
        return None
    sending = match.sending
    if sending.state is SendingState.SENDING:
        raise NotYet
    if sending.accepted_at is None:
        return None  # by our record no server ever took it: somebody should look
    note = " ".join(part for part in (what.status, what.reason) if part)
    # The machine that sent may be a few seconds ahead of this one; nothing comes back before it was sent.
    then = max(at, sending.accepted_at)
    return HandledAs.RECORDED if await _bounce(sending, note, then) else HandledAs.IGNORED


async def _bounce(sending: Sending, note: str, at: datetime) -> notices.Bounce | None:
    """The bounce of exactly that sending; None where the rules leave it without effect."""
    notice = await Notice.get(id=sending.notice_id, member_id=sending.member_id)
    return await came_back(
        notice.member_id,
        notice.version_id,
        sending=sending.number,
        by=SYSTEM,
        at=at,
        received_at=at,
        note=note,
    )


def _said(what: What) -> tuple[str, str]:
    """(status code, reason) as the row keeps them."""
    match what:
        case Bounce() | Delayed():
            return what.status, what.reason
        case Delivered():
            return "", what.action
        case Complaint():
            return "", what.feedback
        case AutoReply():
            return "", what.why
        case Letter():
            return "", ""
