"""The single click in the company's own mails (RFC 8058): a mail provider's server, or a button, stops a purpose.

Whoever has the address may stop that one purpose, and do nothing else: no cookie, no sign-in, no redirect. So the form
may come from anywhere (`web/security.py`).
"""

from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.consent import opt_out
from portal.actions.limit import limit_key, spend
from portal.store.answers import Way
from portal.store.members import Member
from portal.store.policies import Purpose
from portal.store.standings import opted_out
from portal.web.clock import at
from portal.web.forms import form_of
from portal.web.guards import actor
from portal.web.member.reader import identify_by_link, unknown_link
from portal.web.render import page

FIELD, VALUE = "List-Unsubscribe", "One-Click"
# Once it has stopped, further clicks of one link an hour.
REPEATED, HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class _Stop:
    member: Member
    purpose: Purpose


async def show(request: Request) -> Response:
    """A button; opening the page changes nothing, since mail scanners open every link."""
    asked = await _asked(request)
    return await _page(request, asked) if asked else unknown_link(request)


async def stop(request: Request) -> Response:
    """Stops the purpose that the link names, once; a repeated click is answered like the first.

    200; 404 for a link that is forged, revoked or of a closed account; 422 where the form does not say a single click.
    """
    asked = await _asked(request)
    if asked is None:
        return unknown_link(request)
    if not is_one_click(await form_of(request)):
        return await _page(request, asked, 422)
    if asked.purpose.key in await opted_out(asked.member.id):
        await spend(limit_key("unsubscribe", request.path_params["token"]), REPEATED, HOUR, at(request))
    await opt_out(asked.member.id, asked.purpose.key, way=Way.LINK, by=actor(request), at=at(request))
    return await _page(request, asked)


def is_one_click(form: FormData) -> bool:
    """RFC 8058, section 3.2."""
    return form.get(FIELD) == VALUE


async def _asked(request: Request) -> _Stop | None:
    named = request.app.state.keys.read_unsubscribe_link(request.path_params["token"])
    if named is None:
        return None
    member_id, purpose_id, epoch = named
    purpose = await Purpose.get_or_none(id=purpose_id)
    member = await identify_by_link(request, member_id, epoch) if purpose else None
    return _Stop(member, purpose) if member and purpose else None


async def _page(request: Request, asked: _Stop, status: int = 200) -> Response:
    done = asked.purpose.key in await opted_out(asked.member.id)
    return page(request, "account/unsubscribe.html", status, purpose=asked.purpose, done=done, field=FIELD, value=VALUE)
