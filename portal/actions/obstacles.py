"""What stands between a draft and its publication."""

from portal.actions.content import Content
from portal.actions.draft_content import change_keys, content_of_draft
from portal.rules.errors import RuleBroken
from portal.rules.said import Plural, later
from portal.store.drafts import Draft
from portal.store.policies import Version, VersionText

UNCLASSIFIED = Plural(
    "%(num)s change is not classified. Unclassified is not editorial.",
    "%(num)s changes are not classified. Unclassified is not editorial.",
)


async def obstacles(draft: Draft) -> list[RuleBroken]:
    """Why the draft can be neither approved nor published, in the order in which one would mend it.

    Codes: `text_empty`, `base_outdated`, `nothing_changed`, `unclassified` (names the changes), `summary_wanted`.
    """
    content = await content_of_draft(draft)
    newest = await Version.filter(policy_id=draft.policy_id).order_by("-number").first()
    found: list[RuleBroken] = []
    if not content.text.strip():
        found.append(RuleBroken("text_empty", "The text is empty.", field="text"))
    if (newest.number if newest else 0) != draft.base:
        message = later("Another version has been published since this draft was started.")
        found.append(RuleBroken("base_outdated", message, base=draft.base))
    elif newest is not None and content.same_text_and_terms(await told_by(newest)):
        message = later("Text and terms are equal to those of version %(version)s, which is in force.")
        found.append(RuleBroken("nothing_changed", message, field="text", version=newest.number))
    if unclassified := [key for key in change_keys(draft) if key not in content.decisions]:
        found.append(RuleBroken("unclassified", UNCLASSIFIED, num=len(unclassified), changes=unclassified))
    if not content.summary:
        message = later("Members need a summary: it stands in the notice, above the changes.")
        found.append(RuleBroken("summary_wanted", message, field="summary"))
    return found


async def refuse_obstacles(draft: Draft) -> None:
    """Raises the first of the obstacles, if there is one."""
    for obstacle in await obstacles(draft):
        raise obstacle


async def told_by(version: Version) -> Content:
    """What members were told by a version: texts and terms, without its classification."""
    texts = await VersionText.filter(version_id=version.id)
    return Content(
        language=version.language,
        text=next(row.text for row in texts if row.authoritative),
        summary=version.summary,
        terms=version.terms,
        treatments=version.treatments,
        told_of=tuple(version.told_of),
        translations={row.language: row.text for row in texts if not row.authoritative},
    )
