"""Everything the portal knows of one member, as ops looks at it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from portal.rules.policy import Version as PublishedVersion
from portal.store.answers import Consent, Objection, OptOut
from portal.store.contacts import last_address, name_of
from portal.store.members import Address, Member, Membership, Profile
from portal.store.notices import Bounce, Notice, Refusal, Sending, Sight
from portal.store.outcomes import Closure
from portal.store.policies import Version
from portal.store.publications import LIGHT
from portal.store.standings import Known, known

OfNotice = TypeVar("OfNotice", Sending, Bounce, Refusal, Sight)


@dataclass(frozen=True, slots=True)
class NoticeRecord:
    """One notice with all that is known of it, in the order in which it happened."""

    notice: Notice
    version: Version
    ruled: PublishedVersion
    facts: Known
    sendings: list[Sending] = field(default_factory=list)
    bounces: list[Bounce] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    sights: list[Sight] = field(default_factory=list)

    def bounce_of(self, sending: Sending) -> Bounce | None:
        return next((bounce for bounce in self.bounces if bounce.sending_id == sending.id), None)


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """A member; `facts` by policy row id; the newest first, but for the histories of addresses and profiles."""

    member: Member
    name: str
    address: Address | None
    addresses: list[Address]
    profiles: list[Profile]
    memberships: list[Membership]
    facts: dict[int, Known]
    notices: list[NoticeRecord]
    objections: list[Objection]
    consents: list[Consent]
    opt_outs: list[OptOut]
    closure: Closure | None


async def member_record(member: Member) -> MemberRecord:
    mine = {"member_id": member.id}
    memberships = await Membership.filter(**mine).order_by("joined_at").select_related("policy")
    facts = {row.policy_id: await known(member.id, row.policy_id) for row in memberships}
    versions = await _versions(memberships)
    return MemberRecord(
        member=member,
        name=await name_of(member.id),
        address=await last_address(member.id),
        addresses=await Address.filter(**mine).order_by("received_at", "sequence", "id"),
        profiles=await Profile.filter(**mine).order_by("received_at", "sequence", "id"),
        memberships=memberships,
        facts=facts,
        notices=await _notices(member.id, facts, versions),
        objections=await Objection.filter(**mine).order_by("-received_at", "-sequence"),
        consents=await _consents(member.id, versions),
        opt_outs=await OptOut.filter(**mine).order_by("-received_at", "-sequence"),
        closure=await Closure.get_or_none(**mine),
    )


async def _versions(memberships: list[Membership]) -> dict[int, Version]:
    """Row id -> version with its policy, of the member's policies; without comparisons, which may be large."""
    policies = {row.policy_id: row.policy for row in memberships}
    found = await Version.filter(policy_id__in=list(policies)).only(*LIGHT)
    for version in found:
        version.policy = policies[version.policy_id]
    return {version.id: version for version in found}


async def _consents(member_id: int, versions: dict[int, Version]) -> list[Consent]:
    rows = await Consent.filter(member_id=member_id).order_by("-received_at", "-sequence")
    for row in rows:
        row.version = versions[row.version_id]
    return rows


async def _notices(member_id: int, facts: dict[int, Known], versions: dict[int, Version]) -> list[NoticeRecord]:
    rows = await Notice.filter(member_id=member_id).order_by("-id")
    mine = {"member_id": member_id}
    sendings = _by_notice(await Sending.filter(**mine).order_by("number").select_related("address"))
    bounces = _by_notice(await Bounce.filter(**mine).order_by("received_at", "sequence").select_related("remark"))
    refusals = _by_notice(await Refusal.filter(**mine).order_by("received_at", "sequence"))
    sights = _by_notice(await Sight.filter(**mine).order_by("received_at", "sequence").select_related("remark"))
    found = []
    for row in rows:
        version = versions.get(row.version_id)
        known_there = facts.get(version.policy_id) if version else None
        ruled = known_there.version(version.number) if known_there and version else None
        if version is not None and known_there is not None and ruled is not None:
            lists = (sendings[row.id], bounces[row.id], refusals[row.id], sights[row.id])
            found.append(NoticeRecord(row, version, ruled, known_there, *lists))
    return found


def _by_notice(rows: Iterable[OfNotice]) -> dict[int, list[OfNotice]]:
    grouped: dict[int, list[OfNotice]] = defaultdict(list)
    for row in rows:
        grouped[row.notice_id].append(row)
    return grouped
