"""What ops does with a request: answer, refuse, put off; close the account, use the new address."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.actions.actor import Actor
from portal.actions.address_change import is_waiting
from portal.actions.request import answer_request, close_on_request, extend_request, refuse_request, stand_in
from portal.rules.request import extended_answer_by
from portal.store.address_changes import AddressChange
from portal.store.requests import MemberRequest
from portal.store.staff import Role
from portal.store.zones import zones_of
from portal.web import dates
from portal.web.clock import at
from portal.web.guards import View, actor, staff
from portal.web.ops.act import Act, Input, Row, act_page, acted
from portal.web.ops.request import possible_acts, request_by
from portal.web.render import redirect
from portal.web.request_words import due_instant, staff_title
from portal.web.text import gettext as _

Shown = Callable[[MemberRequest], Awaitable[Act]]
Deed = Callable[[MemberRequest, Mapping[str, Any], Actor, datetime], Awaitable[str]]


def request_act(shown: Shown) -> Callable[[Deed], View]:
    """Makes a view out of an act and the deed behind its button: a GET shows what follows, the POST does it."""

    def made(deed: Deed) -> View:
        @wraps(deed)
        @staff(Role.OPS)
        async def view(request: Request) -> Response:
            asked, now = await request_by(request), at(request)
            act = await shown(asked)
            if request.method != "POST":
                if act.action.rpartition("/")[2] not in {noun for noun, _label, _kind in await _possible(asked, now)}:
                    return redirect(request, act.back, _("That cannot be done with this request now."))
                return act_page(request, act)
            return await acted(request, act, lambda given: deed(asked, given, actor(request), now))

        return view

    return made


async def answer_act(asked: MemberRequest) -> Act:
    return _act(
        asked,
        _("Answer the request"),
        noun="answer",
        follows=[
            _("The request is done, and the member reads in a mail and in the account what you write here."),
            _("Do not write data of the member here: say where and how they get it."),
        ],
        inputs=[
            _told(_("What you did"), _("Such as: We sent you the export by post on 14 March, to your last address."))
        ],
        label=_("Answer it"),
    )


@request_act(answer_act)
async def answer(asked: MemberRequest, given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """What was asked for is done."""
    await answer_request(asked.id, given.get("told", ""), by=by, at=now)
    return _("The request is answered.")


async def refusal_act(asked: MemberRequest) -> Act:
    return _act(
        asked,
        _("Refuse the request"),
        noun="refusal",
        follows=[
            _("The member reads your reason in a mail and in the account, and that they can complain and go to court."),
            _("The law allows a refusal in few cases only (GDPR, article 12(5))."),
        ],
        inputs=[_told(_("Why"), _("In words that the member can follow."))],
        label=_("Refuse it"),
    )


@request_act(refusal_act)
async def refusal(asked: MemberRequest, given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """What was asked for is not done."""
    await refuse_request(asked.id, given.get("told", ""), by=by, at=now)
    return _("The request is refused.")


async def extension_act(asked: MemberRequest) -> Act:
    zones = await zones_of(asked.member_id)
    due = extended_answer_by(asked.received_at, zones)
    return _act(
        asked,
        _("Put the answer off"),
        noun="extension",
        follows=[
            _(
                "It is then to be answered before %(when)s: two further months (GDPR, article 12(3)).",
                when=due_instant(due.closes_at, zones),
            ),
            _("That is for complex or many requests only, once, and the member is told why at once."),
        ],
        inputs=[_told(_("Why it takes longer"), _("In words that the member can follow."))],
        label=_("Put it off"),
    )


@request_act(extension_act)
async def extension(asked: MemberRequest, given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """The answer takes longer than a month."""
    await extend_request(asked.id, given.get("told", ""), by=by, at=now)
    return _("The request is put off.")


async def closure_act(asked: MemberRequest) -> Act:
    return _act(
        asked,
        _("Close the account"),
        noun="closure",
        outcome="closure",
        heading=_("The account is closed for good"),
        follows=[
            _("The account ends under all policies, for good. No objection can be withdrawn any more."),
            _("The portal tells the company’s systems from then on that nothing may be done with the data."),
            _("The request is answered with it, and the member gets a last mail that says so."),
        ],
        inputs=[Input("note", _("Note"), "textarea", _("For the record; the member does not see it."), optional=True)],
        label=_("Close the account"),
        statement=_(
            "I want to close the account of member %(id)s. This cannot be undone.", id=asked.member.external_id
        ),
        kind="danger",
    )


@request_act(closure_act)
async def closure(asked: MemberRequest, given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """The account is closed, as its member asked."""
    await close_on_request(asked.id, by=by, at=now, note=given.get("note", ""))
    return _("The account is closed.")


async def address_act(asked: MemberRequest) -> Act:
    change = await AddressChange.get(id=asked.change_id)
    return _act(
        asked,
        _("Use the new address"),
        noun="address",
        rows=[(_("New address"), change.address)],
        follows=[
            _("You stand in for the old address: only do it if you know in another way that the member wants this."),
            _("Notices, codes and sign-in links go to the new address from now on."),
            _("Notices that did not reach this member are sent there at once."),
        ],
        inputs=[_told(_("How you know that it is the member"), _("The member reads this, too."))],
        label=_("Use the new address"),
        statement=_("I have made sure that the member asked for this."),
    )


@request_act(address_act)
async def address(asked: MemberRequest, given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """Ops stand in for an old address that cannot be reached."""
    await stand_in(asked.id, given.get("told", ""), by=by, at=now)
    return _("The new address counts from now on.")


async def _possible(asked: MemberRequest, now: datetime) -> list[tuple[str, str, str]]:
    change = await AddressChange.get_or_none(id=asked.change_id) if asked.change_id else None
    return possible_acts(asked, waits=change is not None and await is_waiting(change, now), now=now)


def _told(label: str, hint: str) -> Input:
    return Input("told", label, "textarea", hint)


def _act(
    asked: MemberRequest, title: str, *, noun: str, rows: Sequence[Row] = (), heading: str = "", **rest: Any
) -> Act:
    here = f"/staff/requests/{asked.id}"
    return Act(
        title=title,
        caption=_("Request %(number)s", number=asked.number),
        trail=[(_("Requests"), "/staff/requests"), (asked.number, here)],
        rows=[
            (_("Member"), asked.member.external_id, f"/staff/members/{asked.member_id}", _("Open")),
            (_("Asked for"), staff_title(asked.kind)),
            (_("Received"), dates.instant(asked.received_at)),
            *rows,
        ],
        heading=heading or _("What follows"),
        action=f"{here}/{noun}",
        back=here,
        **rest,
    )
