"""The page behind the two mailed links of a change of address. Opening it changes nothing; a button does."""

from starlette.requests import Request
from starlette.responses import Response

from portal.actions.address_change import confirm_address, disown_change, is_waiting
from portal.rules.errors import RuleBroken
from portal.store.address_changes import AddressChange, AddressChangeEnd
from portal.store.contacts import masked
from portal.store.members import Member
from portal.web.clock import at
from portal.web.dates import tell_time_in
from portal.web.forms import form_of
from portal.web.guards import actor
from portal.web.member.reader import unknown_link
from portal.web.render import page, redirect
from portal.web.text import speak

YES, NO = "yes", "no"


async def show(request: Request) -> Response:
    """What the link can do, or what has become of it."""
    found = await _named(request)
    if found is None:
        return unknown_link(request)
    change, new = found
    state = await _state(change, request, new=new)
    # To the new address nothing is said that a stranger could not know.
    address = change.address if new else masked(change.address)
    return page(
        request,
        "account/address.html",
        200 if state != "over" else 410,
        change=change,
        new=new,
        state=state,
        address=address,
    )


async def answer(request: Request) -> Response:
    """Yes, or (at the old address only) that it was somebody else."""
    found = await _named(request)
    if found is None:
        return unknown_link(request)
    change, new = found
    said = (await form_of(request)).get("answer")
    try:
        if said == YES:
            await confirm_address(change.id, new=new, by=actor(request), at=at(request))
        elif said == NO and not new:
            await disown_change(change.id, by=actor(request), at=at(request))
    except RuleBroken as broken:
        if broken.code != "change_over":
            raise
    request.app.state.jobs.wake()
    return redirect(request, request.url.path)


async def _named(request: Request) -> tuple[AddressChange, bool] | None:
    """The change that the link is about, and whether it is the link to the new address."""
    named = request.app.state.keys.read_address_link(request.path_params["token"])
    if named is None:
        return None
    member_id, change_id, new = named
    change = await AddressChange.get_or_none(id=change_id, member_id=member_id)
    if change is None:
        return None
    member = await Member.get(id=member_id)
    request.state.member = member
    tell_time_in(member.zone)
    speak(member.language)
    return change, new


async def _state(change: AddressChange, request: Request, *, new: bool) -> str:
    """`asked`, `waits` (for the other one, or for ops), `done`, `disowned`, `over`."""
    if change.ended_as is AddressChangeEnd.CONFIRMED:
        return "done"
    if change.ended_as is AddressChangeEnd.DISOWNED and not new:
        return "disowned"
    if not await is_waiting(change, at(request)):
        return "over"
    confirmed_at = change.new_confirmed_at if new else change.old_confirmed_at
    return "asked" if confirmed_at is None else "waits"
