"""One policy of an archive, brought into the database with all its versions, or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.archive_record import PolicyHistory, PolicyRecord, VersionRecord
from portal.actions.archive_rows import policy_record, version_records
from portal.actions.policy import write_policy
from portal.actions.purposes import Defaults, write_purpose
from portal.actions.record import record
from portal.actions.version_rows import Publication, write_version
from portal.rules.errors import RuleBroken
from portal.rules.policy import NoticeTerms, treatments_from_json
from portal.store.connections import transaction
from portal.store.drafts import Draft
from portal.store.locks import lock_policy
from portal.store.members import Membership
from portal.store.policies import Policy, Purpose


@dataclass(frozen=True, slots=True)
class Brought:
    """Slugs of new policies, `slug/0002` of new versions, and how many versions were there already."""

    policies: tuple[str, ...]
    versions: tuple[str, ...]
    skipped: int

    @classmethod
    def together(cls, parts: Iterable["Brought"]) -> "Brought":
        parts = list(parts)
        return cls(
            policies=tuple(slug for part in parts for slug in part.policies),
            versions=tuple(name for part in parts for name in part.versions),
            skipped=sum(part.skipped for part in parts),
        )


async def conflicts(history: PolicyHistory, at: datetime) -> list[str]:
    """Why this policy cannot be brought in beside what the database holds, each reason with its file."""
    slug = history.policy.slug
    problems = [f"{slug}/policy.toml: {why}" for why in await _other_purposes(history.policy)]
    problems += [
        f"{slug}/{version.stem}.toml: posted_at: lies in the future"
        for version in history.versions
        if version.posted_at > at
    ]
    policy = await Policy.get_or_none(slug=slug)
    return problems + (await _conflicts_with(policy, history) if policy else [])


async def bring_in(history: PolicyHistory, *, by: Actor, at: datetime) -> Brought:
    """Writes what is new of a policy, in one transaction. Raises RuleBroken: `history_refused`."""
    async with transaction():
        policy = await Policy.get_or_none(slug=history.policy.slug)
        made = policy is None
        policy = await lock_policy(policy.id) if policy else await _new_policy(history.policy, by=by, at=at)
        if problems := await conflicts(history, at):  # asked again: now nobody can come between
            raise RuleBroken("history_refused", problems[0], problems=tuple(problems))
        known = len(await version_records(policy))
        new = history.versions[known:]
        for version in new:
            await _new_version(policy, version, by=by, at=at)
        return Brought(
            policies=(policy.slug,) if made else (),
            versions=tuple(f"{policy.slug}/{version.stem}" for version in new),
            skipped=len(history.versions) - len(new),
        )


async def _other_purposes(policy: PolicyRecord) -> list[str]:
    """Purposes are the company's: one has the same words in all policies."""
    known = {row.key: (row.title, row.about) for row in await Purpose.filter(key__in=list(policy.purposes))}
    return [
        f"purposes.{key}: has another title or explanation in the database"
        for key, purpose in policy.purposes.items()
        if key in known and known[key] != (purpose.title, purpose.about)
    ]


async def _conflicts_with(policy: Policy, history: PolicyHistory) -> list[str]:
    slug = policy.slug
    kept = await version_records(policy)
    problems = [
        f"{slug}/{theirs.stem}.toml: version {theirs.number} was published with other content"
        for ours, theirs in zip(kept, history.versions, strict=False)
        if ours != theirs
    ]
    new = history.versions[len(kept) :]
    if new and kept and new[0].posted_at <= kept[-1].posted_at:
        problems.append(f"{slug}/{new[0].stem}.toml: posted_at: not after that of version {kept[-1].number}")
    if new and await Draft.exists(policy_id=policy.id, published_as=None, dropped_at=None):
        problems.append(f"{slug}/{new[0].stem}.toml: a draft of this policy is open; publish or drop it first")
    if new and history.policy != await policy_record(policy):
        problems.append(f"{slug}/policy.toml: the policy has other defaults in the database")
    return problems + await _concerned_members(policy, new)


async def _concerned_members(policy: Policy, new: Iterable[VersionRecord]) -> list[str]:
    """A version is told to those whom it concerns; an import tells nobody."""
    problems = []
    for version in new:
        concerned = Membership.filter(
            policy_id=policy.id, joined_at__lt=version.posted_at, joined_on__lt=version.number
        )
        if count := await concerned.count():
            problems.append(
                f"{policy.slug}/{version.stem}.toml: concerns {count} members, who have to be told: publish it instead"
            )
    return problems


async def _new_policy(given: PolicyRecord, *, by: Actor, at: datetime) -> Policy:
    for key, purpose in given.purposes.items():
        await write_purpose(key, purpose.title, purpose.about, by=by, at=at)
    treatments = {key: purpose.treatment for key, purpose in given.purposes.items() if purpose.treatment is not None}
    defaults = Defaults(NoticeTerms.from_json(given.terms), treatments_from_json(treatments), given.told_of)
    return await write_policy(given.slug, given.title, defaults, language=given.language, by=by, at=at)


async def _new_version(policy: Policy, given: VersionRecord, *, by: Actor, at: datetime) -> None:
    publication = Publication(
        number=given.number,
        posted_at=given.posted_at,
        author=given.author,
        approver=given.approver,
        comparison=given.comparison,
    )
    version = await write_version(policy, given.content, publication, recorded_at=at)
    await record(
        "version.imported",
        by,
        at,
        received_at=given.posted_at,
        policy_id=policy.id,
        version_id=version.id,
        number=version.number,
        digest=version.digest,
        approved=given.content.digest,
    )
