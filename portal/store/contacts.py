"""Where a member is reached: the last address given, and the newest name."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from portal.store.members import Address, Profile


def address_digest(address: str) -> str:
    """What stays of an address when it is erased; addresses that differ in case only have the same."""
    return "sha256:" + sha256(address.strip().lower().encode()).hexdigest()


async def last_given(member_id: int, by: datetime | None = None) -> Address | None:
    """The last address the member gave, by that instant (UTC) where one is named; its text is empty once erased."""
    given = Address.filter(member_id=member_id)
    if by is not None:
        given = given.filter(received_at__lte=by)
    return await given.order_by("-received_at", "-sequence", "-id").first()


async def last_address(member_id: int, by: datetime | None = None) -> Address | None:
    """The same, None where it was erased: an address that a mail can go to."""
    last = await last_given(member_id, by)
    return last if last is not None and last.address else None


async def last_addresses(member_ids: Sequence[int]) -> dict[int, Address]:
    """Member id -> the last address, for those who have one."""
    given = await Address.filter(member_id__in=list(member_ids)).order_by("received_at", "sequence", "id")
    return {member_id: row for member_id, row in {row.member_id: row for row in given}.items() if row.address}


async def name_of(member_id: int) -> str:
    """The member's newest name, empty where none is known."""
    return (await names_of([member_id])).get(member_id, "")


async def names_of(member_ids: Sequence[int]) -> dict[int, str]:
    """Member id -> the newest name."""
    given = await Profile.filter(member_id__in=list(member_ids)).order_by("received_at", "sequence", "id")
    return {row.member_id: row.name for row in given}


def masked(address: str) -> str:
    """`maria@example.org` -> `m•••@example.org`: enough to know one's own, too little to learn another's."""
    name, sign, domain = address.rpartition("@")
    return f"{name[:1]}•••{sign}{domain}" if sign else ""
