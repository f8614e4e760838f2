"""Members by the thousand: what is known of some, and the rows of new ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from portal.store.contacts import address_digest
from portal.store.members import Address, Member, Membership, Profile
from portal.store.outcomes import Closure
from portal.store.statement import execute_many


@dataclass(slots=True)
class KnownMember:
    """What a file of members may change about one: `address` is empty where there is none."""

    id: int
    address: str = ""
    name: str = ""
    language: str = "en"
    zone: str | None = None
    closed: bool = False
    policies: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Recorded:
    """When facts were received and recorded (both UTC), and the event that recorded them."""

    at: datetime
    sequence: int

    @property
    def values(self) -> tuple[datetime, datetime, int]:
        return self.at, self.at, self.sequence


async def known_members(external_ids: Sequence[str]) -> dict[str, KnownMember]:
    """Those of the members that are known already, by external id, locked until the transaction ends."""
    # Columns, not rows: a model for each of a hundred thousand rows would take most of an import's time.
    asked = Member.select_for_update().filter(external_id__in=list(external_ids)).order_by("id")
    rows = await asked.values_list("id", "external_id", "language", "zone")
    found = {row_id: KnownMember(row_id, language=language, zone=zone) for row_id, _, language, zone in rows}
    if not found:
        return {}
    given = Address.filter(member_id__in=list(found)).order_by("received_at", "sequence", "id")
    for member_id, address in await given.values_list("member_id", "address"):
        found[member_id].address = address
    told = Profile.filter(member_id__in=list(found)).order_by("received_at", "sequence", "id")
    for member_id, name in await told.values_list("member_id", "name"):
        found[member_id].name = name
    for member_id in await Closure.filter(member_id__in=list(found)).values_list("member_id", flat=True):
        found[member_id].closed = True
    under = Membership.filter(member_id__in=list(found))
    for member_id, policy_id in await under.values_list("member_id", "policy_id"):
        found[member_id].policies.add(policy_id)
    return {external_id: found[row_id] for row_id, external_id, _, _ in rows}


async def insert_members(
    connection: BaseDBAsyncClient, members: Sequence[tuple[str, str, str | None]], at: datetime
) -> dict[str, int]:
    """(external id, language, zone) of each new member; gives their ids by external id."""
    await execute_many(
        connection,
        "INSERT INTO member (external_id, language, zone, link_epoch, recorded_at) VALUES ($1, $2, $3, 1, $4)",
        [(*member, at) for member in members],
    )
    external_ids = [external_id for external_id, _, _ in members]
    return dict(await Member.filter(external_id__in=external_ids).values_list("external_id", "id"))


async def insert_profiles(
    connection: BaseDBAsyncClient, profiles: Iterable[tuple[int, str, str, str | None]], recorded: Recorded
) -> None:
    """(member id, name, language, zone) of each."""
    await execute_many(
        connection,
        "INSERT INTO profile (member_id, name, language, zone, received_at, recorded_at, sequence)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [(*profile, *recorded.values) for profile in profiles],
    )


async def insert_addresses(
    connection: BaseDBAsyncClient, addresses: Iterable[tuple[int, str]], recorded: Recorded
) -> None:
    """(member id, address) of each."""
    await execute_many(
        connection,
        "INSERT INTO address (member_id, address, digest, received_at, recorded_at, sequence)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        [(member_id, address, address_digest(address), *recorded.values) for member_id, address in addresses],
    )


async def insert_memberships(
    connection: BaseDBAsyncClient, memberships: Iterable[tuple[int, int, datetime, int]], recorded: Recorded
) -> None:
    """(member id, policy id, joined_at, joined_on) of each."""
    await execute_many(
        connection,
        "INSERT INTO membership (member_id, policy_id, joined_at, joined_on, received_at, recorded_at, sequence)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [(*membership, *recorded.values) for membership in memberships],
    )


async def set_language_and_zone(connection: BaseDBAsyncClient, members: Iterable[tuple[int, str, str | None]]) -> None:
    """(member id, language, zone) of each: the newest of the profile history."""
    await execute_many(connection, "UPDATE member SET language = $2, zone = $3 WHERE id = $1", list(members))
