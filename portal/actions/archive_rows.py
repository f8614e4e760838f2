"""The archive's records out of rows."""

from collections import defaultdict

from portal.actions.archive_record import PolicyHistory, PolicyRecord, PurposeRecord, VersionRecord
from portal.actions.content import Content, Decision
from portal.store.policies import Change, Classification, Policy, Purpose, Version, VersionText


async def histories() -> list[PolicyHistory]:
    """All policies with all their versions, in the order of their slugs."""
    return [
        PolicyHistory(await policy_record(policy), tuple(await version_records(policy)))
        for policy in await Policy.all().order_by("slug")
    ]


async def policy_record(policy: Policy) -> PolicyRecord:
    """The policy's defaults, and every purpose that it or one of its versions treats."""
    versions = await Version.filter(policy_id=policy.id)
    treated = set(policy.treatments).union(*(version.treatments for version in versions))
    purposes = await Purpose.filter(key__in=sorted(treated)).order_by("key")
    return PolicyRecord(
        slug=policy.slug,
        title=policy.title,
        language=policy.language,
        purposes={row.key: PurposeRecord(row.title, row.about, policy.treatments.get(row.key)) for row in purposes},
        terms=policy.terms,
        told_of=tuple(sorted(policy.told_of)),
    )


async def version_records(policy: Policy) -> list[VersionRecord]:
    """The policy's versions by number."""
    versions = await Version.filter(policy_id=policy.id).order_by("number")
    ids = [version.id for version in versions]
    texts: dict[int, list[VersionText]] = defaultdict(list)
    for row in await VersionText.filter(version_id__in=ids):
        texts[row.version_id].append(row)
    decisions = await _decisions(ids)
    return [_record(version, texts[version.id], decisions[version.id]) for version in versions]


async def _decisions(version_ids: list[int]) -> dict[int, dict[str, Decision]]:
    """Version id -> change key -> decision, in the order of the changes."""
    rows = {row.change_id: row for row in await Classification.filter(change__version_id__in=version_ids)}
    found: dict[int, dict[str, Decision]] = defaultdict(dict)
    for change in await Change.filter(version_id__in=version_ids).order_by("version_id", "ordinal"):
        row = rows[change.id]
        found[change.version_id][change.key] = Decision(tuple(sorted(row.purposes)), row.reason)
    return found


def _record(version: Version, texts: list[VersionText], decisions: dict[str, Decision]) -> VersionRecord:
    return VersionRecord(
        number=version.number,
        posted_at=version.posted_at,
        author=version.author,
        approver=version.approver,
        content=Content(
            language=version.language,
            text=next(row.text for row in texts if row.authoritative),
            summary=version.summary,
            terms=version.terms,
            treatments=dict(sorted(version.treatments.items())),
            told_of=tuple(sorted(version.told_of)),
            translations={row.language: row.text for row in texts if not row.authoritative},
            decisions=decisions,
        ),
        comparison=version.comparison,
    )
