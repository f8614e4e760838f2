"""A draft becomes a version: for all members at one instant, or not at all."""

from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from portal.actions.actor import Actor
from portal.actions.approve import standing_approval
from portal.actions.draft_content import content_of_draft, lock_open_draft
from portal.actions.obstacles import refuse_obstacles
from portal.actions.opening import opening
from portal.actions.record import record
from portal.actions.version_rows import Publication, write_version
from portal.rules.errors import RuleBroken
from portal.rules.policy import NoticeTerms
from portal.store.connections import transaction
from portal.store.drafts import Approval, Draft
from portal.store.job_queue import call_for_a_sweep
from portal.store.locks import lock_policy
from portal.store.members import Membership
from portal.store.owed import owe_notices
from portal.store.policies import Policy, Version
from portal.store.recipient_roll import RecipientRoll, freeze_roll
from portal.store.staff import Staff


async def publish(draft_id: int, *, by: Actor, at: datetime) -> Version:
    """Publishes the draft as the policy's next version, posted at `at`, with one notice for every member it concerns.

    Who they are is kept as the version's recipient roll. One transaction (rules: "Instants", posted_at). Mails, and the
    file in the archive, follow. Raises RuleBroken: `draft_published` (names the version), `draft_dropped`, `no_draft`,
    what `obstacles` names, `not_approved`, `posted_too_early`.
    """
    async with transaction() as connection:
        unlocked = await Draft.get_or_none(id=draft_id)
        # The policy first, then the draft: the order everybody takes who needs both.
        policy = await lock_policy(unlocked.policy_id) if unlocked else None
        draft = await lock_open_draft(draft_id)
        assert policy is not None  # a draft has one
        await refuse_obstacles(draft)
        approval = await standing_approval(draft)
        if approval is None:
            raise RuleBroken("not_approved", "Nobody has approved the draft as it stands now.")
        content, publication = await content_of_draft(draft), await _publication(draft, approval, at)
        await _refuse_before_joining(policy, publication.posted_at)
        version = await write_version(policy, content, publication, recorded_at=at)
        draft.published_as = version.number
        await draft.save(update_fields=["published_as"])
        await _keep_as_defaults(policy, draft)
        roll = await _owe(connection, version, at)
        await call_for_a_sweep(connection)
        await record(
            "version.published",
            by,
            at,
            policy_id=policy.id,
            version_id=version.id,
            number=version.number,
            digest=version.digest,
            approved=draft.digest,
            draft=draft_id,
            notices=roll.members,
            roll=roll.digest,
        )
        return version


async def _refuse_before_joining(policy: Policy, posted_at: datetime) -> None:
    """Who joined in that very second, or while the publication waited for the import, would be owed no notice of it and
    have joined on the version before: it would never reach them."""
    if await Membership.exists(policy_id=policy.id, joined_at__gte=posted_at):
        raise RuleBroken("posted_too_early", "Members have joined in this very second. Publish once more.")


async def _publication(draft: Draft, approval: Approval, at: datetime) -> Publication:
    author, approver = await Staff.get(id=draft.author_id), await Staff.get(id=approval.staff_id)
    return Publication(
        number=draft.base + 1,
        posted_at=at.replace(microsecond=0),
        author=author.name,
        approver=approver.name,
        comparison=draft.comparison,
        author_id=author.id,
        approver_id=approver.id,
        draft_id=draft.id,
    )


async def _owe(connection: BaseDBAsyncClient, version: Version, at: datetime) -> RecipientRoll:
    await owe_notices(connection, version.id, opening(version.posted_at, NoticeTerms.from_json(version.terms)), at=at)
    return await freeze_roll(connection, version.id, at=at)


async def _keep_as_defaults(policy: Policy, draft: Draft) -> None:
    """The next draft starts with these terms, where the policy's were not changed for it on purpose meanwhile."""
    before = await Version.get_or_none(policy_id=policy.id, number=draft.base)
    for column in ("terms", "treatments", "told_of"):
        if before is None or getattr(policy, column) == getattr(before, column):
            setattr(policy, column, getattr(draft, column))
    await policy.save()
