"""The rows of a published version: written once, never altered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.actions.comparison import refuse_foreign_comparison
from portal.actions.content import Content
from portal.rules.changes import digest
from portal.rules.errors import RuleBroken
from portal.rules.policy import NoticeTerms
from portal.rules.said import later
from portal.store.policies import Change, Classification, Policy, Version, VersionText
from portal.store.publications import authoritative_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Who and when. `comparison` is the whole result against the version before, None for the first."""

    number: int
    posted_at: datetime
    author: str
    approver: str
    comparison: dict[str, Any] | None = None
    author_id: int | None = None
    approver_id: int | None = None
    draft_id: int | None = None


def mailed(content: Content) -> bool:
    """Whether members get a mail: it is a channel, or a change touches a purpose they are told of in any case."""
    return NoticeTerms.from_json(content.terms).by_email or bool(content.touched & set(content.told_of))


async def write_version(
    policy: Policy, content: Content, publication: Publication, *, recorded_at: datetime
) -> Version:
    """The version with its texts, changes and classifications. Call it with the policy locked.

    `Version.digest` is the text's: anyone can compute it from the published file. RuleBroken: `posted_too_early`,
    `not_compared`.
    """
    before = await Version.filter(policy_id=policy.id).order_by("-number").first()
    if before is not None and publication.posted_at <= before.posted_at:
        message = later("Version %(version)s was posted at %(posted_at)s, not before that.")
        raise RuleBroken("posted_too_early", message, version=before.number, posted_at=before.posted_at)
    if before is not None and publication.comparison is not None:
        refuse_foreign_comparison(publication.comparison, await authoritative_text(before.id), content.text)
    version = await Version.create(
        policy_id=policy.id,
        number=publication.number,
        language=content.language,
        digest=digest(content.text),
        summary=content.summary,
        posted_at=publication.posted_at,
        recorded_at=recorded_at,
        terms=content.terms,
        treatments=content.treatments,
        told_of=list(content.told_of),
        comparison=publication.comparison,
        author=publication.author,
        approver=publication.approver,
        author_id=publication.author_id,
        approver_id=publication.approver_id,
        draft_id=publication.draft_id,
        mailed=mailed(content),
    )
    await _write_texts(version, content)
    await _write_changes(version, content)
    return version


async def _write_texts(version: Version, content: Content) -> None:
    texts = {content.language: content.text, **content.translations}
    await VersionText.bulk_create(
        [
            VersionText(
                version_id=version.id,
                language=language,
                text=text,
                digest=digest(text),
                authoritative=language == content.language,
            )
            for language, text in texts.items()
        ]
    )


async def _write_changes(version: Version, content: Content) -> None:
    found = [] if version.comparison is None else version.comparison["changes"]
    await Change.bulk_create(
        [
            Change(
                version_id=version.id,
                key=record["id"],
                ordinal=ordinal,
                engine=version.comparison["engine"],
                record=record,
            )
            for ordinal, record in enumerate(found)
        ]
    )
    rows = {row.key: row.id for row in await Change.filter(version_id=version.id)}
    await Classification.bulk_create(
        [
            Classification(change_id=rows[key], purposes=list(decision.purposes), reason=decision.reason)
            for key, decision in content.decisions.items()
        ]
    )
