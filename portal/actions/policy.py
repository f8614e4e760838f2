"""A policy begins, or changes what its next draft starts with."""

import re
from datetime import datetime
from typing import Any

from portal.actions.actor import Actor
from portal.actions.purposes import Defaults, refuse_unknown_purposes
from portal.actions.record import record
from portal.rules.errors import Malformed, RuleBroken
from portal.rules.language import language_tag
from portal.store.connections import transaction
from portal.store.locks import lock_policy
from portal.store.policies import Policy

SLUG = re.compile(r"(?=.{1,64}\Z)[a-z0-9]+(-[a-z0-9]+)*")


async def create_policy(
    slug: str, title: str, defaults: Defaults, *, language: str = "en", by: Actor, at: datetime
) -> Policy:
    """A policy without versions. Its slug stays for good: it is in addresses and in the archive.

    Raises RuleBroken: `slug_form`, `slug_taken`, `title_wanted`, `language_form`, `unknown_purpose`.
    """
    async with transaction():
        return await write_policy(slug, title, defaults, language=language, by=by, at=at)


async def write_policy(slug: str, title: str, defaults: Defaults, *, language: str, by: Actor, at: datetime) -> Policy:
    """The same inside of a transaction."""
    if not SLUG.fullmatch(slug):
        raise RuleBroken("slug_form", "A slug is small letters and digits, with single hyphens between.", field="slug")
    if await Policy.exists(slug=slug):
        raise RuleBroken("slug_taken", "There is a policy %(slug)s already.", slug=slug, field="slug")
    _refuse_title(title)
    await refuse_unknown_purposes(defaults.treatments, defaults.told_of)
    policy = await Policy.create(
        slug=slug, title=title.strip(), language=_language(language), created_at=at, **columns(defaults)
    )
    await record("policy.created", by, at, policy_id=policy.id, slug=slug)
    return policy


async def change_policy_defaults(
    policy_id: int, defaults: Defaults, *, title: str | None = None, by: Actor, at: datetime
) -> Policy:
    """Changes what the next draft starts with; drafts that are open and versions keep theirs.

    Raises RuleBroken: `title_wanted`, `unknown_purpose`.
    """
    async with transaction():
        policy = await lock_policy(policy_id)
        title = policy.title if title is None else title
        _refuse_title(title)
        await refuse_unknown_purposes(defaults.treatments, defaults.told_of)
        before = (policy.title, policy.terms, policy.treatments, policy.told_of)
        policy.update_from_dict({"title": title.strip(), **columns(defaults)})
        if (policy.title, policy.terms, policy.treatments, policy.told_of) == before:
            return policy
        await policy.save()
        await record("policy.changed", by, at, policy_id=policy_id, **columns(defaults))
        return policy


def columns(defaults: Defaults) -> dict[str, Any]:
    """The defaults as the columns of a policy or a draft hold them."""
    return {
        "terms": defaults.terms.to_json(),
        "treatments": {purpose: str(treatment) for purpose, treatment in sorted(defaults.treatments.items())},
        "told_of": sorted(defaults.told_of),
    }


def _refuse_title(title: str) -> None:
    if not title.strip() or len(title) > 200:
        raise RuleBroken("title_wanted", "A policy needs a title of at most 200 characters.", field="title")


def _language(given: str) -> str:
    try:
        return language_tag(given)
    except Malformed as wrong:
        raise RuleBroken("language_form", wrong.message, field="language") from wrong
