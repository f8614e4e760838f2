"""Whom a message in the inbox may come from or be about: members by address or search, and their sendings."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr

from portal.store.contacts import address_digest
from portal.store.member_search import members_like
from portal.store.members import Address, Member
from portal.store.notices import Bounce, Notice, Sending

MOST_MEMBERS = 20
MOST_SENDINGS = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """An accepted sending that has not come back, and what belongs to it."""

    sending: Sending
    member: Member
    notice: Notice


async def members_of_address(written: str) -> list[Member]:
    """Members who ever gave the address, `Maria <m@example.org>` for one. Anybody can write it: no proof."""
    address = parseaddr(written)[1]
    if not address:
        return []
    ids = await Address.filter(digest=address_digest(address)).distinct().values_list("member_id", flat=True)
    return await Member.filter(id__in=list(ids)).order_by("id").limit(MOST_MEMBERS)


async def members_found(search: str) -> list[Member]:
    """Members by the company's id or an address; none without words."""
    return await members_like(search).limit(MOST_MEMBERS) if search.strip() else []


async def could_have_come_back(members: Sequence[Member]) -> list[Candidate]:
    """The members' accepted sendings without a bounce, the newest first."""
    by_id = {member.id: member for member in members}
    sendings = Sending.filter(member_id__in=list(by_id), accepted_at__not_isnull=True)
    rows = await sendings.order_by("-accepted_at", "-id").limit(MOST_SENDINGS).select_related("address")
    came_back = set(await Bounce.filter(sending_id__in=[row.id for row in rows]).values_list("sending_id", flat=True))
    notices = await _notices([row.notice_id for row in rows])
    return [Candidate(row, by_id[row.member_id], notices[row.notice_id]) for row in rows if row.id not in came_back]


async def latest_notices(member_id: int, number: int) -> list[Notice]:
    """The member's newest notices, with their versions."""
    return await Notice.filter(member_id=member_id).order_by("-id").limit(number).select_related("version__policy")


async def _notices(ids: list[int]) -> dict[int, Notice]:
    return {row.id: row for row in await Notice.filter(id__in=ids).select_related("version__policy")}
