"""A page for one act of ops: whose matter it is, what follows in words, a form, a button. And what was typed, kept."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from portal.rules.errors import RuleBroken
from portal.web.forms import fields_of, form_of
from portal.web.render import page, redirect
from portal.web.text import gettext as _

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """One control of the form. `kind`: textarea, radios, checkboxes, checkbox, select, or a type of <input>."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    optional: bool = False
    options: Sequence[tuple[str, ...]] = ()
    width: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """`follows`: sentences on what follows, told before the button. `statement`: a box to tick, where it is grave.

    `outcome`: freeze, closure or none draws what follows as a member sees it; empty: plainly.
    """

    title: str
    caption: str
    trail: Sequence[tuple[str, str]]
    rows: Sequence[Row]
    heading: str
    follows: Sequence[str]
    inputs: Sequence[Input]
    label: str
    action: str
    back: str
    outcome: str = ""
    statement: str = ""
    kind: str = "primary"


def act_page(
    request: Request, act: Act, values: Mapping[str, Any] | None = None, errors: Mapping[str, str] | None = None
) -> Response:
    """The page; with errors, what was typed stands in the fields again."""
    status = 422 if errors else 200
    return page(request, "outcome/act.html", status, act=act, values=values or {}, errors=errors or {})


async def acted(request: Request, act: Act, do: Callable[[Mapping[str, Any]], Awaitable[str]]) -> Response:
    """The button was pressed: does it, or shows the form again with what was typed and what is wrong.

    `do` takes the fields, and answers with what to tell afterwards, or raises RuleBroken.
    """
    lists = tuple(field.name for field in act.inputs if field.kind == "checkboxes")
    given = fields_of(await form_of(request), lists)
    errors = ticked(given) if act.statement else {}
    if errors:
        return act_page(request, act, given, errors)
    try:
        said = await do(given)
    except RuleBroken as broken:
        return act_page(request, act, given, refused(broken, act.inputs))
    request.app.state.jobs.wake()
    return redirect(request, act.back, said)


def refused(broken: RuleBroken, known: Sequence[Input]) -> dict[str, str]:
    """The refusal as an error of the field it names, or of the whole form."""
    names = {control.name for control in known}
    field = str(broken.facts.get("field", ""))
    if field == "received_at" and "day" in names:
        field = "day"
    return {field if field in names else "": _(broken.message)}


def ticked(given: Mapping[str, Any]) -> dict[str, str]:
    """An error where the box of a grave act was not ticked."""
    return {} if given.get("confirmed") else {"confirmed": _("Tick the box if you mean it.")}


def day_input(name: str, label: str, hint: str) -> Input:
    """A day; the browser's own calendar where it has one."""
    return Input(name, label, "date", hint, width="medium")


def read_instant(given: Mapping[str, Any], day_name: str, time_name: str, zone: str, now: datetime) -> datetime:
    """A typed day, and time if there is one, as an instant (UTC). Without a time: today is now, else the last second.

    The day's last second, since a time that starts with it runs for the member. Raises RuleBroken that names the field.
    """
    typed_day, typed_time = str(given.get(day_name, "")), str(given.get(time_name, ""))
    try:
        day = date.fromisoformat(typed_day)
    except ValueError:
        raise RuleBroken("day_form", _("Enter a day such as 2026-03-22."), field=day_name) from None
    try:
        moment = time.fromisoformat(typed_time) if typed_time else time(23, 59, 59)
    except ValueError:
        raise RuleBroken("time_form", _("Enter a time such as 14:05."), field=time_name) from None
    instant = datetime.combine(day, moment.replace(tzinfo=None, microsecond=0), ZoneInfo(zone)).astimezone(UTC)
    if not typed_time and day == now.astimezone(ZoneInfo(zone)).date():
        return now
    if instant > now:
        raise RuleBroken("in_the_future", _("This is still to come."), field=time_name if typed_time else day_name)
    return instant
