"""Writing a request down, and its end, inside of the transaction of whatever asks or answers."""

import secrets
from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.objection import NUMBER_ALPHABET
from portal.actions.outgoing import queue_mail
from portal.actions.record import record
from portal.actions.remark import remark
from portal.rules.request import answer_by
from portal.store.answers import Way
from portal.store.members import Member
from portal.store.outbox import MailKind
from portal.store.requests import MemberRequest, RequestEnd, RequestKind
from portal.store.zones import zones_of


async def open_request(
    member_id: int,
    kind: RequestKind,
    *,
    way: Way,
    by: Actor,
    at: datetime,
    received_at: datetime | None = None,
    reference: str = "",
    change_id: int | None = None,
) -> MemberRequest:
    """Writes the request down and mails a receipt; the open one of the kind, where there is one already."""
    earlier = await MemberRequest.get_or_none(member_id=member_id, kind=kind, ended_at__isnull=True)
    if earlier is not None:
        return earlier
    received_at = received_at or at
    number = "".join(secrets.choice(NUMBER_ALPHABET) for _ in range(9))
    sequence = await record(
        "request.received",
        by,
        at,
        received_at=received_at,
        member_id=member_id,
        number=number,
        kind=str(kind),
        way=str(way),
    )
    request = await MemberRequest.create(
        member_id=member_id,
        number=number,
        kind=kind,
        way=way,
        staff_id=by.staff_id,
        remark_id=await remark(member_id, reference, at),
        change_id=change_id,
        due_at=answer_by(received_at, await zones_of(member_id)).closes_at,
        received_at=received_at,
        recorded_at=at,
        sequence=sequence,
    )
    await queue_mail(MailKind.REQUEST, member_id=member_id, about={"request": request.id}, at=at)
    return request


async def end_request(
    request: MemberRequest, ended_as: RequestEnd, *, by: Actor, at: datetime, told: str = "", mailed: bool = True
) -> None:
    """Ends an open request with what is told to the member; `mailed`: also by mail."""
    request.ended_at, request.ended_as, request.ended_by = at, ended_as, by.staff_id
    request.answer_id = await remark(request.member_id, told, at)
    await request.save(update_fields=["ended_at", "ended_as", "ended_by", "answer_id"])
    await record(f"request.{ended_as}", by, at, member_id=request.member_id, request=request.id, number=request.number)
    if mailed:
        about = {"request": request.id, "news": str(ended_as)}
        await queue_mail(MailKind.REQUEST_NEWS, member_id=request.member_id, about=about, at=at)


async def end_closing_request(member_id: int, *, by: Actor, at: datetime) -> None:
    """The account is being closed: who asked for it has their answer. The mail about the closing says so."""
    asked = await MemberRequest.get_or_none(member_id=member_id, kind=RequestKind.CLOSING, ended_at__isnull=True)
    if asked is not None:
        await end_request(asked, RequestEnd.ANSWERED, by=by, at=at, mailed=False)


async def zone_for(member_id: int) -> str:
    """The zone in which a mail to the member tells the time: their own, else the one that their days are counted in."""
    member = await Member.get(id=member_id)
    return member.zone or next(iter(await zones_of(member_id)), "UTC")
