"""The member for whom ops enter something, their notice where it is about one, and the zones in which time is told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from portal.store.answers import Way
from portal.store.members import Member
from portal.store.notices import Notice
from portal.store.zones import zones_of
from portal.web.member.case import Case, case_of
from portal.web.member.reader import Reader
from portal.web.ops.act import Act, Row
from portal.web.text import gettext as _


async def case_for(member: Member, version_id: int, now: datetime) -> Case:
    """What the member's own pages tell of that notice, as if they were signed in. HTTPException 404: there is none."""
    if not await Notice.exists(member_id=member.id, version_id=version_id):
        raise HTTPException(404)
    return await case_of(Reader(member, version_id, "", Way.ACCOUNT, signed_in=True), now)


def version_asked(request: Request) -> int:
    """The row id in `?version=`; 0 where there is none."""
    asked = request.query_params.get("version", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0


async def zones_for(member: Member, first: str = "") -> list[str]:
    """IANA names without repetition: the zone that counts, those of the member's policies, the member's own."""
    named = [first, *await zones_of(member.id), member.zone or ""]
    return list(dict.fromkeys(zone for zone in named if zone)) or ["UTC"]


def act_of(
    member: Member, title: str, noun: str, *, case: Case | None = None, rows: Sequence[Row] = (), **rest: Any
) -> Act:
    """The form at the member's own address; `case`: it is about that notice."""
    here = f"/staff/members/{member.id}"
    named: list[Row] = [(_("Member"), member.external_id, here, _("Open"))]
    query = ""
    if case is not None:
        named.append((_("Notice"), f"{case.policy.title}, {_('version %(number)s', number=case.number)}"))
        query = f"?version={case.row.id}"
    return Act(
        title=title,
        caption=_("Member %(id)s", id=member.external_id),
        trail=[(_("Members"), "/staff/members"), (member.external_id, here)],
        rows=[*named, *rows],
        label=_("Continue"),
        action=f"{here}/{noun}{query}",
        back=here,
        **rest,
    )
