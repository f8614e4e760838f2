"""A member gives another address: it counts once the new and the old one have both confirmed it.

Where the old one cannot be reached, ops stand in for it.
"""

from datetime import datetime, timedelta

from portal.actions.actor import SYSTEM, Actor
from portal.actions.address import address_of, give_address
from portal.actions.address_change_end import end_change
from portal.actions.outgoing import queue_mail
from portal.actions.record import record
from portal.actions.request_rows import end_request, open_request
from portal.rules.errors import RuleBroken
from portal.rules.objection import Refusal, broken
from portal.store.access import MemberSession
from portal.store.address_changes import AddressChange, AddressChangeEnd
from portal.store.answers import Way
from portal.store.connections import transaction
from portal.store.contacts import address_digest, last_address
from portal.store.locks import lock_member
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.outcomes import Closure
from portal.store.requests import MemberRequest, RequestEnd, RequestKind
from portal.store.returned import ReturnedKind, ReturnedMatch

LIFE = timedelta(days=7)


async def ask_for_address(member_id: int, given: str, *, by: Actor, at: datetime) -> AddressChange | None:
    """Mails a link to the new address, and one to the old where there is one. None: it is the address on file.

    Asking again for the same one changes nothing; for another one replaces the first. Raises RuleBroken:
    `address_invalid`, `account_closed`.
    """
    address = address_of(given)
    async with transaction():
        await lock_member(member_id)
        if await Closure.exists(member_id=member_id):
            raise broken(Refusal.ACCOUNT_CLOSED)
        old = await last_address(member_id)
        if old is not None and old.address == address:
            return None
        waiting = await AddressChange.get_or_none(member_id=member_id, ended_at__isnull=True)
        if waiting is not None:
            if waiting.address == address and await is_waiting(waiting, at):
                return waiting
            await end_change(waiting, AddressChangeEnd.REPLACED, by=by, at=at)
        return await _asked(member_id, address, old.id if old else None, by, at)


async def _asked(member_id: int, address: str, old_id: int | None, by: Actor, at: datetime) -> AddressChange:
    change = await AddressChange.create(
        member_id=member_id,
        address=address,
        digest=address_digest(address),
        old_address_id=old_id,
        expires_at=at + LIFE,
        received_at=at,
        recorded_at=at,
        sequence=await record("address.asked", by, at, member_id=member_id),
    )
    for kind in (MailKind.NEW_ADDRESS, *([MailKind.OLD_ADDRESS] if old_id else [])):
        await queue_mail(kind, member_id=member_id, about={"change": change.id}, at=at)
    return change


async def confirm_address(change_id: int, *, new: bool, by: Actor, at: datetime) -> AddressChange:
    """One of the two addresses says yes, by its mailed link; the second yes makes the new address count from `at` on.

    Saying it twice is saying it once. Raises RuleBroken `change_over`.
    """
    async with transaction():
        change = await _waiting(change_id, at)
        column = "new_confirmed_at" if new else "old_confirmed_at"
        if getattr(change, column) is not None:
            return change
        setattr(change, column, at)
        await change.save(update_fields=[column])
        side = "new" if new else "old"
        await record("address.agreed", by, at, member_id=change.member_id, change=change.id, side=side)
        await complete(change, by=by, at=at)
        if new and change.ended_at is None and await old_is_unreachable(change):
            await _hand_over(change, SYSTEM, at)
        return change


async def complete(change: AddressChange, *, by: Actor, at: datetime) -> None:
    """The address is given, once everybody has confirmed. Call it inside of `transaction()`, the member locked."""
    if not change.confirmed:
        return
    await end_change(change, AddressChangeEnd.CONFIRMED, by=by, at=at, request_as=None)
    await give_address(change.member_id, change.address, by=by, at=at, received_at=at)
    asked = await MemberRequest.get_or_none(member_id=change.member_id, change_id=change.id, ended_at__isnull=True)
    if asked is not None:  # told after the address was given, so that the mail goes there
        await end_request(asked, RequestEnd.ANSWERED, by=by, at=at)


async def disown_change(change_id: int, *, by: Actor, at: datetime) -> AddressChange:
    """Somebody who reads at the old address says that it was not them: nothing changes, and all sign-ins end.

    Raises RuleBroken `change_over`.
    """
    async with transaction():
        change = await _waiting(change_id, at)
        await end_change(change, AddressChangeEnd.DISOWNED, by=by, at=at)
        await MemberSession.filter(member_id=change.member_id, ended_at__isnull=True).update(ended_at=at)
        return change


async def cancel_change(member_id: int, *, by: Actor, at: datetime) -> bool:
    """The member takes back what still waits; False where nothing does."""
    async with transaction():
        await lock_member(member_id)
        change = await AddressChange.get_or_none(member_id=member_id, ended_at__isnull=True)
        if change is None:
            return False
        await end_change(change, AddressChangeEnd.CANCELLED, by=by, at=at)
        return True


async def hand_change_over(member_id: int, *, by: Actor, at: datetime) -> MemberRequest:
    """The member cannot read at the old address any more: ops are asked; a second time gives the first request.

    Raises RuleBroken: `change_over`; `new_address_first` while the new address has not confirmed.
    """
    async with transaction():
        await lock_member(member_id)
        change = await AddressChange.get_or_none(member_id=member_id, ended_at__isnull=True)
        if change is None or not await is_waiting(change, at):
            raise change_over()
        if change.new_confirmed_at is None:
            raise RuleBroken("new_address_first", "Confirm the new address first, by the link that we mailed there.")
        return await _hand_over(change, by, at)


async def mail_not_delivered(mail: OutgoingMail, *, at: datetime) -> None:
    """The mail to an old address came to nothing: ops are asked, once the new one has confirmed.

    Call it inside of the transaction that records so; other mails change nothing.
    """
    if mail.kind is not MailKind.OLD_ADDRESS or mail.member_id is None:
        return
    await lock_member(mail.member_id)
    change = await AddressChange.get(id=int(mail.about["change"]))
    if change.new_confirmed_at is not None and await is_waiting(change, at):
        await _hand_over(change, SYSTEM, at)


async def is_waiting(change: AddressChange, at: datetime) -> bool:
    """Whether it can still come to something: the address it is to replace is still the one on file, too."""
    if not change.waits(at) or await Closure.exists(member_id=change.member_id):
        return False
    on_file = await last_address(change.member_id)
    return (on_file.id if on_file else None) == change.old_address_id


async def old_is_unreachable(change: AddressChange) -> bool:
    """Whether the mail to the old address was refused, could not be sent, or came back."""
    sent = OutgoingMail.filter(
        member_id=change.member_id, kind=MailKind.OLD_ADDRESS, created_at__gte=change.received_at
    )
    mails = [mail for mail in await sent if mail.about.get("change") == change.id]
    if any(mail.state in ("failed", "refused") for mail in mails):
        return True
    came_back = ReturnedMatch.filter(mail_id__in=[mail.id for mail in mails], returned__kind=ReturnedKind.MAIL_BOUNCE)
    return await came_back.exists()


def change_over() -> RuleBroken:
    return RuleBroken("change_over", "This change of address is over. Ask for it once more, if you still want it.")


async def _waiting(change_id: int, at: datetime) -> AddressChange:
    """The change, its member locked. Raises RuleBroken `change_over`."""
    change = await AddressChange.get(id=change_id)
    await lock_member(change.member_id)
    await change.refresh_from_db()  # the lock may have waited for its end
    if not await is_waiting(change, at):
        raise change_over()
    return change


async def _hand_over(change: AddressChange, by: Actor, at: datetime) -> MemberRequest:
    """The time to answer runs from the day on which the member asked for the new address."""
    if change.handed_at is None:
        change.handed_at = at
        await change.save(update_fields=["handed_at"])
    return await open_request(
        change.member_id,
        RequestKind.ADDRESS,
        way=Way.ACCOUNT,
        by=by,
        at=at,
        received_at=change.received_at,
        change_id=change.id,
    )
