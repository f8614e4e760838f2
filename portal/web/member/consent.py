"""Consents and opt-outs, from a notice."""

from typing import Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.consent import consent, opt_in, opt_out, purposes_to_opt_out_of
from portal.rules.errors import RuleBroken
from portal.store.answers import Way
from portal.store.policies import Purpose
from portal.store.standings import opted_out
from portal.web.clock import at
from portal.web.forms import read
from portal.web.guards import actor
from portal.web.member.notice import notice_shown
from portal.web.member.reader import Reader
from portal.web.member.shown import opened
from portal.web.render import redirect
from portal.web.text import gettext as _


class Said(BaseModel):
    """The answer to a question for consent."""

    purpose: str = Field(max_length=64)
    answer: Literal["yes", "no"]


class Switch(BaseModel):
    """A purpose to be stopped, or allowed again."""

    purpose: str = Field(max_length=64)
    turn: Literal["out", "in"] = "out"


async def consents(request: Request, reader: Reader) -> Response:
    """A yes is recorded, and lifts an opt-out, as the button says. A no leaves everything as it is."""
    form, case = await read(request, Said), await opened(request, reader)
    if form.values is None or form.values.purpose not in case.asked:
        errors = {"consent": _("Choose yes or no.")}
        return await notice_shown(request, case, 422, chosen=[], errors=errors)
    purpose = form.values.purpose
    title = case.title_of(purpose)
    if form.values.answer == "no":
        return redirect(request, f"{reader.base}", _("You said no to %(purpose)s. Nothing changes.", purpose=title))
    by, now = actor(request), at(request)
    await consent(reader.member.id, reader.version_id, purpose, way=reader.way, by=by, at=now)
    if purpose in await opted_out(reader.member.id):
        await opt_in(reader.member.id, purpose, way=reader.way, by=by, at=now)
    return redirect(
        request, reader.base, _("You said yes to %(purpose)s. You can take it back here at any time.", purpose=title)
    )


async def opt_outs(request: Request, reader: Reader) -> Response:
    """Stops a purpose for all data, or allows it again."""
    return await switched(request, reader.member.id, reader.way, reader.base)


async def switched(request: Request, member_id: int, way: Way, back: str) -> Response:
    """Turns the switch that the form names, and goes back to the page it was on.

    Stops only what the pages offer to stop, so that nobody loses their account's purpose by a form of their own making.
    """
    form = await read(request, Switch)
    if form.values is None:
        return redirect(request, back)
    if form.values.turn == "out" and form.values.purpose not in await purposes_to_opt_out_of(member_id):
        raise RuleBroken("cannot_opt_out", "This purpose cannot be stopped by itself.", field="purpose")
    turn = opt_out if form.values.turn == "out" else opt_in
    await turn(member_id, form.values.purpose, way=way, by=actor(request), at=at(request))
    return redirect(request, back, await _said(form.values))


async def title_of(purpose: str) -> str:
    """The company's name for a purpose."""
    named = await Purpose.get_or_none(key=purpose)
    return named.title if named else purpose


async def _said(switch: Switch) -> str:
    title = await title_of(switch.purpose)
    if switch.turn == "out":
        return _("You have opted out of %(purpose)s, for all your data and in all our policies.", purpose=title)
    return _("You allow %(purpose)s again.", purpose=title)
