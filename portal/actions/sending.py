"""Sending a notice: begun in one transaction, before the relay may have it; its outcome recorded in a later one.

`take_turns` does both for many connections at once: what their last messages came to, and which messages are next. So
a message costs a share of one commit, and after a crash at most the one message of each connection that was on the wire
is unknown.
"""

from collections.abc import Sequence
from datetime import datetime

from portal.actions.actor import SYSTEM
from portal.actions.campaign import UNCLAIMED, Attempted, Begun, Campaign, OfNotice, tell
from portal.actions.notice import refuse
from portal.actions.noting import Noting
from portal.actions.sending_at_once import accept_at_once, begin_at_once
from portal.actions.sending_many import (
    CLAIMED,
    Begin,
    Steps,
    Taken,
    Turn,
    accept_many,
    begin_many,
    usual_turns,
)
from portal.actions.sending_outcome import write_outcome
from portal.mail.outcome import Verdict
from portal.store.alone import run_alone
from portal.store.bulk import lock_members
from portal.store.connections import has_daybook, transaction
from portal.store.notices import Notice, NoticeState
from portal.store.outcomes import Closure
from portal.store.procedure import run_within

NO_ADDRESS = "no_address"
_ON_SQLITE, _ON_POSTGRESQL = Steps(accept_many, begin_many), Steps(accept_at_once, begin_at_once)


async def take_turns(campaign: Campaign, turns: Sequence[Turn], at: datetime) -> list[Begun | None]:
    """Records the outcomes and begins the next sendings; gives for each turn what may be written now (see `Taken`)."""
    taken = await take_usual(campaign, usual(turns), at)
    if left := taken.left_of(turns):
        taken = await take_others(campaign, left, taken, at)
    return [begun for _whole, begun in taken.of(turns)]


def usual(turns: Sequence[Turn]) -> list[Turn]:
    """Those that nothing special is known about: accepted was what is behind, and what is next is not refused."""
    accepted = Verdict.ACCEPTED
    return [
        turn for turn in turns if turn.refused is None and (turn.last is None or turn.last.outcome.verdict is accepted)
    ]


async def take_usual(campaign: Campaign, turns: Sequence[Turn], at: datetime, noting: Noting | None = None) -> Taken:
    """Takes `usual` turns in one transaction; what it leaves of them is for `take_others`, like all others.

    `noting`: where there is a daybook.
    """
    if not turns:
        return Taken(set(), {})
    if noting is not None and noting.is_for(turns):
        return await noting.take(campaign, turns, at)
    return await run_alone(usual_turns(campaign, turns, at, _ON_SQLITE if has_daybook() else _ON_POSTGRESQL))


async def take_others(campaign: Campaign, turns: Sequence[Turn], taken: Taken, at: datetime) -> Taken:
    """Takes what is left of these turns, by the actions that look at one notice, in one transaction."""
    lasts = [turn.last for turn in turns if turn.last is not None and turn.last.sending.id not in taken.recorded]
    nexts = [turn.next for turn in turns if turn.next is not None and turn.next.notice.id not in taken.begun]
    async with transaction() as connection:
        members = [one.notice.member_id for one in lasts] + [one.notice.member_id for one in nexts]
        await lock_members(connection, members)
        for last in lasts:
            await write_outcome(campaign, last)
        begun = await run_within(connection, begin_many(campaign, nexts, at))
        for one in nexts:
            if one.notice.id not in begun:
                await _not_begun(campaign, one, at)
        for turn in turns:
            if turn.next is not None and turn.refused is not None and (sending := begun.pop(turn.next.notice.id, None)):
                await write_outcome(campaign, Attempted(turn.next.notice, sending, turn.refused, at))
    return Taken(taken.recorded | {last.sending.id for last in lasts}, taken.begun | begun)


async def refuse_before_sending(notice: OfNotice, code: str, owner: str, at: datetime) -> None:
    """No mail can go to the member: there is no address, or one that no server takes. Recorded as a refusal."""
    async with transaction():
        refused = await refuse(
            notice.member_id, notice.version_id, code, sending_id=None, by=SYSTEM, at=at, received_at=at
        )
        if refused is None:  # the account is closed
            await Notice.filter(id=notice.id, owner=owner).update(state=NoticeState.POSTED, **UNCLAIMED)


async def fail_before_sending(campaign: Campaign, notice: OfNotice, at: datetime) -> None:
    """The message cannot be made, so it waits for ops."""
    async with transaction():
        mine = Notice.filter(id=notice.id, owner=campaign.owner, state__in=CLAIMED)
        if await mine.update(state=NoticeState.FAILED, **UNCLAIMED):
            await tell("notice.failed", notice, campaign, at, code="not_composed")


async def _not_begun(campaign: Campaign, one: Begin, at: datetime) -> None:
    """Gives up the claim on a notice that must not be sent, or not as it was made."""
    mine = Notice.filter(id=one.notice.id, owner=campaign.owner, lease_until__gt=at, state__in=CLAIMED)
    if not await Closure.exists(member_id=one.notice.member_id):
        await mine.update(owner=None, lease_until=None)
    elif await mine.update(state=NoticeState.POSTED, **UNCLAIMED):
        await tell("notice.not_sent", one.notice, campaign, at, why="account_closed")
