"""A view out of an act for one member: a GET shows what follows, the POST does it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.actor import Actor
from portal.store.contacts import last_address
from portal.store.member_record import NoticeRecord, member_record
from portal.store.members import Member
from portal.store.staff import Role
from portal.web.clock import at
from portal.web.guards import View, actor, staff
from portal.web.ops.act import Act, Row, act_page, acted
from portal.web.ops.members import member_by
from portal.web.text import gettext as _


@dataclass(frozen=True, slots=True)
class Matter:
    """Whose matter it is: a member, and one of their notices where the act is about one."""

    member: Member
    address: str
    notice: NoticeRecord | None

    @property
    def here(self) -> str:
        return f"/staff/members/{self.member.id}"

    @property
    def told(self) -> NoticeRecord:
        assert self.notice is not None  # `member_act(…, of_notice=True)` has looked it up
        return self.notice

    @property
    def zone(self) -> str:
        return self.told.ruled.terms.zone


Shown = Callable[[Matter, datetime], Awaitable[Act]]
Deed = Callable[[Matter, Mapping[str, Any], Actor, datetime], Awaitable[str]]


def member_act(shown: Shown, *, of_notice: bool = False) -> Callable[[Deed], View]:
    """Makes a view out of an act and the deed behind its button. `of_notice`: `?version=` names one of the notices."""

    def made(deed: Deed) -> View:
        @wraps(deed)
        @staff(Role.OPS)
        async def view(request: Request) -> Response:
            matter, now = await _matter(request, of_notice=of_notice), at(request)
            act = await shown(matter, now)
            if request.method != "POST":
                return act_page(request, act, _filled_in(request, act))
            return await acted(request, act, lambda given: deed(matter, given, actor(request), now))

        return view

    return made


def _filled_in(request: Request, act: Act) -> dict[str, Any]:
    """What the address fills in beforehand: from the inbox it says when a mail arrived."""
    query = request.query_params
    return {
        one.name: query.getlist(one.name) if one.kind == "checkboxes" else query[one.name]
        for one in act.inputs
        if one.name in query
    }


async def _matter(request: Request, *, of_notice: bool) -> Matter:
    member = await member_by(request)
    last = await last_address(member.id)
    if not of_notice:
        return Matter(member, last.address if last else "", None)
    asked = request.query_params.get("version", "")
    record = await member_record(member)
    notice = next((one for one in record.notices if str(one.version.id) == asked), None)
    if notice is None:
        raise HTTPException(404)
    return Matter(member, last.address if last else "", notice)


def act_for(
    matter: Matter,
    title: str,
    *,
    noun: str,
    rows: list[Row] | None = None,
    statement: str = "",
    kind: str = "primary",
    **rest: Any,
) -> Act:
    about = matter.notice
    named: list[Row] = [(_("Member"), matter.member.external_id, matter.here, _("Open"))]
    query = ""
    if about is not None:
        named.append(
            (
                _("Notice"),
                _("%(policy)s, version %(number)s", policy=about.version.policy.title, number=about.version.number),
            )
        )
        query = f"?version={about.version.id}"
    return Act(
        title=title,
        caption=_("Member %(id)s", id=matter.member.external_id),
        trail=[(_("Members"), "/staff/members"), (matter.member.external_id, matter.here)],
        rows=[*named, *(rows or [])],
        action=f"{matter.here}/{noun}{query}",
        back=matter.here,
        statement=statement,
        kind=kind,
        **rest,
    )
