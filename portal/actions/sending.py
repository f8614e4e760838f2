"""Sending a notice: begun in one transaction, before the relay may have it; its outcome recorded in a later one.

`take_turns` does both for many connections at once: what their last messages came to, and which messages are next. So a
message costs a share of one commit, and after a crash at most the one message of each connection that was on the wire is
unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.actions.actor import SYSTEM
from portal.actions.campaign import UNCLAIMED, Attempted, Begun, Campaign, OfNotice, Rendered, tell
from portal.actions.notice import refuse
from portal.actions.sending_many import CLAIMED, Begin, accept_many, begin_many
from portal.actions.sending_outcome import write_outcome
from portal.mail.outcome import Outcome
from portal.store.bulk import lock_members
from portal.store.connections import transaction
from portal.store.notices import Notice, NoticeState
from portal.store.outcomes import Closure

NO_ADDRESS = "no_address"


@dataclass(frozen=True, slots=True)
class Turn:
    """What one connection has to say: what became of its last message, and which one is next.

    `refused`: what the next one has come to already, because the relay does not want its text.
    """

    last: Attempted | None = None
    next: Begin | None = None
    refused: Outcome | None = None


async def take_turns(campaign: Campaign, turns: Sequence[Turn], at: datetime) -> list[Begun | None]:
    """Records the outcomes and begins the next sendings, all or none; gives for each turn what may be written now.

    None where there is nothing next, or it must not be sent: the claim was lost, the account was closed, or another
    address was given since the message was made; its claim is given up.
    """
    lasts = [turn.last for turn in turns if turn.last is not None]
    nexts = [turn.next for turn in turns if turn.next is not None]
    async with transaction() as connection:
        await lock_members(connection, [one.notice.member_id for one in (*lasts, *nexts)])
        accepted = await accept_many(connection, campaign, lasts)
        for last in lasts:
            if last.sending.id not in accepted:
                await write_outcome(campaign, last)
        begun = await begin_many(connection, campaign, nexts, at)
        for one in nexts:
            if one.notice.id not in begun:
                await _not_begun(campaign, one, at)
        for turn in turns:
            if turn.next is not None and turn.refused is not None and (sending := begun.pop(turn.next.notice.id, None)):
                await write_outcome(campaign, Attempted(turn.next.notice, sending, turn.refused, at))
    return [begun.get(turn.next.notice.id) if turn.next is not None else None for turn in turns]


async def begin_sending(campaign: Campaign, notice: OfNotice, rendered: Rendered, at: datetime) -> Begun | None:
    """Writes down that the message is being sent now; None where it must not be (see `take_turns`)."""
    [begun] = await take_turns(campaign, [Turn(next=Begin(notice, rendered))], at)
    return begun


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
