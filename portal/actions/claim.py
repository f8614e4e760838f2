"""Claiming notices to be sent: a worker takes some for a while, so that no two send the same.

A claim is an owner and a lease on the row. Claimed and not begun, a notice is simply free again when the lease ends.
One that was being sent when its worker died is *unknown*: the relay may have it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from portal.actions.actor import SYSTEM
from portal.actions.record import record
from portal.rules.said import later
from portal.store.alone import run_alone
from portal.store.connections import transaction
from portal.store.notices import Notice, NoticeState, Sending, SendingState
from portal.store.owed_batch import Claimed, claimed, due_of_versions
from portal.store.procedure import Procedure

# Longer than the relay may take over one message: the answer to the final dot alone may take ten minutes.
LEASE = timedelta(minutes=15)
BATCH = 50
MOST_EXPIRED = 500
STOPPED = later("no answer: the sender stopped")


@dataclass(frozen=True, slots=True)
class Range:
    """The notices of one version to the members from id `first` to id `last`."""

    version_id: int
    first: int
    last: int


async def due_ranges(at: datetime, size: int) -> list[Range]:
    """What is due, cut into ranges of about `size` members."""
    ranges: list[Range] = []
    for due in await due_of_versions(at.astimezone(UTC)):
        width = max(1, (due.highest - due.lowest + 1) * size // due.number)
        starts = range(due.lowest, due.highest + 1, width)
        ranges += [Range(due.version_id, start, start + width - 1) for start in starts]
    return ranges


async def claim_batch(
    of: Range,
    owner: str,
    at: datetime,
    limit: int = BATCH,
    run: Callable[[Procedure[Claimed]], Awaitable[Claimed]] = run_alone,
) -> Claimed:
    """Takes up to `limit` due notices of the range until the lease ends, those of the lowest member ids first.

    Fewer than `limit`, but none only where none is due, or others are at all of them. `run`: how it is done in one
    transaction.
    """
    now, lease_until = at.astimezone(UTC), (at + LEASE).astimezone(UTC)
    return await run(claimed((of.version_id, of.first, of.last), limit, owner, now, lease_until))


async def release_notices(notice_ids: Sequence[int], owner: str) -> None:
    """Gives back what this owner claimed and has not begun: it is due again at once."""
    if not notice_ids:
        return
    async with transaction():
        await (
            Notice.filter(id__in=list(notice_ids), owner=owner)
            .exclude(state=NoticeState.SENDING)
            .update(owner=None, lease_until=None)
        )


async def expire_leases(at: datetime, *, resend: bool) -> int:
    """Marks as unknown what was being sent when its lease ended; gives how many.

    `resend`: it is sent again, under the same Message-ID, by which a receiver can drop the second. Else it waits for
    ops.
    """
    async with transaction():
        lost = (
            await Notice.filter(state=NoticeState.SENDING, lease_until__lte=at)
            .limit(MOST_EXPIRED)
            .select_for_update(skip_locked=True)
            .prefetch_related("version")
        )
        for notice in lost:
            await Sending.filter(member_id=notice.member_id, notice_id=notice.id, state=SendingState.SENDING).update(
                state=SendingState.UNKNOWN, reply=STOPPED
            )
            await record(
                "notice.unknown",
                SYSTEM,
                at,
                member_id=notice.member_id,
                policy_id=notice.version.policy_id,
                version_id=notice.version_id,
                notice=notice.id,
            )
        await Notice.filter(id__in=[notice.id for notice in lost]).update(
            state=NoticeState.UNKNOWN, owner=None, lease_until=None, next_attempt_at=at if resend else None
        )
    return len(lost)
