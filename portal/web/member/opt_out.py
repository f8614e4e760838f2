"""Opting out by the link in the portal's mails: no sign-in, its button does it, and another undoes it.

The company's own mails have links of another kind: `unsubscribe.py`.
"""

from starlette.requests import Request
from starlette.responses import Response

from portal.actions.consent import opt_in, opt_out, purposes_to_opt_out_of
from portal.rules.policy import Treatment
from portal.store.answers import Way
from portal.store.members import Member, Membership
from portal.store.policies import Purpose
from portal.store.standings import opted_out
from portal.web.clock import at
from portal.web.forms import form_of
from portal.web.guards import actor
from portal.web.member.reader import identify_by_link, unknown_link
from portal.web.member.unsubscribe import is_one_click
from portal.web.render import page, redirect


async def show(request: Request) -> Response:
    """A button; opening the page changes nothing, since mail scanners open every link."""
    member = await _member(request)
    if member is None:
        return unknown_link(request)
    out = await opted_out(member.id)
    purposes = [(row, row.key in out) for row in await _purposes(request, member)]
    return page(request, "account/opt_out.html", purposes=purposes)


async def turn(request: Request) -> Response:
    """Stops what the button names, or allows it again. A mail program's own button (RFC 8058) stops all offered."""
    member = await _member(request)
    if member is None:
        return unknown_link(request)
    form = await form_of(request)
    given = form.get("purpose")
    offered = [row.key for row in await _purposes(request, member)]
    by, now = actor(request), at(request)
    for purpose in [key for key in offered if given is None or key == given]:
        act = opt_in if form.get("turn") == "in" else opt_out
        await act(member.id, purpose, way=Way.LINK, by=by, at=now)
    if is_one_click(form):
        return await show(request)
    query = f"?{request.url.query}" if request.url.query else ""
    return redirect(request, request.url.path + query)


async def _member(request: Request) -> Member | None:
    named = request.app.state.keys.read_opt_out_link(request.path_params["token"])
    return await identify_by_link(request, *named) if named else None


async def _purposes(request: Request, member: Member) -> list[Purpose]:
    """What the link is about: the purposes it names (`?purpose=`), else all that an objection could be made to."""
    stoppable = await purposes_to_opt_out_of(member.id)
    named = set(request.query_params.getlist("purpose")) & stoppable
    policies = [row.policy for row in await Membership.filter(member_id=member.id).select_related("policy")]
    separable = {p for policy in policies for p, how in policy.treatments.items() if how == Treatment.SEPARABLE}
    return await Purpose.filter(key__in=list(named or separable & stoppable or stoppable)).order_by("title")
