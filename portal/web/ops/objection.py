"""One objection: what was received, what it covers, what happened since, what is to be done."""

from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.store.answers import Confirmation, ConfirmationWay, ObjectedChange, Objection
from portal.store.declarations import Declaration
from portal.store.events import Event
from portal.store.members import Remark
from portal.store.outcomes import Closure, Settlement
from portal.store.staff import Role, Staff
from portal.web import dates
from portal.web.change_cards import Card
from portal.web.clock import at
from portal.web.guards import staff
from portal.web.happenings import Happening, happenings
from portal.web.ops.act import Row
from portal.web.ops.objection_words import Told, due_words, tell_one, way_name
from portal.web.ops.submission_words import entered_rows
from portal.web.published import cards_of_version
from portal.web.render import page
from portal.web.text import gettext as _


@staff(Role.OPS)
async def show(request: Request) -> Response:
    now, told = at(request), await told_by(request)
    return page(
        request,
        "outcome/objection.html",
        objection={
            "id": told.objection.id,
            "number": told.objection.number,
            "policy_title": told.policy.title,
            "version": told.version.number,
            "state": told.state(now),
            "state_words": _state_words(told, now),
        },
        errors={},
        acts=possible_acts(told, now),
        advice=_advice(told, now),
        rows=await _rows(told, now),
        cards=await _cards(told),
        story=await _story(told),
    )


async def told_by(request: Request) -> Told:
    """The objection that the address names. HTTPException 404 where there is none."""
    objection = await Objection.get_or_none(id=request.path_params["id"])
    if objection is None:
        raise HTTPException(404)
    return await tell_one(objection)


def _state_words(told: Told, now: datetime) -> str:
    match told.state(now):
        case "unconfirmed":
            return _(
                "It would close the account. It counts from the moment it was received; it has to be confirmed first."
            )
        case "closing":
            return _("Confirmed. The member can withdraw it until the account is closed.")
        case "due" | "overdue":
            return _("Confirmed, and the time to close the account has come.")
        case "frozen":
            return _("The account stays open. Data collected before stays under the version before.")
        case "settled":
            return _("The company’s systems keep to it. It can still be withdrawn by the member.")
        case "withdrawn":
            return _("It has no effect any more.")
        case _:
            return _("The account is closed.")


def possible_acts(told: Told, now: datetime) -> list[dict[str, str]]:
    """What may be done with it now, the most fitting first."""
    if not told.open:
        return []
    withdraw = {"noun": "withdrawal", "label": _("Withdraw it for the member"), "kind": "secondary"}
    amend = {"noun": "amendment", "label": _("Change it for the member"), "kind": "secondary"}
    if not told.objection.closing:
        settle = {"noun": "settlement", "label": _("Confirm the freeze"), "kind": "primary"}
        return [withdraw, amend] if told.settled else [settle, withdraw, amend]
    if not told.confirmed:
        return [
            {"noun": "confirmation", "label": _("Confirm it"), "kind": "primary"},
            {"noun": "rejection", "label": _("Reject it"), "kind": "secondary"},
            withdraw,
            amend,
        ]
    due = told.due_at is None or now >= told.due_at
    close = {"noun": "closure", "label": _("Close the account"), "kind": "danger" if due else "secondary"}
    return [close, withdraw, amend]


def _advice(told: Told, now: datetime) -> str:
    match told.state(now):
        case "unconfirmed":
            return _(
                "The member was mailed a code, and has 48 hours. Confirm it only if you know in another way that they "
                "want this."
            )
        case "closing":
            return _("Nothing yet. Close the account earlier only if the member asks for it.")
        case "due" | "overdue":
            return _("Close the account in the company’s systems, then here.")
        case "frozen":
            return _("Make sure that the systems ask which version governs, then confirm it here.")
        case _:
            return _("Nothing, unless the member changes their mind.")


async def _rows(told: Told, now: datetime) -> list[Row]:
    objection = told.objection
    received = dates.instant(objection.received_at, told.zone)
    if objection.recorded_at != objection.received_at:
        received += _("; entered %(when)s", when=dates.instant(objection.recorded_at, told.zone))
    rows: list[Row] = [
        (_("Member"), told.member.external_id, f"/staff/members/{told.member.id}", _("Open")),
        (_("Receipt number"), objection.number),
        (_("Received"), f"{received}, {way_name(objection.way)}"),
        (_("What it covers"), told.covers),
    ]
    if objection.remark_id:
        rows.append((_("Reference or reason"), (await Remark.get(id=objection.remark_id)).text))
    if told.due_at and told.open:
        rows.append((_("Falls due"), f"{dates.instant(told.due_at, told.zone)}, {due_words(told.due_at, now)}"))
    confirmed = await Confirmation.get_or_none(objection_id=objection.id, member_id=told.member.id)
    if confirmed:
        rows.append((_("Confirmed"), await _confirmed_words(confirmed)))
    rows += await entered_rows(objection_id=objection.id)
    rows += await _outcome_rows(told)
    rows += await _related_rows(told)
    if objection.withdrawn_at:
        rows.append((_("Withdrawn"), dates.instant(objection.withdrawn_at, told.zone)))
    return rows


async def _related_rows(told: Told) -> list[Row]:
    """The objections whose place it took or that took its own, and what was declared about it."""
    mine, objection = Objection.filter(member_id=told.member.id), told.objection
    related = [
        (_("In the place of"), await mine.get_or_none(id=objection.amends_id or 0)),
        (_("Stands again, after a rejected change, instead of"), await mine.get_or_none(id=objection.restores_id or 0)),
        (_("Its place is taken by"), await mine.filter(amends_id=objection.id).first()),
        (_("Stands again as"), await mine.filter(restores_id=objection.id).first()),
    ]
    rows: list[Row] = [
        (label, other.number, f"/staff/objections/{other.id}", _("Open")) for label, other in related if other
    ]
    declared = Declaration.filter(member_id=told.member.id, objection_id=objection.id, decided_at__isnull=True)
    for declaration in await declared:
        when = dates.instant(declaration.received_at, told.zone)
        words = _("%(when)s, not confirmed yet", when=when)
        rows.append((_("Taken back by the member"), words, f"/staff/declarations/{declaration.id}", _("Open")))
    return rows


async def _confirmed_words(confirmed: Confirmation) -> str:
    when = dates.instant(confirmed.received_at)
    if confirmed.way is ConfirmationWay.CODE:
        return _("%(when)s, with the mailed code", when=when)
    if confirmed.way is ConfirmationWay.SIGN_IN:
        return _("%(when)s, signed in", when=when)
    person = await Staff.get_or_none(id=confirmed.staff_id)
    reason = await Remark.get_or_none(id=confirmed.remark_id)
    return _(
        "%(when)s, by %(name)s: %(reason)s",
        when=when,
        name=person.name if person else "",
        reason=reason.text if reason else "",
    )


async def _outcome_rows(told: Told) -> list[Row]:
    rows: list[Row] = []
    settled = await Settlement.get_or_none(objection_id=told.objection.id, member_id=told.member.id)
    closed = await Closure.get_or_none(member_id=told.member.id)
    for label, fact in ((_("Freeze confirmed"), settled), (_("Account closed"), closed)):
        if fact is not None:
            note = await Remark.get_or_none(id=fact.remark_id) if fact.remark_id else None
            when = dates.instant(fact.received_at)
            rows.append((label, f"{when}: {note.text}" if note and note.text else when))
    return rows


async def _cards(told: Told) -> list[Card]:
    links = await ObjectedChange.filter(objection_id=told.objection.id).select_related("change")
    keys = {link.change.key for link in links}
    return [card for card in await cards_of_version(told.version) if card.id in keys]


async def _story(told: Told) -> list[Happening]:
    """Every event that names it, and the closing of its account; the first one first."""
    about = Event.filter(member_id=told.member.id).order_by("id")
    mine = [event for event in await about if _belongs(event, told)]
    return await happenings(mine, told.member.id)


def _belongs(event: Event, told: Told) -> bool:
    if event.id == told.objection.sequence or event.facts.get("objection") == told.objection.id:
        return True
    return event.action == "account.closed" or (
        event.version_id == told.version.id and event.action.startswith(("notice.", "sending.", "window."))
    )
