"""What the company knows of how to reach and address a member: seen and corrected by the member."""

from typing import Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.address_change import (
    ask_for_address,
    cancel_change,
    hand_change_over,
    is_waiting,
    old_is_unreachable,
)
from portal.actions.limit import limit_key, spend
from portal.actions.profile import LONGEST_NAME, correct_profile
from portal.rules.errors import RuleBroken
from portal.rules.objection import Refusal
from portal.store.address_changes import AddressChange
from portal.store.contacts import last_address, name_of
from portal.store.members import Address, Member
from portal.store.outcomes import Closure
from portal.store.requests import MemberRequest
from portal.web.clock import at
from portal.web.cookies import drop_cookie
from portal.web.forms import read
from portal.web.guards import actor, signed_in_member
from portal.web.languages import CHOSEN
from portal.web.member.reader import closed_account
from portal.web.render import page, redirect
from portal.web.text import gettext as _
from portal.web.text import language_name, languages, speaking

CHANGES_A_DAY, DAY = 5, 86_400


class Personal(BaseModel):
    """What the portal calls the member, and how it speaks and tells time."""

    name: str = Field("", max_length=LONGEST_NAME)
    language: str = Field(max_length=16)
    zone: str = Field("", max_length=64)


class NewAddress(BaseModel):
    address: str = Field(max_length=320)


@signed_in_member
async def show(request: Request) -> Response:
    """The details on file, each with its form."""
    if await Closure.exists(member_id=request.state.member.id):
        return await closed_account(request)
    return await _shown(request)


@signed_in_member
async def correct(request: Request) -> Response:
    """Corrects name, language and zone."""
    form = await read(request, Personal)
    if form.values is None:
        return await _shown(request, 422, given=form.given, errors=form.errors)
    given = form.values
    try:
        await correct_profile(
            request.state.member.id,
            name=given.name,
            language=given.language,
            zone=given.zone or None,
            by=actor(request),
            at=at(request),
        )
    except RuleBroken as broken:
        return await _refused(request, broken, form.given)
    with speaking(given.language):
        answer = redirect(request, "/account/details", _("Your details are corrected."))
    if given.language != request.state.member.language:
        drop_cookie(request, answer, CHOSEN)  # what was chosen for this visit would hide what is chosen now for good
    return answer


@signed_in_member
async def correct_mail(request: Request) -> Response:
    """Asks both addresses; the new one counts once both have confirmed."""
    form = await read(request, NewAddress)
    if form.values is None:
        errors = {"address": _("Enter an address like name@example.org.")}
        return await _shown(request, 422, given=form.given, errors=errors)
    member_id = request.state.member.id
    try:
        await spend(limit_key("address", str(member_id)), CHANGES_A_DAY, DAY, at(request))
        change = await ask_for_address(member_id, form.values.address, by=actor(request), at=at(request))
    except RuleBroken as broken:
        return await _refused(request, broken, form.given)
    if change is None:
        return redirect(request, "/account/details", _("We write to this address already."))
    request.app.state.jobs.wake()
    return redirect(request, "/account/details#pending", _("We have mailed you. Nothing changes before you confirm."))


@signed_in_member
async def cancel_mail(request: Request) -> Response:
    """Takes the change back that waits."""
    done = await cancel_change(request.state.member.id, by=actor(request), at=at(request))
    said = _("The change of address is taken back. We go on writing to the address we had.") if done else ""
    return redirect(request, "/account/details", said)


@signed_in_member
async def ask_ops(request: Request) -> Response:
    """The old address cannot be read any more: staff are asked to stand in for it."""
    try:
        asked = await hand_change_over(request.state.member.id, by=actor(request), at=at(request))
    except RuleBroken as broken:
        return await _refused(request, broken, {})
    request.app.state.jobs.wake()
    return redirect(request, f"/account/requests/{asked.number}")


async def _refused(request: Request, broken: RuleBroken, given: dict[str, Any]) -> Response:
    if broken.code == Refusal.ACCOUNT_CLOSED:
        return await closed_account(request)
    if broken.code == "too_often":
        asked_often = _("You asked for %(number)s changes today. Try again tomorrow.", number=CHANGES_A_DAY)
        return await _shown(request, 429, given=given, errors={"address": asked_often})
    messages = {
        "address_invalid": _("Enter an address like name@example.org. No mail can be sent to this one."),
        "zone_unknown": _("Enter a zone such as Europe/Berlin, or leave it empty."),
        "language_form": _("Choose one of the languages."),
        "change_over": _("This change of address is over. Ask for it once more, if you still want it."),
        "new_address_first": _("Confirm the new address first, by the link that we mailed there."),
    }
    field = str(broken.facts.get("field", ""))
    return await _shown(request, 422, given=given, errors={field: messages.get(broken.code, _(broken.message))})


async def _shown(
    request: Request, status: int = 200, *, given: dict[str, Any] | None = None, errors: dict[str, str] | None = None
) -> Response:
    member: Member = request.state.member
    address = await last_address(member.id)
    known = {
        "name": await name_of(member.id),
        "language": member.language,
        "zone": member.zone or "",
        "address": address.address if address else "",
    }
    change = await AddressChange.get_or_none(member_id=member.id, ended_at__isnull=True)
    pending = change if change is not None and await is_waiting(change, at(request)) else None
    spoken = sorted({*languages(), member.language})
    return page(
        request,
        "account/details.html",
        status,
        known=known,
        given=known | {"address": ""} | (given or {}),
        customer=member.external_id,
        earlier=await Address.filter(member_id=member.id).count() - 1,
        since=address.received_at if address else None,
        pending=pending,
        unreachable=await old_is_unreachable(pending) if pending else False,
        asked=await MemberRequest.get_or_none(change_id=pending.id, ended_at__isnull=True) if pending else None,
        language_options=[(tag, language_name(tag)) for tag in spoken],
        errors=errors or {},
    )
