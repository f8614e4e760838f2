"""The end of an address change, and of what ops were asked about it."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.record import record
from portal.actions.request_rows import end_request
from portal.store.address_changes import AddressChange, AddressChangeEnd
from portal.store.requests import MemberRequest, RequestEnd


async def end_change(
    change: AddressChange,
    ended_as: AddressChangeEnd,
    *,
    by: Actor,
    at: datetime,
    request_as: RequestEnd | None = RequestEnd.WITHDRAWN,
) -> None:
    """Ends it inside of the caller's transaction, which has locked the member; `request_as`: what was asked of ops."""
    change.ended_at, change.ended_as = at, ended_as
    await change.save(update_fields=["ended_at", "ended_as"])
    await record(f"address.{ended_as}", by, at, member_id=change.member_id, change=change.id)
    asked = await MemberRequest.get_or_none(member_id=change.member_id, change_id=change.id, ended_at__isnull=True)
    if asked is not None and request_as is not None:
        await end_request(asked, request_as, by=by, at=at, mailed=request_as is not RequestEnd.WITHDRAWN)


async def replace_change(member_id: int, *, by: Actor, at: datetime) -> None:
    """Another address is being given: what still waits is over, and what was asked of ops is answered."""
    waiting = await AddressChange.get_or_none(member_id=member_id, ended_at__isnull=True)
    if waiting is not None:
        await end_change(waiting, AddressChangeEnd.REPLACED, by=by, at=at, request_as=RequestEnd.ANSWERED)
