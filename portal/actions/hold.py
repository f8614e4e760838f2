"""Holding a campaign and letting it go on, and trying again what failed. What is owed is never cancelled, only held."""

from collections.abc import Collection
from datetime import datetime
from secrets import token_hex

from portal.actions.actor import Actor
from portal.actions.reason import reason_in
from portal.actions.record import record
from portal.rules.errors import RuleBroken
from portal.rules.said import later
from portal.store.connections import transaction
from portal.store.holds import CampaignHold, held
from portal.store.locks import lock_version
from portal.store.notices import NoticeState
from portal.store.requeueing import mark_queued, tell_marked, unmark

REFUSING = later("The relay refuses one message after the other: %(trouble)s")
RETRIED = (NoticeState.FAILED, NoticeState.UNKNOWN, NoticeState.REFUSED)


async def hold_campaign(version_id: int, *, by: Actor, reason: str, at: datetime) -> CampaignHold:
    """From now on no notice of the version is begun, until `resume_campaign`. `reason` must name no member.

    Raises RuleBroken: `reason_wanted`, `reason_too_long`, `not_mailed`, `already_held` (with the `hold` in force).
    """
    reason = reason_in(reason)
    async with transaction():
        version = await lock_version(version_id)
        if not version.mailed:
            raise RuleBroken("not_mailed", "This version is not mailed, so there is nothing to hold.")
        in_force = await held(version_id)
        if in_force is not None:
            raise RuleBroken("already_held", "The sending is paused already.", hold=in_force)
        hold = await CampaignHold.create(version_id=version_id, held_at=at, held_by=str(by), reason=reason)
        await record("campaign.held", by, at, policy_id=version.policy_id, version_id=version_id, hold=hold.id)
        return hold


async def resume_campaign(version_id: int, *, by: Actor, at: datetime) -> CampaignHold:
    """Lifts the hold; what is due is sent by the next sweep. Raises RuleBroken `not_held`."""
    async with transaction():
        version = await lock_version(version_id)
        hold = await held(version_id)
        if hold is None:
            raise RuleBroken("not_held", "The sending is not paused.")
        # A clock that was put back meanwhile must not keep the hold for ever.
        hold.lifted_at, hold.lifted_by = max(at, hold.held_at), str(by)
        await hold.save(update_fields=["lifted_at", "lifted_by"])
        await record("campaign.resumed", by, at, policy_id=version.policy_id, version_id=version_id, hold=hold.id)
        return hold


async def retry_failed(version_id: int, states: Collection[NoticeState], *, by: Actor, at: datetime) -> int:
    """Queues again, due at `at`, the version's notices in these states; gives how many.

    `states`: failed, unknown, refused. A refused notice is tried again only where its member gave an address since; a
    failed one becomes a new sending, an unknown one goes out under its old Message-ID. Those of closed accounts stay.
    Done again at once, it finds nothing and changes nothing. Raises RuleBroken `state_not_retried`, `not_mailed`.
    """
    if not states or not set(states) <= set(RETRIED):
        raise RuleBroken("state_not_retried", "Choose among failed, unknown and refused.", field="states")
    async with transaction() as connection:
        version = await lock_version(version_id)
        if not version.mailed:
            raise RuleBroken("not_mailed", "This version is not mailed, so there is nothing to try again.")
        mark = f"retry-{token_hex(8)}"
        number = await mark_queued(connection, version_id, states, mark, at)
        if not number:
            return 0
        await record(
            "campaign.retried",
            by,
            at,
            policy_id=version.policy_id,
            version_id=version_id,
            number=number,
            states=sorted(str(state) for state in states),
        )
        await tell_marked(
            connection,
            version_id,
            mark,
            action="notice.queued_again",
            actor=str(by),
            policy_id=version.policy_id,
            at=at,
        )
        await unmark(connection, version_id, mark)
        return number
