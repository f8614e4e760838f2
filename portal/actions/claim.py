"""Claiming notices to be sent: a worker takes some for a while, so that no two send the same.

A claim is an owner and a lease on the row. Claimed and not begun, a notice is simply free again when the lease ends.
One that was being sent when its worker died is *unknown*: the relay may have it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from tortoise.expressions import Q
from tortoise.functions import Count, Max, Min

from portal.actions.actor import SYSTEM
from portal.actions.record import record
from portal.rules.said import later
from portal.store.alone import run_alone
from portal.store.connections import transaction
from portal.store.holds import not_held
from portal.store.notices import Notice, NoticeState, Sending, SendingState
from portal.store.owed_batch import Claimed, claimed
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


def due(at: datetime) -> Q:
    """Notices that may be sent now: due, of a version that is not held, and claimed by nobody.

    What is due, and only that, has a `next_attempt_at`: by the index of those, what was sent long ago costs nothing.
    """
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=at)
    waiting = Q(state__in=(NoticeState.QUEUED, NoticeState.DEFERRED, NoticeState.UNKNOWN), next_attempt_at__lte=at)
    return Q(free, waiting, not_held())


async def due_ranges(at: datetime, size: int) -> list[Range]:
    """What is due, cut into ranges of about `size` members."""
    rows = (
        await Notice.filter(due(at))
        .annotate(number=Count("id"), lowest=Min("member_id"), highest=Max("member_id"))
        .group_by("version_id")
        .order_by("version_id")
        .values("version_id", "number", "lowest", "highest")
    )
    ranges: list[Range] = []
    for row in rows:
        width = max(1, (row["highest"] - row["lowest"] + 1) * size // row["number"])
        starts = range(row["lowest"], row["highest"] + 1, width)
        ranges += [Range(row["version_id"], start, start + width - 1) for start in starts]
    return ranges


async def claim_batch(
    of: Range,
    owner: str,
    at: datetime,
    limit: int = BATCH,
    run: Callable[[Procedure[Claimed]], Awaitable[Claimed]] = run_alone,
) -> Claimed:
    """Takes up to `limit` due notices of the range until the lease ends, those of the lowest member ids first.

    Fewer than `limit`, but none only where none is due: another worker may have been quicker over some. `run`: how it
    is done in one transaction.
    """
    mine = Notice.filter(due(at), version_id=of.version_id, member_id__gte=of.first, member_id__lte=of.last)
    now, lease_until = at.astimezone(UTC), (at + LEASE).astimezone(UTC)
    while seen := await mine.order_by("member_id").limit(limit).values_list("id", flat=True):
        found = await run(claimed(cast("list[int]", seen), owner, now, lease_until))
        if found.rows:
            return found
    return Claimed(lease_until)


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
