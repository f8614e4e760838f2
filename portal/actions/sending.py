"""Sending a notice: begun in one transaction, before the relay hears of it; its outcome recorded in the next one.

`turn` does both at once, for one message after the other: each costs one commit, and after a crash at most the one
message that was on the wire is unknown.
"""

from datetime import datetime

from portal.actions.actor import SYSTEM
from portal.actions.campaign import UNCLAIMED, Attempted, Campaign, Rendered, tell
from portal.actions.claim import LEASE
from portal.actions.notice import refuse
from portal.actions.sending_outcome import write_outcome
from portal.store.connections import transaction
from portal.store.contacts import last_address
from portal.store.locks import lock_member
from portal.store.notices import Notice, NoticeState, Sending, SendingState
from portal.store.outcomes import Closure

NO_ADDRESS = "no_address"
REPEATABLE = (SendingState.SENDING, SendingState.DEFERRED, SendingState.UNKNOWN)
CLAIMED = (NoticeState.QUEUED, NoticeState.DEFERRED, NoticeState.UNKNOWN)


async def turn(
    campaign: Campaign, last: Attempted | None, notice: Notice, rendered: Rendered, at: datetime
) -> Sending | None:
    """Records what the last attempt came to, if there was one (`record_outcome`), and begins the next sending.

    Members are locked in the order in which they come, so notices must be sent in the order of their members' ids.
    """
    async with transaction():
        if last is not None:
            await write_outcome(campaign, last)
        return await _begin(campaign, notice, rendered, at)


async def begin_sending(campaign: Campaign, notice: Notice, rendered: Rendered, at: datetime) -> Sending | None:
    """Writes down that the message is being sent now; None, with the claim given up, where it must not be.

    It must not where the claim was lost, the account was closed, or another address was given since the message was
    made.
    """
    async with transaction():
        return await _begin(campaign, notice, rendered, at)


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
            await tell("notice.failed", notice, campaign, at, code="not_composed")


async def _begin(campaign: Campaign, notice: Notice, rendered: Rendered, at: datetime) -> Sending | None:
    await lock_member(notice.member_id)
    mine = Notice.filter(id=notice.id, owner=campaign.owner, lease_until__gt=at, state__in=CLAIMED)
    if await Closure.exists(member_id=notice.member_id):
        if await mine.update(state=NoticeState.POSTED, **UNCLAIMED):
            await tell("notice.not_sent", notice, campaign, at, why="account_closed")
        return None
    address = await last_address(notice.member_id)
    if address is None or address.id != rendered.address_id:
        await mine.update(owner=None, lease_until=None)
        return None
    if not await mine.update(state=NoticeState.SENDING, lease_until=at + LEASE, next_attempt_at=None):
        return None
    sending = await _attempt(notice, rendered, at)
    facts = {"sending": sending.id, "attempt": sending.attempts}
    await tell("sending.begun", notice, campaign, at, digest=rendered.digest, **facts)
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
