"""A view out of an act on one objection: a GET shows what follows, the POST does it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.actions.actor import Actor
from portal.store.staff import Role
from portal.web import dates
from portal.web.clock import at
from portal.web.guards import View, actor, staff
from portal.web.ops.act import Act, Row, act_page, acted
from portal.web.ops.objection import possible_acts, told_by
from portal.web.ops.objection_words import Told
from portal.web.render import redirect
from portal.web.text import gettext as _

Deed = Callable[[Told, Mapping[str, Any], Actor, datetime], Awaitable[str]]


def objection_act(shown: Callable[[Told, datetime], Act]) -> Callable[[Deed], View]:
    """Makes a view out of an act and the deed behind its button, which answers with what to tell afterwards."""

    def made(deed: Deed) -> View:
        @wraps(deed)
        @staff(Role.OPS)
        async def view(request: Request) -> Response:
            told, now = await told_by(request), at(request)
            act = shown(told, now)
            if request.method != "POST":
                if act.action.rpartition("/")[2] not in {one["noun"] for one in possible_acts(told, now)}:
                    return redirect(request, act.back, _("That cannot be done with this objection now."))
                return act_page(request, act)
            return await acted(request, act, lambda given: deed(told, given, actor(request), now))

        return view

    return made


def due_in_words(told: Told) -> str:
    return dates.instant(told.due_at, told.zone) if told.due_at else _("not before the notice reaches the member")


def act_on(told: Told, title: str, *, noun: str, statement: str = "", kind: str = "primary", **rest: Any) -> Act:
    here = f"/staff/objections/{told.objection.id}"
    rows: list[Row] = [
        (_("Member"), told.member.external_id, f"/staff/members/{told.member.id}", _("Open")),
        (_("Objection"), told.objection.number),
        (_("To"), _("%(policy)s, version %(number)s", policy=told.policy.title, number=told.version.number)),
        (_("What it covers"), told.covers),
        (_("Received"), dates.instant(told.objection.received_at, told.zone)),
    ]
    return Act(
        title=title,
        caption=_("Objection %(number)s", number=told.objection.number),
        trail=[(_("Objections"), "/staff/objections"), (told.objection.number, here)],
        rows=rows,
        action=f"{here}/{noun}",
        back=here,
        statement=statement,
        kind=kind,
        **rest,
    )
