"""A draft of the next version: started, edited, dropped."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.actions.actor import Actor
from portal.actions.draft_content import change_keys, content_of_draft, lock_open_draft, sealed, staff_id
from portal.actions.policy import columns
from portal.actions.purposes import Defaults, refuse_unknown_purposes
from portal.actions.record import record
from portal.rules.changes import canonical, compare
from portal.rules.errors import Malformed, RuleBroken
from portal.rules.language import language_tag
from portal.rules.policy import NoticeTerms, Treatment, treatments_from_json
from portal.rules.said import later
from portal.store.connections import transaction
from portal.store.drafts import Draft, DraftClassification, DraftTranslation
from portal.store.locks import lock_policy
from portal.store.policies import Version, VersionText

LONGEST_SUMMARY = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEdit:
    """What of a draft becomes what; None = it stays. Texts may be a file's bytes.

    `translations` holds only those that change; an empty text removes one.
    """

    text: str | bytes | None = None
    summary: str | None = None
    terms: NoticeTerms | None = None
    treatments: Mapping[str, Treatment] | None = None
    told_of: tuple[str, ...] | None = None
    translations: Mapping[str, str | bytes] = field(default_factory=dict)


async def start_draft(policy_id: int, *, by: Actor, at: datetime) -> Draft:
    """A draft that starts as the newest version reads, with the policy's terms; empty where there is no version.

    One draft a policy is open at a time. Raises RuleBroken: `draft_open` (names the draft), `staff_only`.
    """
    author = staff_id(by)
    async with transaction():
        policy = await lock_policy(policy_id)
        open_one = await Draft.get_or_none(policy_id=policy_id, published_as=None, dropped_at=None)
        if open_one is not None:
            raise RuleBroken("draft_open", "A draft of this policy is open already.", draft=open_one.id)
        base = await Version.filter(policy_id=policy_id).order_by("-number").first()
        text = await authoritative_text(base.id) if base else ""
        draft = Draft(
            policy_id=policy_id,
            base=base.number if base else 0,
            language=policy.language,
            text=text,
            summary="",
            terms=policy.terms,
            treatments=policy.treatments,
            told_of=policy.told_of,
            comparison=compare(text, text).to_json() if base else None,
            digest="",
            author_id=author,
            created_at=at,
            edited_at=at,
        )
        await draft.save()
        await sealed(draft, by, at)
        await record("draft.started", by, at, policy_id=policy_id, draft=draft.id, base=draft.base)
        return draft


async def save_draft(draft_id: int, edit: DraftEdit, *, by: Actor, at: datetime, seen: str | None = None) -> Draft:
    """Edits the draft and compares its text anew; classifications stay with the changes that stay.

    `seen` is the digest the editor had before their eyes. An edit that changes nothing writes nothing. RuleBroken:
    `draft_changed` (someone else edited it since), `text_empty`, `text_not_utf8`, `text_too_large`, `summary_too_long`,
    `language_form`, `unknown_purpose`, `purpose_in_use`, `no_draft`, `draft_published`, `draft_dropped`, `staff_only`.
    """
    staff_id(by)
    text = None if edit.text is None else canonical(edit.text)
    translations = {_language(tag): _translation(given) for tag, given in edit.translations.items()}
    comparison = None if text is None else await _comparison(draft_id, text)
    async with transaction():
        draft = await lock_open_draft(draft_id)
        if seen is not None and seen != draft.digest:
            raise RuleBroken("draft_changed", "Someone else has edited this draft since you opened it.")
        before = draft.digest
        if text is not None and text != draft.text:
            draft.text, draft.comparison = text, comparison
            await DraftClassification.filter(draft_id=draft_id, change_key__not_in=[*change_keys(draft), ""]).delete()
        if edit.summary is not None:
            draft.summary = _summary(edit.summary)
        await _set_terms(draft, edit)
        await _set_translations(draft, translations)
        if (await content_of_draft(draft)).digest == before:
            return draft
        await sealed(draft, by, at)
        await record("draft.edited", by, at, policy_id=draft.policy_id, draft=draft_id, digest=draft.digest)
        return draft


async def drop_draft(draft_id: int, *, by: Actor, at: datetime) -> Draft:
    """Gives the draft up; it stays on record. Raises RuleBroken: `no_draft`, `draft_published`, `draft_dropped`."""
    async with transaction():
        draft = await lock_open_draft(draft_id)
        draft.dropped_at = at
        await draft.save(update_fields=["dropped_at"])
        await record("draft.dropped", by, at, policy_id=draft.policy_id, draft=draft_id)
        return draft


async def authoritative_text(version_id: int) -> str:
    """The text of a version that counts."""
    return (await VersionText.get(version_id=version_id, authoritative=True)).text


async def _comparison(draft_id: int, text: str) -> dict[str, Any] | None:
    """The comparison with the base, in a thread and before any lock: a long text may take a second."""
    draft = await Draft.get_or_none(id=draft_id)
    base = await Version.get_or_none(policy_id=draft.policy_id, number=draft.base) if draft else None
    if base is None:
        return None
    compared = await asyncio.to_thread(compare, await authoritative_text(base.id), text)
    return compared.to_json()


async def _set_terms(draft: Draft, edit: DraftEdit) -> None:
    if edit.terms is None and edit.treatments is None and edit.told_of is None:
        return
    defaults = Defaults(
        terms=NoticeTerms.from_json(draft.terms) if edit.terms is None else edit.terms,
        treatments=treatments_from_json(draft.treatments) if edit.treatments is None else edit.treatments,
        told_of=tuple(draft.told_of) if edit.told_of is None else edit.told_of,
    )
    await refuse_unknown_purposes(defaults.treatments, defaults.told_of)
    in_use = (await content_of_draft(draft)).touched - set(defaults.treatments)
    if in_use:
        message = later("Changes are classified under %(purposes)s.")
        raise RuleBroken("purpose_in_use", message, field="treatments", purposes=sorted(in_use))
    draft.update_from_dict(columns(defaults))


async def _set_translations(draft: Draft, translations: Mapping[str, str]) -> None:
    if draft.language in translations:
        message = later("%(language)s is the language of the text itself.")
        raise RuleBroken("language_form", message, language=draft.language, field="translations")
    for language, text in translations.items():
        if text:
            await DraftTranslation.update_or_create(draft_id=draft.id, language=language, defaults={"text": text})
        else:
            await DraftTranslation.filter(draft_id=draft.id, language=language).delete()


def _translation(given: str | bytes) -> str:
    return canonical(given) if given.strip() else ""


def _summary(given: str) -> str:
    summary = "\n".join(given.split("\r\n")).replace("\r", "\n").strip()
    if len(summary) > LONGEST_SUMMARY:
        message = later("The summary is longer than %(limit)s characters.")
        raise RuleBroken("summary_too_long", message, limit=LONGEST_SUMMARY, field="summary")
    return summary


def _language(given: str) -> str:
    try:
        return language_tag(given)
    except Malformed as wrong:
        raise RuleBroken("language_form", wrong.message, field="translations") from wrong
