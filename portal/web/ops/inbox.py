"""The inbox of ops: letters, complaints, bounces that name nothing; what waits comes first."""

import asyncio
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.mail.returned.shown import shown
from portal.store.inbox_people import latest_notices, members_of_address
from portal.store.members import Member
from portal.store.notices import Notice, Sending
from portal.store.outbox import OutgoingMail
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
from portal.store.staff import Role, Staff
from portal.web import dates
from portal.web.guards import staff
from portal.web.ops.act import Row
from portal.web.ops.inbox_words import advice, handled_words, kind_name, lead, part_name, size_words
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
            {"row": row, "kind": kind_name(row.kind), "said": said[row.id], "member": _member(about.get(row.id))}
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
    found = await asyncio.to_thread(shown, content.content)
    letters = row.kind in (ReturnedKind.LETTER, ReturnedKind.AUTO_REPLY, ReturnedKind.COMPLAINT)
    people = await _people(content.sender if letters else content.recipient, match)
    return page(
        request,
        "staff/inbox_mail.html",
        row=row,
        name=_("Mail %(number)s", number=row.id),
        subject=content.subject or _("(no subject)"),
        advice=advice(row) if row.handled_at is None else "",
        facts=await _facts(row, content, match),
        message=found,
        may_name=row.handled_at is None and row.kind is not ReturnedKind.MAIL_BOUNCE,
        people=[await _person(row, member, offer=letters) for member in people],
        erased=not content.content,
    )


@staff(Role.OPS)
async def raw(request: Request) -> Response:
    """The message as it came, as far as it was kept; a mail program shows it, the browser does not."""
    row, content = await message_by(request)
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


def _member(match: ReturnedMatch | None) -> Member | None:
    return match.member if match is not None and match.member_id is not None else None


async def _facts(row: ReturnedMail, content: ReturnedContent, match: ReturnedMatch | None) -> list[Row]:
    rows: list[Row] = [
        (_("What it is"), kind_name(row.kind)),
        (_("Arrived"), dates.instant(row.received_at)),
        (_("From, by its own words"), content.sender or _("nobody")),
    ]
    if content.recipient:
        rows.append((_("Could not be delivered to"), content.recipient))
    if row.status or row.reason:
        rows.append((_("Reason"), " ".join(part for part in (row.status, row.reason) if part)))
    if match is not None:
        rows.append(await _about(match))
    rows.append((_("Size"), size_words(row, len(content.content))))
    rows.append((_("State"), await _state(row)))
    if content.note:
        rows.append((_("Note"), content.note))
    return rows


async def _about(match: ReturnedMatch) -> Row:
    """Which mail of ours it speaks of; the link leads to its member."""
    if match.sending_id is not None:
        sending = await Sending.get(id=match.sending_id)
        notice = await Notice.get(id=sending.notice_id).select_related("version__policy")
        words = _(
            "Sending %(number)s of the notice of %(policy)s, version %(version)s",
            number=sending.number,
            policy=notice.version.policy.title,
            version=notice.version.number,
        )
    else:
        mail = await OutgoingMail.get(id=match.mail_id)
        words = _("Mail of the kind “%(kind)s”", kind=str(mail.kind).replace("_", " "))
    member = _member(match)
    if member is None:
        return (_("About"), _("%(mail)s, to staff", mail=words))
    words = _("%(mail)s, to member %(id)s", mail=words, id=member.external_id)
    return (_("About"), words, f"/staff/members/{member.id}", _("Open"))


async def _state(row: ReturnedMail) -> str:
    if row.handled_at is None or row.staff_id is None:
        return handled_words(row)
    person = await Staff.get_or_none(id=row.staff_id)
    return _(
        "%(how)s, by %(name)s, %(when)s",
        how=handled_words(row),
        name=person.name if person else _("former staff"),
        when=dates.instant(row.handled_at),
    )


async def _people(address: str, match: ReturnedMatch | None) -> Sequence[Member]:
    """The member whose mail it answers, and those who gave the address that it names."""
    sure = _member(match)
    others = [one for one in await members_of_address(address) if sure is None or one.id != sure.id]
    return [sure, *others] if sure is not None else others


async def _person(row: ReturnedMail, member: Member, *, offer: bool) -> dict[str, object]:
    notices = await latest_notices(member.id, OFFERED) if offer else []
    return {"member": member, "objections": [_objection_link(row, notice) for notice in notices]}


def _objection_link(row: ReturnedMail, notice: Notice) -> dict[str, str]:
    """To the form for an objection, with the mail's arrival filled in, in the zone that counts there."""
    version = notice.version
    arrived = row.received_at.astimezone(ZoneInfo(str(version.terms.get("zone", "UTC"))))
    query = f"version={version.id}&way=reply&day={arrived:%Y-%m-%d}&time={arrived:%H:%M:%S}&note=Inbox+{row.id}"
    return {
        "href": f"/staff/members/{notice.member_id}/objections?{query}",
        "label": _("%(policy)s, version %(number)s", policy=version.policy.title, number=version.number),
    }
