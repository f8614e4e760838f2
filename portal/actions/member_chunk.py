"""Some rows of a file of members, written in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from portal.actions.actor import Actor
from portal.actions.address import requeue_owed
from portal.actions.member_file import BadRow, Row
from portal.actions.opening import opening
from portal.actions.record import record
from portal.rules.policy import Version
from portal.rules.said import Said
from portal.rules.standing import joined_on
from portal.store.member_rows import (
    KnownMember,
    Recorded,
    insert_addresses,
    insert_members,
    insert_memberships,
    insert_profiles,
    known_members,
    set_language_and_zone,
)
from portal.store.notices import Notice
from portal.store.owed import owe_notices
from portal.store.policies import Policy
from portal.store.standings import published_versions

FALLBACK_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Landscape:
    """The policies by slug, and by policy id their versions (row id -> version), as they stay while they are locked."""

    policies: Mapping[str, int]
    versions: Mapping[int, Mapping[int, Version]]


@dataclass(slots=True)
class Joining:
    """One membership to be written, and the row it comes from."""

    row: Row
    policy_id: int
    joined_at: datetime
    joined_on: int


@dataclass(slots=True)
class Chunk:
    """What became of some rows."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    notices: int = 0
    bad: list[BadRow] = field(default_factory=list)


async def landscape() -> Landscape:
    """All policies, locked in one order: a publication waits for this transaction, or this one for it.

    So imports take turns, too: no two of them bring in the same member.
    """
    policies = await Policy.select_for_update().all().order_by("id")
    return Landscape(
        {policy.slug: policy.id for policy in policies},
        {policy.id: await published_versions(policy.id) for policy in policies},
    )


async def write_chunk(
    connection: BaseDBAsyncClient, rows: Sequence[Row | BadRow], seen: Landscape, *, by: Actor, at: datetime
) -> Chunk:
    """Writes what the good rows say, and says what is wrong with the others. Call it inside of `transaction()`."""
    chunk = Chunk(bad=[row for row in rows if isinstance(row, BadRow)])
    good = [row for row in rows if isinstance(row, Row)]
    known = await known_members([row.external_id for row in good])
    joinings: list[Joining] = []
    new: list[Row] = []
    changed: list[Row] = []
    for row in good:
        member = known.get(row.external_id)
        wanted = _joinings(row, member, seen, at)
        if isinstance(wanted, BadRow):
            chunk.bad.append(wanted)
            continue
        joinings += wanted
        if member is None:
            new.append(row)
        elif wanted or _says_something_new(row, member):
            changed.append(row)
        else:
            chunk.unchanged += 1
    chunk.new, chunk.changed = len(new), len(changed)
    if new or changed:
        sequence = await record("members.imported", by, at, new=chunk.new, changed=chunk.changed)
        recorded = Recorded(at, sequence)
        ids = {external_id: member.id for external_id, member in known.items()}
        ids |= await _write_new(connection, new, recorded)
        moved = await _write_changed(connection, [(row, known[row.external_id]) for row in changed], recorded)
        chunk.notices = await _join(connection, joinings, ids, seen, recorded)
        await _send_again(moved, by, at)
    return chunk


def _joinings(row: Row, member: KnownMember | None, seen: Landscape, at: datetime) -> list[Joining] | BadRow:
    """The memberships that the row asks for and the member has not, or what is wrong with them."""
    if member is not None and member.closed:
        return BadRow(row.line, Said("the account is closed"))
    if row.joined_at is not None and row.joined_at > at:
        return BadRow(row.line, Said("joined_at: lies in the future"))
    slugs = list(seen.policies) if row.policies is None else row.policies
    named = dict(row.joined_on)
    if unknown := [slug for slug in slugs if slug not in seen.policies]:
        return BadRow(row.line, Said("policies: there is no policy %(given)s", given=repr(unknown[0])))
    if strange := [slug for slug in named if slug and slug not in slugs]:
        return BadRow(row.line, Said("joined_on: %(given)s is none of the row's policies", given=repr(strange[0])))
    joinings = []
    for slug in slugs:
        policy_id = seen.policies[slug]
        versions = seen.versions[policy_id].values()
        # A version posted while this import was on its way: a member without a date of their own joins after it.
        newest = max((version.posted_at for version in versions), default=at)
        joined_at = row.joined_at or max(at, newest)
        number = named.get(slug, named.get(""))
        if number is None:
            number = joined_on(joined_at, versions)
        elif number > len(versions):
            return BadRow(row.line, Said("joined_on: %(slug)s has no version %(number)s", slug=slug, number=number))
        if member is None or policy_id not in member.policies:
            joinings.append(Joining(row, policy_id, joined_at, number))
    return joinings


def _says_something_new(row: Row, member: KnownMember) -> bool:
    return _new_address(row, member) or _new_profile(row, member)


def _new_address(row: Row, member: KnownMember) -> bool:
    return row.address not in (None, member.address)


def _new_profile(row: Row, member: KnownMember) -> bool:
    return (
        row.name not in (None, member.name)
        or row.language not in (None, member.language)
        or row.zone not in (None, member.zone)
    )


async def _write_new(connection: BaseDBAsyncClient, rows: Sequence[Row], recorded: Recorded) -> dict[str, int]:
    if not rows:
        return {}
    members = [(row.external_id, row.language or FALLBACK_LANGUAGE, row.zone) for row in rows]
    ids = await insert_members(connection, members, recorded.at)
    profiles = [(ids[row.external_id], row.name or "", row.language or FALLBACK_LANGUAGE, row.zone) for row in rows]
    await insert_profiles(connection, profiles, recorded)
    await insert_addresses(connection, [(ids[row.external_id], row.address) for row in rows if row.address], recorded)
    return ids


async def _write_changed(
    connection: BaseDBAsyncClient, rows: Sequence[tuple[Row, KnownMember]], recorded: Recorded
) -> list[int]:
    """Gives the ids of the members with a new address."""
    moved = [(member.id, row.address) for row, member in rows if row.address and _new_address(row, member)]
    await insert_addresses(connection, moved, recorded)
    profiles = [
        (member.id, row.name or member.name, row.language or member.language, row.zone or member.zone)
        for row, member in rows
        if _new_profile(row, member)
    ]
    await insert_profiles(connection, profiles, recorded)
    await set_language_and_zone(connection, [(row_id, language, zone) for row_id, _, language, zone in profiles])
    return [member_id for member_id, _ in moved]


async def _join(
    connection: BaseDBAsyncClient,
    joinings: Sequence[Joining],
    ids: Mapping[str, int],
    seen: Landscape,
    recorded: Recorded,
) -> int:
    """Writes the memberships, and the notices of versions posted after joining; gives their number."""
    memberships = [(ids[one.row.external_id], one.policy_id, one.joined_at, one.joined_on) for one in joinings]
    await insert_memberships(connection, memberships, recorded)
    owed = dict(_posted_later(joinings, seen))
    if not owed:
        return 0
    before = await Notice.filter(version_id__in=list(owed)).count()
    for row_id, version in owed.items():
        window = opening(version.posted_at, version.terms)
        await owe_notices(connection, row_id, window, at=recorded.at, since=recorded.sequence)
    return await Notice.filter(version_id__in=list(owed)).count() - before


def _posted_later(joinings: Sequence[Joining], seen: Landscape) -> Iterator[tuple[int, Version]]:
    """The versions that may concern one of them: which one, the statement that writes the notices finds out."""
    for policy_id in {one.policy_id for one in joinings}:
        joining = [one for one in joinings if one.policy_id == policy_id]
        first_at, first_on = min(one.joined_at for one in joining), min(one.joined_on for one in joining)
        for row_id, version in seen.versions[policy_id].items():
            if version.posted_at > first_at and version.number > first_on:
                yield row_id, version


async def _send_again(member_ids: Sequence[int], by: Actor, at: datetime) -> None:
    """What could not be delivered to an old address is owed to the new one."""
    with_notices = await Notice.filter(member_id__in=list(member_ids)).distinct().values_list("member_id", flat=True)
    for member_id in with_notices if member_ids else []:
        await requeue_owed(int(str(member_id)), by=by, at=at)
