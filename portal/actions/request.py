"""What a member asks the company for, and what ops answer (rules: "Requests")."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.address_change import complete, is_waiting
from portal.actions.address_change_end import end_change
from portal.actions.outcome import close_account
from portal.actions.outgoing import queue_mail
from portal.actions.record import record
from portal.actions.remark import remark
from portal.actions.request_rows import end_request, open_request
from portal.rules.errors import RuleBroken
from portal.rules.objection import Refusal, broken
from portal.rules.request import extended_answer_by
from portal.store.address_changes import AddressChange, AddressChangeEnd
from portal.store.answers import Way
from portal.store.connections import transaction
from portal.store.locks import lock_member
from portal.store.outbox import MailKind
from portal.store.outcomes import Closure
from portal.store.requests import MemberRequest, RequestEnd, RequestKind
from portal.store.zones import zones_of

# What can be asked for; that ops stand in for an old address follows from a change of address.
ASKED = (RequestKind.CLOSING, RequestKind.EXPORT, RequestKind.ACCESS)


async def ask(
    member_id: int,
    kind: RequestKind,
    *,
    way: Way,
    by: Actor,
    at: datetime,
    received_at: datetime | None = None,
    reference: str = "",
) -> MemberRequest:
    """Records a request received at `received_at` (UTC; default `at`), and mails a receipt.

    Asking again while one of the kind is open gives that one. A closed account may ask for all but its closing. Raises
    RuleBroken: `account_closed`, `in_the_future`.
    """
    if received_at is not None and received_at > at:
        raise RuleBroken("in_the_future", "This cannot have happened yet.", field="received_at")
    async with transaction():
        await lock_member(member_id)
        if kind is RequestKind.CLOSING and await Closure.exists(member_id=member_id):
            raise broken(Refusal.ACCOUNT_CLOSED)
        return await open_request(member_id, kind, way=way, by=by, at=at, received_at=received_at, reference=reference)


async def withdraw_request(request_id: int, *, by: Actor, at: datetime) -> MemberRequest:
    """The member takes it back. Raises RuleBroken `request_ended`."""
    async with transaction():
        request = await _open(request_id)
        change = await _change_of(request)
        if change is not None and change.ended_at is None:
            await end_change(change, AddressChangeEnd.CANCELLED, by=by, at=at, request_as=None)
        await end_request(request, RequestEnd.WITHDRAWN, by=by, at=at, mailed=False)
        return request


async def answer_request(request_id: int, told: str, *, by: Actor, at: datetime) -> MemberRequest:
    """Ops did what was asked; `told` is what the member reads. For closing, and for an address, see below.

    Raises RuleBroken: `request_ended`, `told_wanted`, `close_instead`, `stand_in_instead`.
    """
    async with transaction():
        request = await _open(request_id)
        if request.kind is RequestKind.CLOSING:
            raise RuleBroken("close_instead", "The answer to this request is that the account is closed.")
        change = await _change_of(request)
        if change is not None and await is_waiting(change, at):
            raise RuleBroken("stand_in_instead", "The new address still waits: use it, or refuse the request.")
        await end_request(request, RequestEnd.ANSWERED, by=by, at=at, told=_wanted(told))
        return request


async def close_on_request(request_id: int, *, by: Actor, at: datetime, note: str = "") -> Closure:
    """Closes the account, as its member asked. Raises RuleBroken: `request_ended`, `not_a_closing`."""
    async with transaction():
        request = await _open(request_id)
        if request.kind is not RequestKind.CLOSING:
            raise RuleBroken("not_a_closing", "This request does not ask for closing the account.")
        return await close_account(request.member_id, by=by, at=at, note=note)  # which ends the request, too


async def stand_in(request_id: int, told: str, *, by: Actor, at: datetime) -> MemberRequest:
    """Ops know in another way that the member wants the new address: it counts from `at` on. `told`: how they know.

    Raises RuleBroken: `request_ended`, `told_wanted`, `change_over`.
    """
    async with transaction():
        request = await _open(request_id)
        change = await _change_of(request)
        if change is None or not await is_waiting(change, at):
            raise RuleBroken("change_over", "The change of address that this was about is over.")
        change.old_confirmed_at = at
        await change.save(update_fields=["old_confirmed_at"])
        # Ended before the address is given, so that what ops say is what the member reads.
        await end_request(request, RequestEnd.ANSWERED, by=by, at=at, told=_wanted(told), mailed=False)
        await complete(change, by=by, at=at)
        await _mail_news(request, str(RequestEnd.ANSWERED), at)
        return request


async def refuse_request(request_id: int, told: str, *, by: Actor, at: datetime) -> MemberRequest:
    """Ops do not do what was asked, and say why (GDPR, art. 12(4)).

    Raises RuleBroken: `request_ended`, `told_wanted`.
    """
    async with transaction():
        request = await _open(request_id)
        change = await _change_of(request)
        if change is not None and change.ended_at is None:
            await end_change(change, AddressChangeEnd.REFUSED, by=by, at=at, request_as=None)
        await end_request(request, RequestEnd.REFUSED, by=by, at=at, told=_wanted(told))
        return request


async def extend_request(request_id: int, told: str, *, by: Actor, at: datetime) -> MemberRequest:
    """Ops need the two further months of GDPR, art. 12(3), and say why: once, and before the request is due.

    Raises RuleBroken: `request_ended`, `told_wanted`, `extended_before`, `due_already`.
    """
    async with transaction():
        request = await _open(request_id)
        if request.extended_at is not None:
            raise RuleBroken("extended_before", "The answer has been put off before.")
        if at >= request.due_at:
            raise RuleBroken("due_already", "It was due already: the member had to be told before that.")
        request.extension_id = await remark(request.member_id, _wanted(told), at)
        request.due_at = extended_answer_by(request.received_at, await zones_of(request.member_id)).closes_at
        request.extended_at = at
        await request.save(update_fields=["extended_at", "extension_id", "due_at"])
        await record("request.extended", by, at, member_id=request.member_id, request=request.id, number=request.number)
        await _mail_news(request, "extended", at)
        return request


async def _open(request_id: int) -> MemberRequest:
    """The request, its member locked. Raises RuleBroken `request_ended`, tortoise's DoesNotExist."""
    request = await MemberRequest.get(id=request_id)
    await lock_member(request.member_id)
    await request.refresh_from_db()  # the lock may have waited for its end
    if not request.open:
        raise RuleBroken("request_ended", "This request has been answered, refused or taken back already.")
    return request


async def _change_of(request: MemberRequest) -> AddressChange | None:
    return await AddressChange.get_or_none(id=request.change_id) if request.change_id else None


async def _mail_news(request: MemberRequest, news: str, at: datetime) -> None:
    about = {"request": request.id, "news": news}
    await queue_mail(MailKind.REQUEST_NEWS, member_id=request.member_id, about=about, at=at)


def _wanted(told: str) -> str:
    if not told.strip():
        raise RuleBroken("told_wanted", "Say it in words: the member reads this.", field="told")
    return told.strip()
