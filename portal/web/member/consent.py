"""Consents and opt-outs, from a notice."""

from contextlib import suppress
from typing import Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.consent import opt_in, opt_out, purposes_that_need_consent, purposes_to_opt_out_of
from portal.actions.declaration import drop_declaration
from portal.actions.declare import declare_consent, declare_opt_in
from portal.rules.errors import RuleBroken
from portal.store.answers import Way
from portal.store.declarations import Declaration
from portal.store.policies import Purpose
from portal.web.clock import at
from portal.web.forms import read
from portal.web.guards import actor
from portal.web.member.case import Case
from portal.web.member.declarations import declaration_address
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
    """A yes is declared, and lifts an opt-out, as the page says. A no leaves everything as it is."""
    form, case = await read(request, Said), await opened(request, reader)
    purpose = form.values.purpose if form.values else str(form.given.get("purpose", ""))
    if purpose not in case.asked:
        return await notice_shown(request, case, 422, chosen=[], errors={"": _("Choose one of the questions below.")})
    if form.values is None:
        errors = {f"answer-{purpose}": _("Choose yes or no.")}
        return await notice_shown(request, case, 422, chosen=[], errors=errors)
    if form.values.answer == "no":
        return await _said_no(request, case, purpose)
    by, now = actor(request), at(request)
    answer = await declare_consent(
        reader.member.id, reader.version_id, purpose, way=reader.way, known_as=reader.known_as, by=by, at=now
    )
    return _declared(request, reader, answer, _("You said yes to %(purpose)s.", purpose=case.title_of(purpose)))


async def opt_outs(request: Request, reader: Reader) -> Response:
    """Stops a purpose for all data, or allows it again; by link, what needs a consent is allowed once confirmed."""
    form = await read(request, Switch)
    if form.values is None or form.values.turn == "out" or reader.signed_in:
        return await switched(request, reader.member.id, reader.way, reader.base)
    purpose, by, now = form.values.purpose, actor(request), at(request)
    if purpose not in await purposes_that_need_consent(reader.member.id):
        return await switched(request, reader.member.id, reader.way, reader.base)
    answer = await declare_opt_in(
        reader.member.id, reader.version_id, purpose, way=reader.way, known_as=None, by=by, at=now
    )
    return _declared(request, reader, answer, _("You allow %(purpose)s.", purpose=await title_of(purpose)))


def _declared(request: Request, reader: Reader, answer: Declaration | None, already: str) -> Response:
    """On to the page of what was declared; where there was nothing to declare, that is said."""
    if answer is None:
        return redirect(request, reader.base, already)
    request.app.state.jobs.wake()
    return redirect(request, declaration_address(reader, answer))


async def _said_no(request: Request, case: Case, purpose: str) -> Response:
    """What was said for the purpose and is not confirmed yet is left."""
    for waiting in case.open_declarations(purpose):
        with suppress(RuleBroken):  # decided at this very moment: the notice says how
            await drop_declaration(waiting.id, by=actor(request), at=at(request))
    said = _("You said no to %(purpose)s. Nothing changes.", purpose=case.title_of(purpose))
    return redirect(request, case.reader.base, said)


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
