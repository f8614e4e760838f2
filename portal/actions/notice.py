"""What becomes known of a notice besides its own sending: seen, delivered by letter, refused, come back.

Each fact is recorded once, with its event, and moves the window as the rules say. What the rules leave without effect
(a notice that is not there, a version not posted yet, a closed account, a bounce that finds no sending) records
nothing and answers None.
"""

from dataclasses import dataclass
from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.record import record
from portal.actions.remark import remark
from portal.actions.window import refresh_window
from portal.rules.errors import RuleBroken
from portal.store.connections import transaction
from portal.store.locks import lock_member
from portal.store.notices import Bounce, Notice, NoticeState, Refusal, Sending, Sight, SightWay
from portal.store.outcomes import Closure
from portal.store.policies import Version
from portal.store.standings import counted_sendings

LONGEST_CODE = 32


async def record_seen(
    member_id: int, version_id: int, *, by: Actor, at: datetime, received_at: datetime | None = None
) -> Sight | None:
    """The member saw the notice in the account. Only the first sight is kept."""
    async with transaction():
        told = await _told(member_id, version_id, at, received_at or at)
        if told is None:
            return None
        earlier = await Sight.get_or_none(member_id=member_id, notice_id=told.notice.id, way=SightWay.ACCOUNT)
        return earlier or await _sight(told, SightWay.ACCOUNT, by, at, "")


async def record_letter(
    member_id: int,
    version_id: int,
    *,
    way: SightWay = SightWay.LETTER,
    by: Actor,
    at: datetime,
    received_at: datetime | None = None,
    note: str = "",
) -> Sight | None:
    """Staff delivered the notice by letter, or in person. Recording the same delivery again changes nothing."""
    async with transaction():
        told = await _told(member_id, version_id, at, received_at or at)
        if told is None:
            return None
        earlier = await Sight.filter(
            member_id=member_id, notice_id=told.notice.id, way=way, received_at=told.received_at
        ).first()
        return earlier or await _sight(told, way, by, at, note)


async def record_bounce(
    member_id: int,
    version_id: int,
    *,
    sending: int | None = None,
    by: Actor,
    at: datetime,
    received_at: datetime | None = None,
    note: str = "",
) -> Bounce | None:
    """A sending came back: the one of that number, else the latest before the bounce that has not bounced yet."""
    async with transaction():
        return await came_back(
            member_id, version_id, sending=sending, by=by, at=at, received_at=received_at or at, note=note
        )


async def came_back(
    member_id: int,
    version_id: int,
    *,
    sending: int | None,
    by: Actor,
    at: datetime,
    received_at: datetime,
    note: str,
) -> Bounce | None:
    """`record_bounce` in the caller's transaction."""
    told = await _told(member_id, version_id, at, received_at)
    marked = await _marked(told, sending) if told else None
    if told is None or marked is None:
        return None
    sequence = await _event(told, "notice.bounced", by, at, sending=marked.id, named=sending is not None)
    bounce = await Bounce.create(
        member_id=member_id,
        notice_id=told.notice.id,
        sending_id=marked.id,
        named=sending is not None,
        remark_id=await remark(member_id, note, at),
        received_at=told.received_at,
        recorded_at=at,
        sequence=sequence,
    )
    await refresh_window(member_id, version_id)
    return bounce


async def record_refusal(
    member_id: int,
    version_id: int,
    code: str,
    *,
    sending_id: int | None = None,
    by: Actor,
    at: datetime,
    received_at: datetime | None = None,
) -> Refusal | None:
    """No server ever will accept the notice. `code` is the answer's code (`5.1.1`, `550`) or `no_address`.

    The notice waits for ops or for another address. A refusal of the same sending for the same reason is recorded once.
    """
    async with transaction():
        return await refuse(
            member_id, version_id, code, sending_id=sending_id, by=by, at=at, received_at=received_at or at
        )


async def refuse(
    member_id: int,
    version_id: int,
    code: str,
    *,
    sending_id: int | None,
    by: Actor,
    at: datetime,
    received_at: datetime,
) -> Refusal | None:
    """`record_refusal` in the caller's transaction."""
    told = await _told(member_id, version_id, at, received_at)
    if told is None:
        return None
    notice = told.notice
    refusal = await Refusal.filter(
        member_id=member_id, notice_id=notice.id, sending_id=sending_id, code=code[:LONGEST_CODE]
    ).first()
    if refusal is None:
        refusal = await Refusal.create(
            member_id=member_id,
            notice_id=notice.id,
            sending_id=sending_id,
            code=code[:LONGEST_CODE],
            received_at=received_at,
            recorded_at=at,
            sequence=await _event(told, "notice.refused", by, at, sending=sending_id, code=code[:LONGEST_CODE]),
        )
    if notice.state is not NoticeState.ACCEPTED:
        await Notice.filter(id=notice.id).update(
            state=NoticeState.REFUSED, owner=None, lease_until=None, next_attempt_at=None
        )
    await refresh_window(member_id, version_id)
    return refusal


@dataclass(frozen=True, slots=True)
class _Told:
    """A notice that a fact received at `received_at` is about, and its policy."""

    notice: Notice
    policy_id: int
    received_at: datetime


async def _told(member_id: int, version_id: int, at: datetime, received_at: datetime) -> _Told | None:
    """The notice, with its member locked; None where the rules leave the fact without effect."""
    if received_at > at:
        raise RuleBroken("in_the_future", "This cannot have happened yet.", field="received_at")
    await lock_member(member_id)
    notice = await Notice.get_or_none(member_id=member_id, version_id=version_id)
    version = await Version.get_or_none(id=version_id)
    if notice is None or version is None or received_at < version.posted_at:
        return None
    if await Closure.exists(member_id=member_id, received_at__lte=received_at):
        return None
    return _Told(notice, version.policy_id, received_at)


async def _sight(told: _Told, way: SightWay, by: Actor, at: datetime, note: str) -> Sight:
    sequence = await _event(told, "notice.seen", by, at, way=str(way))
    sight = await Sight.create(
        member_id=told.notice.member_id,
        notice_id=told.notice.id,
        way=way,
        staff_id=by.staff_id,
        remark_id=await remark(told.notice.member_id, note, at),
        received_at=told.received_at,
        recorded_at=at,
        sequence=sequence,
    )
    await refresh_window(told.notice.member_id, told.notice.version_id)
    return sight


async def _marked(told: _Told, number: int | None) -> Sending | None:
    """The sending that a bounce marks, by the rules; None where it marks none."""
    counted, delivery = await counted_sendings(told.notice, by=told.received_at)
    position = next((i for i, row in enumerate(counted, start=1) if row.number == number), 0)
    marked = delivery.bounce_of(position if number is not None else None)
    return None if marked is None else counted[marked]


async def _event(told: _Told, action: str, by: Actor, at: datetime, **facts: object) -> int:
    return await record(
        action,
        by,
        at,
        received_at=told.received_at,
        member_id=told.notice.member_id,
        policy_id=told.policy_id,
        version_id=told.notice.version_id,
        notice=told.notice.id,
        **facts,
    )
