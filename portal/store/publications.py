"""What is published, as its readers ask for it. Comparisons are large, so they come only where they are asked for."""

from dataclasses import dataclass

from portal.store.policies import Classification, Policy, Purpose, Version, VersionText

LIGHT = (
    "id", "policy_id", "number", "language", "digest", "summary", "posted_at", "recorded_at", "terms", "treatments",
    "told_of", "mailed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """What legal said of a published change: purposes (none = editorial) and why."""

    purposes: tuple[str, ...]
    reason: str


async def published_policies() -> list[tuple[Policy, Version]]:
    """Every policy that has a version, by title, with its newest version."""
    newest = {version.policy_id: version for version in await Version.all().order_by("number").only(*LIGHT)}
    return [(policy, newest[policy.id]) for policy in await Policy.all().order_by("title") if policy.id in newest]


async def versions_of(policy_id: int) -> list[Version]:
    """Newest first, without their comparisons."""
    return await Version.filter(policy_id=policy_id).order_by("-number").only(*LIGHT)


async def texts_of(version_id: int) -> list[VersionText]:
    """The authoritative text first, then the translations by language."""
    rows = await VersionText.filter(version_id=version_id).order_by("language")
    return sorted(rows, key=lambda row: not row.authoritative)


async def authoritative_text(version_id: int) -> str:
    return (await VersionText.get(version_id=version_id, authoritative=True)).text


async def decisions_of(version_id: int) -> dict[str, Decision]:
    """Change key -> what legal said of it."""
    rows = await Classification.filter(change__version_id=version_id).select_related("change")
    return {row.change.key: Decision(tuple(row.purposes), row.reason) for row in rows}


async def purpose_titles() -> dict[str, str]:
    """Key -> title, of all purposes."""
    return {row.key: row.title for row in await Purpose.all()}
