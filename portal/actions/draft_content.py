"""A draft under lock, what it holds, and the digest that is made anew whenever it is touched."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.content import Content, Decision
from portal.rules.changes import Comparison
from portal.rules.errors import RuleBroken
from portal.rules.said import later
from portal.store.drafts import Draft, DraftClassification, DraftEditor, DraftTranslation


async def lock_open_draft(draft_id: int) -> Draft:
    """The draft, locked until the transaction ends. RuleBroken: `no_draft`, `draft_published`, `draft_dropped`."""
    draft = await Draft.select_for_update().get_or_none(id=draft_id)
    if draft is None:
        raise RuleBroken("no_draft", "There is no such draft.")
    if draft.published_as is not None:
        message = later("This draft was published as version %(version)s.")
        raise RuleBroken("draft_published", message, version=draft.published_as, draft=draft_id)
    if draft.dropped_at is not None:
        raise RuleBroken("draft_dropped", "This draft was dropped.", draft=draft_id)
    return draft


async def content_of_draft(draft: Draft) -> Content:
    """Text, translations, summary, classification and terms of a draft."""
    return Content(
        language=draft.language,
        text=draft.text,
        summary=draft.summary,
        terms=draft.terms,
        treatments=draft.treatments,
        told_of=tuple(draft.told_of),
        translations={row.language: row.text for row in await DraftTranslation.filter(draft_id=draft.id)},
        decisions={
            row.change_key: Decision(tuple(row.purposes), row.reason)
            for row in await DraftClassification.filter(draft_id=draft.id)
        },
    )


async def sealed(draft: Draft, by: Actor, at: datetime) -> Draft:
    """Saves the draft with its new digest, and remembers who touched it: that person cannot approve it."""
    draft.digest, draft.edited_at = (await content_of_draft(draft)).digest, at
    await draft.save()
    await DraftEditor.get_or_create(draft_id=draft.id, staff_id=staff_id(by), defaults={"first_at": at})
    return draft


def comparison_of(draft: Draft) -> Comparison | None:
    """What changed against the version before; None where there is none."""
    return None if draft.comparison is None else Comparison.from_json(draft.comparison)


def change_keys(draft: Draft) -> list[str]:
    """The keys of the draft's changes, in the order of the text."""
    return [] if draft.comparison is None else [change["id"] for change in draft.comparison["changes"]]


def staff_id(by: Actor) -> int:
    """Drafts are people's work. Raises RuleBroken: `staff_only`."""
    if by.staff_id is None:
        raise RuleBroken("staff_only", "Only people with a staff account work on drafts.")
    return by.staff_id
