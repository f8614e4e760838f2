"""How often something may be tried: counted in the database, so that it holds over processes and restarts."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from tortoise.expressions import F

from portal.rules.errors import RuleBroken
from portal.store.connections import transaction
from portal.store.staff import Attempt

KEPT = timedelta(days=1)


def limit_key(what: str, whose: str) -> str:
    """A key that says what is counted, and of whose only a digest: `sign-in:5f3a…`."""
    return f"{what}:{sha256(whose.strip().lower().encode()).hexdigest()[:32]}"


async def spend(key: str, limit: int, per_seconds: int, at: datetime) -> None:
    """Counts one try, in a transaction of its own, so that it counts whatever follows.

    RuleBroken("too_often", retry_at=…) where `limit` tries were made in this span of `per_seconds` (a day at most).
    """
    start = datetime.fromtimestamp(at.timestamp() // per_seconds * per_seconds, UTC)
    async with transaction():
        row, _ = await Attempt.get_or_create(key=key, span_start=start)
        # The update locks the row: what is read after it are this one's own tries.
        await Attempt.filter(id=row.id).update(tries=F("tries") + 1)
        tries = (await Attempt.get(id=row.id)).tries
        if tries == 1:
            await Attempt.filter(span_start__lt=at - KEPT).delete()
    if tries > limit:
        retry_at = start + timedelta(seconds=per_seconds)
        raise RuleBroken("too_often", "This was tried too often. Wait a while, then try again.", retry_at=retry_at)


async def forgive(key: str) -> None:
    """Counts anew: whoever tried has shown to be the right one."""
    async with transaction():
        await Attempt.filter(key=key).delete()
