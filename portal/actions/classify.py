"""What legal says a change touches, and why."""

from collections.abc import Collection, Sequence
from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.draft_content import change_keys, lock_open_draft, sealed, staff_id
from portal.actions.record import record
from portal.rules.errors import RuleBroken
from portal.rules.said import later
from portal.store.connections import transaction
from portal.store.drafts import Draft, DraftClassification

LONGEST_REASON = 2_000


async def classify(
    draft_id: int, keys: Sequence[str], purposes: Collection[str], reason: str, *, by: Actor, at: datetime
) -> Draft:
    """Gives the changes of those keys the purposes (none = editorial), anew where they had others.

    Raises RuleBroken: `no_change_chosen`, `unknown_change`, `unknown_purpose` (none of the draft's treatments),
    `reason_wanted`, `reason_too_long`, `no_draft`, `draft_published`, `draft_dropped`, `staff_only`.
    """
    editor = staff_id(by)
    reason = "\n".join(reason.split("\r\n")).replace("\r", "\n").strip()
    if not reason:
        raise RuleBroken("reason_wanted", "Say why: members and courts read it.", field="reason")
    if len(reason) > LONGEST_REASON:
        message = later("The reason is longer than %(limit)s characters.")
        raise RuleBroken("reason_too_long", message, limit=LONGEST_REASON, field="reason")
    async with transaction():
        draft = await lock_open_draft(draft_id)
        _refuse_unknown(draft, keys, purposes)
        wanted: dict[str, object] = {"purposes": sorted(set(purposes)), "reason": reason}
        written = [key for key in dict.fromkeys(keys) if await _write(draft_id, key, wanted, editor, at)]
        if not written:
            return draft
        await sealed(draft, by, at)
        await record(
            "draft.classified",
            by,
            at,
            policy_id=draft.policy_id,
            draft=draft_id,
            changes=written,
            purposes=wanted["purposes"],
            digest=draft.digest,
        )
        return draft


async def unclassify(draft_id: int, keys: Sequence[str], *, by: Actor, at: datetime) -> Draft:
    """Takes the classification of those changes back. Raises RuleBroken as `classify`; one without it is no error."""
    staff_id(by)
    async with transaction():
        draft = await lock_open_draft(draft_id)
        _refuse_unknown(draft, keys, ())
        if not await DraftClassification.filter(draft_id=draft_id, change_key__in=list(keys)).delete():
            return draft
        await sealed(draft, by, at)
        await record(
            "draft.unclassified",
            by,
            at,
            policy_id=draft.policy_id,
            draft=draft_id,
            changes=list(keys),
            digest=draft.digest,
        )
        return draft


def _refuse_unknown(draft: Draft, keys: Sequence[str], purposes: Collection[str]) -> None:
    if not keys:
        raise RuleBroken("no_change_chosen", "Choose at least one change.", field="changes")
    known = set(change_keys(draft))
    if unknown := [key for key in keys if key not in known]:
        raise RuleBroken("unknown_change", "The draft has no such change (any more).", changes=unknown)
    if strange := sorted(set(purposes) - set(draft.treatments)):
        message = later("This draft does not treat the purpose %(purposes)s.")
        raise RuleBroken("unknown_purpose", message, field="purposes", purposes=strange)


async def _write(draft_id: int, key: str, wanted: dict[str, object], editor: int, at: datetime) -> bool:
    """Writes one classification; False where it stands so already."""
    row = await DraftClassification.get_or_none(draft_id=draft_id, change_key=key)
    if row is not None and {"purposes": row.purposes, "reason": row.reason} == wanted:
        return False
    row = row or DraftClassification(draft_id=draft_id, change_key=key)
    row.update_from_dict({**wanted, "staff_id": editor, "classified_at": at})
    await row.save()
    return True
