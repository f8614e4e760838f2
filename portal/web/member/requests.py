"""What a member asks the company for: closing, a copy of the data, access to it; and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.request import ASKED, ask, withdraw_request
from portal.rules.errors import RuleBroken
from portal.rules.request import answer_by
from portal.store.answers import Way
from portal.store.contacts import last_address, masked
from portal.store.events import Event
from portal.store.members import Member, Membership
from portal.store.outcomes import Closure
from portal.store.requests import MemberRequest, RequestKind, requests_of
from portal.store.zones import zones_of
from portal.web.clock import at
from portal.web.dates import tell_time_in
from portal.web.forms import read
from portal.web.guards import actor, signed_in_member
from portal.web.member.reader import closed_account
from portal.web.member.request_story import Step, story_of
from portal.web.render import page, redirect
from portal.web.request_words import due_instant, kind_about, kind_title
from portal.web.text import gettext as _

HERE = "/account/requests"


class Asked(BaseModel):
    kind: RequestKind


@dataclass(frozen=True, slots=True)
class Shown:
    """A request as the member reads it."""

    request: MemberRequest
    title: str
    about: str
    state: str
    due: str


@signed_in_member
async def index(request: Request) -> Response:
    """What can be asked for, and what was."""
    member = await _member(request)
    zones = await zones_of(member.id)
    asked = [_shown(row, zones, request) for row in await requests_of(member.id)]
    closed = await Closure.exists(member_id=member.id)
    open_kinds = {one.request.kind: one.request.number for one in asked if one.request.open}
    offers = [
        (str(kind), kind_title(kind), kind_about(kind), open_kinds.get(kind, ""))
        for kind in (RequestKind.ACCESS, RequestKind.EXPORT, RequestKind.CLOSING)
        if not (closed and kind is RequestKind.CLOSING)
    ]
    return page(request, "account/requests.html", asked=asked, offers=offers, closed=closed)


@signed_in_member
async def new(request: Request) -> Response:
    """What follows from asking, before the button; `?kind=` names what for."""
    named = request.query_params.get("kind", "")
    if named not in ASKED:
        raise HTTPException(404)
    kind, member = RequestKind(named), await _member(request)
    if kind is RequestKind.CLOSING and await Closure.exists(member_id=member.id):
        return await closed_account(request)
    earlier = await MemberRequest.get_or_none(member_id=member.id, kind=kind, ended_at__isnull=True)
    if earlier is not None:
        return redirect(request, f"{HERE}/{earlier.number}", _("You have asked for this already."))
    memberships = await Membership.filter(member_id=member.id).select_related("policy")
    return page(
        request,
        "account/request_new.html",
        kind=str(kind),
        title=kind_title(kind),
        about=kind_about(kind),
        due=answer_by(at(request), await zones_of(member.id)),
        policies=sorted(row.policy.title for row in memberships),
    )


@signed_in_member
async def add(request: Request) -> Response:
    """Records the request; where one of the kind is open, leads to that."""
    form = await read(request, Asked)
    if form.values is None or form.values.kind not in ASKED:
        raise HTTPException(404)
    kind = form.values.kind
    try:
        asked = await ask(request.state.member.id, kind, way=Way.ACCOUNT, by=actor(request), at=at(request))
    except RuleBroken as broken:
        if broken.code != "account_closed":
            raise
        return await closed_account(request)
    request.app.state.jobs.wake()
    return redirect(request, f"{HERE}/{asked.number}")


@signed_in_member
async def show(request: Request) -> Response:
    """The receipt of one request, and what has happened to it."""
    member = await _member(request)
    mine = await _mine(request, member)
    on_file = await last_address(member.id)
    events = await Event.filter(member_id=member.id, action__startswith="request.").order_by("id")
    steps: list[Step] = story_of(mine, events)
    return page(
        request,
        "account/request.html",
        shown=_shown(mine, await zones_of(member.id), request),
        steps=steps,
        address=masked(on_file.address) if on_file else "",
    )


@signed_in_member
async def withdraw(request: Request) -> Response:
    """Takes the request back. Doing it twice leads to the same page."""
    mine = await _mine(request, await _member(request))
    try:
        await withdraw_request(mine.id, by=actor(request), at=at(request))
    except RuleBroken as broken:
        if broken.code != "request_ended":
            raise
    return redirect(request, f"{HERE}/{mine.number}")


async def _member(request: Request) -> Member:
    """The member; from here on instants are told in their zone, else in the one their days are counted in."""
    member: Member = request.state.member
    if not member.zone:
        tell_time_in(next(iter(await zones_of(member.id)), None))
    return member


async def _mine(request: Request, member: Member) -> MemberRequest:
    """The request that the address names, among those of this member. Else 404."""
    number = request.path_params["number"]
    found = next((one for one in await requests_of(member.id) if one.number == number), None)
    if found is None:
        raise HTTPException(404)
    return found


def _shown(row: MemberRequest, zones: Sequence[str], request: Request) -> Shown:
    title, about = kind_title(row.kind), kind_about(row.kind)
    return Shown(row, title, about, row.state(at(request)), due_instant(row.due_at, zones))
