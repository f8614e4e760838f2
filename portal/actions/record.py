"""Writing the event that every action leaves in its own transaction."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.store.events import Event


async def record(
    action: str,
    by: Actor,
    at: datetime,
    *,
    received_at: datetime | None = None,
    member_id: int | None = None,
    policy_id: int | None = None,
    version_id: int | None = None,
    **facts: object,
) -> int:
    """Writes the event and gives its id: the `sequence` of the facts that are recorded with it.

    Call it inside of `transaction()`. `facts` must hold ids, numbers and digests only.
    """
    event = await Event.create(
        action=action,
        actor=str(by),
        received_at=received_at or at,
        recorded_at=at,
        member_id=member_id,
        policy_id=policy_id,
        version_id=version_id,
        facts=facts,
    )
    return int(event.id)
