"""The two pages of whatever ops enter: the form, and what would follow, with the files and the button."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.rehearsal import rehearsed
from portal.actions.submission import Arrival
from portal.rules.errors import RuleBroken
from portal.store.staff import Role
from portal.store.submissions import MOST_FILES, Submission
from portal.web.clock import at
from portal.web.forms import fields_of, form_of
from portal.web.guards import View, actor, staff
from portal.web.ops.act import Act, act_page
from portal.web.ops.entering.arrival import MEMBER, arrival_rows, arrived
from portal.web.ops.entering.entry import Entry
from portal.web.ops.entering.files import ACCEPTED, NAME, files_on
from portal.web.render import page, redirect
from portal.web.text import gettext as _

Load = Callable[[Request], Awaitable[Entry]]
CHANGE, ENTER = "change", "enter"
"""What the buttons of the second page say in the field `step`; the first page's says nothing."""


def entering(load: Load) -> View:
    """Makes a view: a GET shows the form; a POST the second page, or the form with what is wrong; the button enters."""

    @wraps(load)
    @staff(Role.OPS)
    async def view(request: Request) -> Response:
        entry, now = await load(request), at(request)
        if request.method != "POST":
            return redirect(request, entry.act().back, entry.gone) if entry.gone else _first(request, entry)
        form = await form_of(request)
        try:
            given = fields_of(form, _lists(entry.act()))
            return await _posted(request, entry, form, given, now)
        finally:
            await form.close()  # and with it the files, which may lie on the disk

    return view


def _first(request: Request, entry: Entry) -> Response:
    """The form, with what the address fills in beforehand."""
    query, act = request.query_params, entry.act()
    filled: dict[str, Any] = {"asked_by": MEMBER}
    for one in act.inputs:
        if one.name in query:
            filled[one.name] = query.getlist(one.name) if one.kind == "checkboxes" else query[one.name]
    return act_page(request, act, filled)


async def _posted(request: Request, entry: Entry, form: FormData, given: dict[str, Any], now: datetime) -> Response:
    step, act = given.pop("step", ""), entry.act()
    if step == CHANGE:
        return act_page(request, act, given)
    arrival, errors = arrived(given, entry.zones, now)
    errors = _in_order(act, errors | entry.wrong(given))
    if arrival is None or errors:
        return act_page(request, act, given, errors)
    try:
        if step != ENTER:
            await rehearsed(lambda: entry.enter(given, arrival, (), actor(request), now))
            return await _second(request, entry, given, arrival)
        files = await files_on(form)
        submission = await entry.enter(given, arrival, files, actor(request), now)
    except RuleBroken as broken:
        return await _refused(request, entry, given, arrival, broken, had_files=step == ENTER and NAME in form)
    return await _entered(request, entry, submission)


async def _refused(
    request: Request,
    entry: Entry,
    given: Mapping[str, Any],
    arrival: Arrival,
    broken: RuleBroken,
    *,
    had_files: bool,
) -> Response:
    """The page on which it can be put right, with what was typed."""
    if broken.facts.get("field") == NAME:
        return await _second(request, entry, given, arrival, {NAME: _(broken.message)})
    act, why = entry.act(), entry.refused(broken)
    words = why.words
    if had_files:
        words += " " + _("If you had chosen files, choose them again on the next page.")
    known = {control.name for control in act.inputs}
    explained = replace(act, rows=[*act.rows, *why.rows])
    return act_page(request, explained, given, {why.field if why.field in known else "": words})


async def _second(
    request: Request,
    entry: Entry,
    given: Mapping[str, Any],
    arrival: Arrival,
    errors: Mapping[str, str] | None = None,
) -> Response:
    act, review = entry.act(), await entry.review(given, arrival)
    return page(
        request,
        "outcome/entering.html",
        422 if errors else 200,
        act=act,
        review=review,
        rows=[*act.rows, *review.rows, *arrival_rows(given, arrival, entry.zones)],
        typed=_typed(act, given),
        most=MOST_FILES,
        accepted=ACCEPTED,
        errors=errors or {},
    )


async def _entered(request: Request, entry: Entry, submission: Submission) -> Response:
    request.app.state.jobs.wake()
    return redirect(request, f"/staff/submissions/{submission.id}", await entry.said(submission))


def _lists(act: Act) -> tuple[str, ...]:
    return tuple(one.name for one in act.inputs if one.kind == "checkboxes")


def _typed(act: Act, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name, value) of all that was typed, for the fields that the second page takes along unseen."""
    return [
        (one.name, value)
        for one in act.inputs
        for value in (given.get(one.name, []) if one.kind == "checkboxes" else [given.get(one.name, "")])
        if value
    ]


def _in_order(act: Act, errors: Mapping[str, str]) -> dict[str, str]:
    """The errors in the order of the fields; those of fields that this form has not come last, without a link."""
    known = {one.name: errors[one.name] for one in act.inputs if one.name in errors}
    others = [words for name, words in errors.items() if name not in known]
    return known | ({"": " ".join(others)} if others else {})
