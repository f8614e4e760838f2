"""Versions beyond what the drafting helpers make: translations, and many versions one after the other."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.actions.actor import Actor
from portal.rules.changes import canonical, digest
from portal.store.connections import transaction
from portal.store.policies import Policy, Version, VersionText
from portal.store.staff import Staff
from tests.support.drafting import published


async def translate(policy: Policy, *, number: int, language: str, text: str) -> None:
    """A version's text in another language, as a draft's translation leaves it."""
    version = await Version.get(policy_id=policy.id, number=number)
    text = canonical(text)
    async with transaction():
        await VersionText.create(
            version_id=version.id, language=language, text=text, digest=digest(text), authoritative=False
        )


async def publish_next(policy: Policy, texts: Sequence[str], at: datetime) -> None:
    """More versions of a policy whose author and approver are there already, an hour apart from `at` on."""
    author, approver = [Actor("staff", row.id) for row in await Staff.all().order_by("id").limit(2)]
    for hours, text in enumerate(texts):
        await published(policy, text, by=author, approver=approver, at=at + timedelta(hours=hours))
