"""Where a member is reached: the last address given, and the newest name."""

from datetime import datetime

from portal.store.members import Address, Profile


async def last_address(member_id: int, by: datetime | None = None) -> Address | None:
    """The last address the member gave, by that instant (UTC) where one is named; None without one, or if it was erased."""
    given = Address.filter(member_id=member_id)
    if by is not None:
        given = given.filter(received_at__lte=by)
    last = await given.order_by("-received_at", "-sequence", "-id").first()
    return last if last is not None and last.address else None


async def name_of(member_id: int) -> str:
    """The member's newest name, empty where none is known."""
    last = await Profile.filter(member_id=member_id).order_by("-received_at", "-sequence", "-id").first()
    return last.name if last is not None else ""
