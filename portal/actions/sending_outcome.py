"""What an attempt to send a notice came to, as rows: the state, the window, and when to try again."""

from datetime import datetime

from portal.actions.actor import SYSTEM
from portal.actions.campaign import UNCLAIMED, Attempted, Campaign, tell
from portal.actions.notice import refuse
from portal.actions.window import move_window
from portal.mail.outcome import Retries, Verdict
from portal.store.contacts import last_given
from portal.store.locks import lock_member
from portal.store.members import Address
from portal.store.notices import Notice, NoticeState, Sending, SendingState
from portal.store.outcomes import Closure
from portal.store.standings import deliveries_of


async def write_outcome(campaign: Campaign, attempted: Attempted) -> NoticeState | None:
    """Records what an attempt came to, and moves the window where it was accepted. Gives the notice's new state.

    Acceptance is a fact and is recorded whoever has the claim now; any other outcome is dropped (None) where the
    claim was lost. Call it inside of `transaction()`.
    """
    notice, outcome, at = attempted.notice, attempted.outcome, attempted.at
    await lock_member(notice.member_id)
    if outcome.verdict is Verdict.ACCEPTED:
        return await _accepted(campaign, attempted)
    mine = Notice.filter(id=notice.id, owner=campaign.owner, state=NoticeState.SENDING)
    state, then = _next(attempted, campaign.retries)
    if not await mine.update(state=state, **(UNCLAIMED | {"next_attempt_at": then})):
        return None
    row = attempted.sending
    await Sending.filter(id=row.id, accepted_at__isnull=True).update(state=SendingState(state), reply=outcome.reply)
    if state is NoticeState.REFUSED:
        await refuse(
            notice.member_id, notice.version_id, outcome.code, sending_id=row.id, by=SYSTEM, at=at, received_at=at
        )
    else:
        facts: dict[str, int | str] = {"sending": row.id, "attempt": row.attempts, "code": outcome.code}
        await tell(f"notice.{state}", notice, campaign, at, **facts)
    return state


async def _accepted(campaign: Campaign, attempted: Attempted) -> NoticeState | None:
    row, at = attempted.sending, attempted.at
    if await Sending.exists(id=row.id, accepted_at__not_isnull=True):
        return None
    sequence = await tell("notice.accepted", attempted.notice, campaign, at, sending=row.id, number=row.number)
    await Sending.filter(id=row.id).update(
        state=SendingState.ACCEPTED,
        accepted_at=at,
        recorded_at=at,
        sequence=sequence,
        reply=attempted.outcome.reply,
    )
    notice = await Notice.get(id=attempted.notice.id)
    last = await last_given(notice.member_id, at)
    current = last is None or row.address_id == last.id or last.digest == (await Address.get(id=row.address_id)).digest
    if current and not await Closure.exists(member_id=notice.member_id, received_at__lte=at):
        known = await deliveries_of(notice.member_id, [notice])
        move_window(notice, campaign.published, known[notice.id])
    # Accepted for an address that the member has replaced meanwhile: not sent in the rules' sense, so it is still owed.
    notice.state = NoticeState.ACCEPTED if current else NoticeState.QUEUED
    notice.owner = notice.lease_until = None
    notice.next_attempt_at = None if current else at
    await notice.save()
    return notice.state


def _next(attempted: Attempted, retries: Retries) -> tuple[NoticeState, datetime | None]:
    """The state after an attempt that was not accepted, and when to try again."""
    verdict, row = attempted.outcome.verdict, attempted.sending
    match verdict:
        case Verdict.REFUSED:
            return NoticeState.REFUSED, None
        case Verdict.FAILED:
            return NoticeState.FAILED, None
        case Verdict.UNKNOWN if not retries.resend_unknown:
            return NoticeState.UNKNOWN, None
        case Verdict.NOT_SENT if row.attempts == 1:
            return NoticeState.DEFERRED, attempted.at
    then = retries.next_attempt(row.attempts, row.started_at, attempted.at)
    if verdict is Verdict.UNKNOWN:
        return NoticeState.UNKNOWN, then
    return (NoticeState.DEFERRED, then) if then else (NoticeState.FAILED, None)
