"""Finding a member by the company's id or by an address."""

from collections.abc import Sequence
from dataclasses import dataclass

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from portal.store.members import Address, Member, Profile
from portal.store.outcomes import Closure


@dataclass(frozen=True, slots=True)
class Found:
    """A member with what tells them from others: the newest name and address, empty where erased or never given."""

    member: Member
    name: str
    address: str
    closed: bool


def members_like(words: str) -> QuerySet[Member]:
    """Members whose external id begins with the words, or whose addresses hold them; of "", all. By id."""
    words = words.strip()
    if not words:
        return Member.all().order_by("id")
    given = Address.filter(address__icontains=words).values("member_id")
    return Member.filter(Q(external_id__istartswith=words) | Q(id__in=Subquery(given))).order_by("id")


async def found(members: Sequence[Member]) -> list[Found]:
    """The members as a list shows them."""
    ids = [member.id for member in members]
    in_order = ("received_at", "sequence", "id")
    names = {row.member_id: row.name for row in await Profile.filter(member_id__in=ids).order_by(*in_order)}
    addresses = {row.member_id: row.address for row in await Address.filter(member_id__in=ids).order_by(*in_order)}
    closed = {row.member_id for row in await Closure.filter(member_id__in=ids)}
    return [
        Found(member, names.get(member.id, ""), addresses.get(member.id, ""), member.id in closed) for member in members
    ]
