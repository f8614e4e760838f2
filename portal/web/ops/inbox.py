"""The inbox of ops: letters, complaints, bounces that name nothing; what waits comes first."""

import asyncio
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.mail.returned import Says
from portal.mail.returned.shown import Shown, shown
from portal.store.inbox_people import latest_notices, members_of_address
from portal.store.members import Member
from portal.store.notices import Notice
from portal.store.replies import replies_of
from portal.store.returned import (
    InboxPart,
    ReturnedContent,
    ReturnedKind,
    ReturnedMail,
    ReturnedMatch,
    headlines,
    inbox,
    inbox_rows,
    matches_of,
)
from portal.store.staff import Role
from portal.web.guards import staff
from portal.web.ops.inbox_facts import facts_of, member_of
from portal.web.ops.inbox_words import advice, kind_name, lead, part_name, subject_words
from portal.web.paging import paging
from portal.web.render import page
from portal.web.text import gettext as _

OFFERED = 3
"""So many of a member's newest notices are offered for an objection."""


@staff(Role.OPS)
async def index(request: Request) -> Response:
    """The part that `?show=` names, else the first in which something waits."""
    counts = {part: await inbox(part).filter(handled_at__isnull=True).count() for part in InboxPart}
    part = _chosen(request, counts)
    listed = paging(request.query_params, await inbox(part).count())
    rows = await inbox_rows(part, listed.first, listed.size)
    said, about = await headlines(rows), await matches_of(rows)
    return page(
        request,
        "staff/inbox.html",
        lead=lead(part),
        heading=part_name(part),
        tabs=[{"name": one, "label": part_name(one), "count": counts[one], "here": one is part} for one in InboxPart],
        rows=[
            {
                "row": row,
                "kind": kind_name(row.kind),
                "subject": subject_words(row, said[row.id].subject),
                "said": said[row.id],
                "member": member_of(about.get(row.id)),
            }
            for row in rows
        ],
        page=listed.page,
        pages=listed.pages,
        page_base=f"/staff/inbox?show={part}&page=",
    )


@staff(Role.OPS)
async def show(request: Request) -> Response:
    """One message: its headers and its text as plain words, and what can be done about it."""
    row, content = await message_by(request)
    match = (await matches_of([row])).get(row.id)
    reply = (await replies_of([row])).get(row.id)
    found = await asyncio.to_thread(shown, content.content)
    letters = row.kind in (ReturnedKind.LETTER, ReturnedKind.AUTO_REPLY, ReturnedKind.COMPLAINT)
    people = await _people(content.sender if letters else content.recipient, match)
    return page(
        request,
        "staff/inbox_mail.html",
        row=row,
        name=_("Mail %(number)s", number=row.id),
        subject=subject_words(row, content.subject),
        advice=advice(row, found.says, reply, known=match is not None) if row.handled_at is None else "",
        facts=await facts_of(row, content, match, reply),
        enters=await _enters(row, match, found),
        message=found,
        may_name=row.handled_at is None and row.kind is not ReturnedKind.MAIL_BOUNCE,
        people=[await _person(row, member, offer=letters) for member in people],
        erased=row.erased_at is not None,
        may_erase=row.erased_at is None and row.handled_at is not None,
    )


@staff(Role.OPS)
async def raw(request: Request) -> Response:
    """The message as it came, as far as it was kept; a mail program shows it, the browser does not."""
    row, content = await message_by(request)
    if row.erased_at is not None:
        raise HTTPException(404)
    name = {"Content-Disposition": f'attachment; filename="inbox-{row.id}.eml"'}
    return Response(content.content, media_type="message/rfc822", headers=name)


async def message_by(request: Request) -> tuple[ReturnedMail, ReturnedContent]:
    """The message that the address names. HTTPException 404 where there is none."""
    row = await ReturnedMail.get_or_none(id=request.path_params["id"])
    if row is None:
        raise HTTPException(404)
    return row, await ReturnedContent.get(returned_id=row.id)


def _chosen(request: Request, counts: dict[InboxPart, int]) -> InboxPart:
    asked = request.query_params.get("show", "")
    if asked in list(InboxPart):
        return InboxPart(asked)
    return next((part for part in InboxPart if counts[part]), InboxPart.LETTERS)


async def _people(address: str, match: ReturnedMatch | None) -> Sequence[Member]:
    """The member whose mail it answers, and those who gave the address that it names."""
    sure = member_of(match)
    others = [one for one in await members_of_address(address) if sure is None or one.id != sure.id]
    return [sure, *others] if sure is not None else others


async def _person(row: ReturnedMail, member: Member, *, offer: bool) -> dict[str, object]:
    notices = await latest_notices(member.id, OFFERED) if offer else []
    return {"member": member, "objections": [_objection_link(row, notice) for notice in notices]}


async def _enters(row: ReturnedMail, match: ReturnedMatch | None, found: Shown) -> dict[str, str] | None:
    """To the form for an objection to the version that the letter answers, where it speaks of objecting and waits."""
    waits = row.kind is ReturnedKind.LETTER and row.handled_at is None and found.says is not Says.OTHER
    if not waits or match is None or match.sending_id is None:
        return None
    notice = await Notice.get(sendings__id=match.sending_id).select_related("version__policy")
    return _objection_link(row, notice)


def _objection_link(row: ReturnedMail, notice: Notice) -> dict[str, str]:
    """To the form for an objection, with the mail's arrival filled in, in the zone that counts there."""
    version = notice.version
    arrived = row.received_at.astimezone(ZoneInfo(str(version.terms.get("zone", "UTC"))))
    query = f"version={version.id}&way=reply&day={arrived:%Y-%m-%d}&time={arrived:%H:%M:%S}&note=Inbox+{row.id}"
    return {
        "href": f"/staff/members/{notice.member_id}/objections?{query}",
        "label": _("%(policy)s, version %(number)s", policy=version.policy.title, number=version.number),
    }
