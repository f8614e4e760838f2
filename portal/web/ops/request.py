"""One request, for ops: what was asked for, until when to answer, who did what when, what can be done."""

from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.address_change import is_waiting
from portal.store.address_changes import AddressChange
from portal.store.answers import Way
from portal.store.contacts import last_address
from portal.store.events import Event
from portal.store.requests import MemberRequest, RequestKind
from portal.store.staff import Role
from portal.store.zones import zones_of
from portal.web import dates
from portal.web.clock import at
from portal.web.guards import staff
from portal.web.happenings import happenings
from portal.web.ops.act import Row
from portal.web.ops.objection_words import due_words, way_name
from portal.web.ops.submission_words import entered_rows
from portal.web.render import page
from portal.web.request_words import due_instant, staff_title
from portal.web.text import gettext as _


@staff(Role.OPS)
async def show(request: Request) -> Response:
    now, asked = at(request), await request_by(request)
    change = await AddressChange.get_or_none(id=asked.change_id) if asked.change_id else None
    waits = change is not None and await is_waiting(change, now)
    return page(
        request,
        "outcome/request.html",
        asked=asked,
        title=staff_title(asked.kind),
        state=asked.state(now),
        acts=possible_acts(asked, waits=waits, now=now),
        advice=_advice(asked, waits=waits),
        rows=await _rows(asked, change, now),
        story=await happenings(await _events(asked, change), asked.member_id),
        errors={},
    )


async def request_by(request: Request) -> MemberRequest:
    """The request that the address names, with its member. HTTPException 404 where there is none."""
    found = MemberRequest.filter(id=request.path_params["id"]).select_related("member", "answer", "extension", "remark")
    asked = await found.first()
    if asked is None:
        raise HTTPException(404)
    return asked


def possible_acts(asked: MemberRequest, *, waits: bool, now: datetime) -> list[tuple[str, str, str]]:
    """(noun, label, kind of button) of what may be done now. `waits`: its change of address can still be made."""
    if not asked.open:
        return []
    answer = ("answer", _("Answer it"), "primary")
    if asked.kind is RequestKind.CLOSING:
        answer = ("closure", _("Close the account"), "danger")
    elif waits:
        answer = ("address", _("Use the new address"), "primary")
    acts = [answer, ("refusal", _("Refuse it"), "secondary")]
    if asked.extended_at is None and now < asked.due_at:
        acts.append(("extension", _("Put it off"), "secondary"))
    return acts


def _advice(asked: MemberRequest, *, waits: bool) -> str:
    match asked.kind:
        case RequestKind.CLOSING:
            if asked.way is not Way.ACCOUNT:
                return _("Make sure that it came from the member. Close the account everywhere, then here.")
            return _(
                "The member was signed in, so nothing more is to be confirmed. Close the account everywhere, then here."
            )
        case RequestKind.EXPORT | RequestKind.ACCESS:
            return _("Send the member what they asked for in a safe way, then say here what you sent, and how.")
        case _:
            if waits:
                return _("Make sure in another way that it is the member, for one by a call to a number you know.")
            return _("The change that this was about is over. Say to the member what became of it.")


async def _rows(asked: MemberRequest, change: AddressChange | None, now: datetime) -> list[Row]:
    zones = await zones_of(asked.member_id)
    rows: list[Row] = [
        (_("Member"), asked.member.external_id, f"/staff/members/{asked.member_id}", _("Open")),
        (_("Receipt number"), asked.number),
        (_("Received"), f"{dates.instant(asked.received_at)}, {way_name(asked.way)}"),
    ]
    if asked.remark and asked.remark.text:
        rows.append((_("Reference"), asked.remark.text))
    rows += await entered_rows(request_id=asked.id)
    if asked.open:
        rows.append((_("To be answered before"), f"{due_instant(asked.due_at, zones)}, {due_words(asked.due_at, now)}"))
    if change is not None:
        rows += await _change_rows(change)
    if asked.extension and asked.extension.text:
        rows.append((_("Why it was put off"), asked.extension.text))
    if asked.answer and asked.answer.text:
        rows.append((_("What the member was told"), asked.answer.text))
    return rows


async def _change_rows(change: AddressChange) -> list[Row]:
    on_file = await last_address(change.member_id)
    confirmed = dates.instant(change.new_confirmed_at) if change.new_confirmed_at else _("not yet")
    return [
        (_("New address"), change.address or _("erased")),
        (_("Confirmed there"), confirmed),
        (_("Address on file"), on_file.address if on_file else _("none on file")),
    ]


async def _events(asked: MemberRequest, change: AddressChange | None) -> list[Event]:
    """All that names the request or its change of address, and the closing of the account; the first one first."""
    about = await Event.filter(member_id=asked.member_id).order_by("id")
    return [event for event in about if (change and event.id == change.sequence) or _belongs(event, asked)]


def _belongs(event: Event, asked: MemberRequest) -> bool:
    if event.facts.get("number") == asked.number and event.action.startswith("request."):
        return True
    if asked.change_id is not None and event.facts.get("change") == asked.change_id:
        return True
    return asked.kind is RequestKind.CLOSING and event.action == "account.closed"
