"""A second person approves a draft as it stands."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.draft_content import lock_open_draft, staff_id
from portal.actions.obstacles import refuse_obstacles
from portal.actions.record import record
from portal.rules.errors import RuleBroken
from portal.store.connections import transaction
from portal.store.drafts import Approval, Draft, DraftEditor


async def approve(draft_id: int, digest: str, *, by: Actor, at: datetime) -> Approval:
    """Approves the draft of exactly this digest: what the approver had before their eyes. Once is enough.

    Raises RuleBroken: `draft_changed`, `own_draft` (who edited any of it cannot approve it), what `obstacles` names,
    `no_draft`, `draft_published`, `draft_dropped`, `staff_only`. The database refuses an editor's approval, too.
    """
    approver = staff_id(by)
    async with transaction():
        draft = await lock_open_draft(draft_id)
        if digest != draft.digest:
            raise RuleBroken("draft_changed", "The draft was edited since you opened it. Please look at it again.")
        if await DraftEditor.exists(draft_id=draft_id, staff_id=approver):
            raise RuleBroken("own_draft", "You worked on this draft: another person has to approve it.")
        await refuse_obstacles(draft)
        earlier = await Approval.get_or_none(draft_id=draft_id, digest=digest, staff_id=approver)
        if earlier is not None:
            return earlier
        approval = await Approval.create(draft_id=draft_id, digest=digest, staff_id=approver, approved_at=at)
        await record("draft.approved", by, at, policy_id=draft.policy_id, draft=draft_id, digest=digest)
        return approval


async def standing_approval(draft: Draft) -> Approval | None:
    """The approval that publication would rest on: of the present digest, by someone who edited none of it."""
    editors = {editor.staff_id for editor in await DraftEditor.filter(draft_id=draft.id)}
    approvals = await Approval.filter(draft_id=draft.id, digest=draft.digest).order_by("-id")
    return next((approval for approval in approvals if approval.staff_id not in editors), None)
