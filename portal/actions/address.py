"""A member's address is corrected; what could not be delivered to the old one is sent again to the new one."""

from collections.abc import Sequence
from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.address_change_end import replace_change
from portal.actions.record import record
from portal.actions.window import refresh_window
from portal.mail.recipient import NotSendable, sendable
from portal.rules.errors import RuleBroken
from portal.store.connections import transaction
from portal.store.contacts import address_digest, last_given
from portal.store.locks import lock_member
from portal.store.members import Address
from portal.store.notices import Notice, NoticeState
from portal.store.outcomes import Closure
from portal.store.standings import deliveries

STUCK = (NoticeState.REFUSED, NoticeState.FAILED, NoticeState.UNKNOWN, NoticeState.ACCEPTED)


async def correct_address(
    member_id: int, address: str, *, by: Actor, at: datetime, received_at: datetime | None = None
) -> Address:
    """Records a new address, received at `received_at` (UTC; default `at`), and queues again what is still owed.

    The address that the member has already changes nothing. Raises RuleBroken: `address_invalid`, `account_closed`,
    `in_the_future`.
    """
    given_at = received_at or at
    if given_at > at:
        raise RuleBroken("in_the_future", "This cannot have happened yet.", field="received_at")
    address = address_of(address)
    async with transaction():
        await lock_member(member_id)
        if await Closure.exists(member_id=member_id):
            raise RuleBroken("account_closed", "The account is closed.")
        last = await last_given(member_id, given_at)
        if last is not None and last.address == address:
            return last
        return await give_address(member_id, address, by=by, at=at, received_at=given_at)


def address_of(given: str) -> str:
    """The address as it is kept. RuleBroken `address_invalid` where no mail can be sent to it."""
    address = given.strip()
    try:
        sendable(address)
    except NotSendable as reason:
        raise RuleBroken("address_invalid", "No mail can be sent to this address.", field="address") from reason
    return address


async def give_address(member_id: int, address: str, *, by: Actor, at: datetime, received_at: datetime) -> Address:
    """Writes the address down, with what follows, in the caller's transaction, which has locked the member.

    A change that still waits to be confirmed is over with it.
    """
    await replace_change(member_id, by=by, at=at)
    row = await Address.create(
        member_id=member_id,
        address=address,
        digest=address_digest(address),
        received_at=received_at,
        recorded_at=at,
        sequence=await record("address.given", by, at, received_at=received_at, member_id=member_id),
    )
    await requeue_owed(member_id, by=by, at=at)
    return row


async def requeue_owed(
    member_id: int, *, by: Actor, at: datetime, version_ids: Sequence[int] | None = None
) -> list[int]:
    """Queues again, in the caller's transaction, the mailed notices that have not reached the member; gives their ids.

    Not reached: refused, failed, held as unknown, or accepted and come back (or sent to an address that had been
    replaced), and not seen in any other way. Each becomes a new sending; one that waits for a retry, or was put off for
    its domain, is tried at once.
    """
    notices = await Notice.filter(member_id=member_id).prefetch_related("version")
    chosen = [row for row in notices if row.version.mailed and (version_ids is None or row.version_id in version_ids)]
    known = await deliveries(member_id, {row.version_id: row.version_id for row in chosen})
    queued: list[int] = []
    for notice in chosen:
        if notice.state in (NoticeState.DEFERRED, NoticeState.QUEUED):
            await Notice.filter(id=notice.id).update(next_attempt_at=at)
        if notice.state not in STUCK or known[notice.version_id].reached:
            continue
        await Notice.filter(id=notice.id).update(
            state=NoticeState.QUEUED, owner=None, lease_until=None, next_attempt_at=at
        )
        await refresh_window(member_id, notice.version_id)  # an address given earlier may undo what counted as sent
        await record(
            "notice.queued_again",
            by,
            at,
            member_id=member_id,
            policy_id=notice.version.policy_id,
            version_id=notice.version_id,
            notice=notice.id,
        )
        queued.append(notice.id)
    return queued


async def send_again(member_id: int, version_id: int, *, by: Actor, at: datetime) -> bool:
    """Ops has a notice that failed, or is held as unknown, sent again to the last address; False where it is not owed.

    Raises RuleBroken `account_closed`.
    """
    async with transaction():
        await lock_member(member_id)
        if await Closure.exists(member_id=member_id):
            raise RuleBroken("account_closed", "The account is closed.")
        return bool(await requeue_owed(member_id, by=by, at=at, version_ids=[version_id]))
