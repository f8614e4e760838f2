"""Sending a notice: begun in one transaction, before the relay hears of it; its outcome recorded in the next one.

`turn` does both at once, for one message after the other: each costs one commit, and after a crash at most the one
message that was on the wire is unknown.
"""

from dataclasses import dataclass
from datetime import datetime

from portal.actions.actor import SYSTEM
from portal.actions.claim import LEASE
from portal.actions.notice import refuse
from portal.actions.record import record
from portal.actions.window import move_window
from portal.mail.outcome import Outcome, Retries, Verdict
from portal.rules.policy import Version as PublishedVersion
from portal.store.connections import transaction
from portal.store.contacts import last_address, last_given
from portal.store.locks import lock_member
from portal.store.members import Address
from portal.store.notices import Notice, NoticeState, Sending, SendingState
from portal.store.outcomes import Closure
from portal.store.standings import deliveries_of

NO_ADDRESS = "no_address"
REPEATABLE = (SendingState.SENDING, SendingState.DEFERRED, SendingState.UNKNOWN)
CLAIMED = (NoticeState.QUEUED, NoticeState.DEFERRED, NoticeState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Campaign:
    """The version whose notices are sent, who sends them, and how often they are retried."""

    policy_id: int
    published: PublishedVersion
    owner: str
    retries: Retries


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message about to be sent: to which address row, under which Message-ID, and the digest of its bytes.

    `earlier` is the notice's last sending. An attempt goes on it where it has the same Message-ID.
    """

    address_id: int
    message_id: str
    digest: str
    earlier: Sending | None = None


@dataclass(frozen=True, slots=True)
class Attempted:
    """An attempt and what it came to, at the instant of the relay's answer (UTC)."""

    notice: Notice
    sending: Sending
    outcome: Outcome
    at: datetime


async def turn(
    campaign: Campaign, last: Attempted | None, notice: Notice, rendered: Rendered, at: datetime
) -> Sending | None:
    """Records what the last attempt came to, if there was one, and begins the next sending; see the two below.

    Members are locked in the order in which they come, so notices must be sent in the order of their members' ids.
    """
    async with transaction():
        if last is not None:
            await _record(campaign, last)
        return await _begin(campaign, notice, rendered, at)


async def begin_sending(campaign: Campaign, notice: Notice, rendered: Rendered, at: datetime) -> Sending | None:
    """Writes down that the message is being sent now; None, with the claim given up, where it must not be.

    It must not where the claim was lost, the account was closed, or another address was given since the message was
    made.
    """
    async with transaction():
        return await _begin(campaign, notice, rendered, at)


async def record_outcome(campaign: Campaign, attempted: Attempted) -> NoticeState | None:
    """Records what an attempt came to, and moves the window where it was accepted. Gives the notice's new state.

    Acceptance is a fact and is recorded whoever has the claim now; any other outcome is dropped (None) where the
    claim was lost.
    """
    async with transaction():
        return await _record(campaign, attempted)


async def refuse_before_sending(notice: Notice, code: str, owner: str, at: datetime) -> None:
    """No mail can go to the member: there is no address, or one that no server takes. Recorded as a refusal."""
    async with transaction():
        refused = await refuse(
            notice.member_id, notice.version_id, code, sending_id=None, by=SYSTEM, at=at, received_at=at
        )
        if refused is None:  # the account is closed
            await Notice.filter(id=notice.id, owner=owner).update(state=NoticeState.POSTED, **UNCLAIMED)


async def give_back(notice: Notice, sending: Sending, owner: str, at: datetime) -> None:
    """The relay could not be used: what was begun is undone, and charged no attempt."""
    async with transaction():
        mine = Notice.filter(id=notice.id, owner=owner, state=NoticeState.SENDING)
        if await mine.update(state=NoticeState.DEFERRED, **(UNCLAIMED | {"next_attempt_at": at})):
            await Sending.filter(id=sending.id, state=SendingState.SENDING).update(
                state=SendingState.DEFERRED, attempts=sending.attempts - 1
            )


async def fail_before_sending(campaign: Campaign, notice: Notice, at: datetime) -> None:
    """The message cannot be made, so it waits for ops."""
    async with transaction():
        mine = Notice.filter(id=notice.id, owner=campaign.owner, state__in=CLAIMED)
        if await mine.update(state=NoticeState.FAILED, **UNCLAIMED):
            await _event("notice.failed", notice, campaign, at, code="not_composed")


UNCLAIMED: dict[str, None] = {"owner": None, "lease_until": None, "next_attempt_at": None}


async def _begin(campaign: Campaign, notice: Notice, rendered: Rendered, at: datetime) -> Sending | None:
    await lock_member(notice.member_id)
    mine = Notice.filter(id=notice.id, owner=campaign.owner, lease_until__gt=at, state__in=CLAIMED)
    if await Closure.exists(member_id=notice.member_id):
        if await mine.update(state=NoticeState.POSTED, **UNCLAIMED):
            await _event("notice.not_sent", notice, campaign, at, why="account_closed")
        return None
    address = await last_address(notice.member_id)
    if address is None or address.id != rendered.address_id:
        await mine.update(owner=None, lease_until=None)
        return None
    if not await mine.update(state=NoticeState.SENDING, lease_until=at + LEASE, next_attempt_at=None):
        return None
    sending = await _attempt(notice, rendered, at)
    facts = {"sending": sending.id, "attempt": sending.attempts}
    await _event("sending.begun", notice, campaign, at, digest=rendered.digest, **facts)
    return sending


async def _attempt(notice: Notice, rendered: Rendered, at: datetime) -> Sending:
    earlier = rendered.earlier
    if earlier is not None and earlier.message_id == rendered.message_id and earlier.state in REPEATABLE:
        earlier.state, earlier.attempts, earlier.digest = SendingState.SENDING, earlier.attempts + 1, rendered.digest
        await earlier.save(update_fields=["state", "attempts", "digest"])
        return earlier
    return await Sending.create(
        member_id=notice.member_id,
        notice_id=notice.id,
        number=earlier.number + 1 if earlier else 1,
        address_id=rendered.address_id,
        message_id=rendered.message_id,
        digest=rendered.digest,
        state=SendingState.SENDING,
        attempts=1,
        started_at=at,
    )


async def _record(campaign: Campaign, attempted: Attempted) -> NoticeState | None:
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
        facts = {"sending": row.id, "attempt": row.attempts, "code": outcome.code}
        await _event(f"notice.{state}", notice, campaign, at, **facts)
    return state


async def _accepted(campaign: Campaign, attempted: Attempted) -> NoticeState | None:
    row, at = attempted.sending, attempted.at
    if await Sending.exists(id=row.id, accepted_at__not_isnull=True):
        return None
    sequence = await _event("notice.accepted", attempted.notice, campaign, at, sending=row.id, number=row.number)
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
    notice.owner = notice.lease_until = notice.next_attempt_at = None
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


async def _event(action: str, notice: Notice, campaign: Campaign, at: datetime, **facts: int | str) -> int:
    return await record(
        action,
        SYSTEM,
        at,
        received_at=at,
        member_id=notice.member_id,
        policy_id=campaign.policy_id,
        version_id=notice.version_id,
        notice=notice.id,
        **facts,
    )
