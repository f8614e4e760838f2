"""What came by letter or call: who sent it and how, what it led to, and its files, which are read and erased on record.

A file is only ever handed out to be saved. It leaves by a POST, since that writes down who read it.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from portal.actions.submitted_file import erase_file, name_to_save, open_file, pieces_of
from portal.store.answers import Objection
from portal.store.declarations import Declaration
from portal.store.events import Event
from portal.store.members import Remark
from portal.store.publications import purpose_titles
from portal.store.requests import MemberRequest
from portal.store.staff import Role
from portal.store.submissions import Submission, SubmittedFile, files_of
from portal.web import dates
from portal.web.clock import at
from portal.web.guards import actor, staff
from portal.web.happenings import Happening, happenings
from portal.web.ops.act import Act, Input, Row, act_page, acted
from portal.web.ops.entering.whose import zones_for
from portal.web.ops.objection_words import way_name
from portal.web.ops.submission_words import file_name, kind_title, size_words, staff_name, type_name
from portal.web.render import page
from portal.web.text import gettext as _

# Whatever a browser makes of it, it runs nothing and asks for nothing.
SANDBOX = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@staff(Role.OPS)
async def show(request: Request) -> Response:
    submission = await submission_by(request)
    files = await files_of(submission)
    return page(
        request,
        "outcome/submission.html",
        submission=submission,
        title=kind_title(submission.kind),
        rows=await _rows(submission, (await zones_for(submission.member))[0]),
        files=[await _told(file) for file in files],
        story=await _story(submission),
    )


async def submission_by(request: Request) -> Submission:
    """The submission that the address names, with its member. HTTPException 404 where there is none."""
    found = Submission.filter(id=request.path_params["id"]).select_related("member", "reference")
    submission = await found.first()
    if submission is None:
        raise HTTPException(404)
    return submission


async def _file_by(request: Request, submission: Submission) -> SubmittedFile:
    number = request.path_params["number"]
    found = next((file for file in await files_of(submission) if file.ordinal == number), None)
    if found is None:
        raise HTTPException(404)
    return found


async def _rows(row: Submission, zone: str) -> list[Row]:
    when, name = dates.instant(row.recorded_at, zone), await staff_name(row.staff_id)
    rows: list[Row] = [
        (_("Member"), row.member.external_id, f"/staff/members/{row.member_id}", _("Open")),
        (_("Receipt number"), row.number),
        (_("Who asked"), await _who(row)),
        (_("How it came"), way_name(row.way)),
        (_("Arrived"), dates.instant(row.received_at, zone)),
        (_("Entered"), _("%(when)s, by %(name)s", when=when, name=name)),
        (_("Reference"), row.reference.text or _("erased")),
    ]
    if row.purpose:
        rows.append((_("Which use of the data"), (await purpose_titles()).get(row.purpose, row.purpose)))
    if row.remark_id:
        rows.append((_("Remark"), (await Remark.get(id=row.remark_id)).text or _("erased")))
    return rows + await _led_to(row)


async def _who(row: Submission) -> str:
    if row.representative_id is None:
        return _("the member")
    name = (await Remark.get(id=row.representative_id)).text or _("erased")
    return _("for the member: %(name)s", name=name)


async def _led_to(row: Submission) -> list[Row]:
    rows: list[Row] = []
    if row.objection_id:
        objection = await Objection.get(id=row.objection_id)
        rows.append((_("Objection"), objection.number, f"/staff/objections/{objection.id}", _("Open")))
    if row.declaration_id:
        declaration = await Declaration.get(id=row.declaration_id)
        rows.append((_("Answer"), declaration.number, f"/staff/declarations/{declaration.id}", _("Open")))
    if row.request_id:
        asked = await MemberRequest.get(id=row.request_id)
        rows.append((_("Request"), asked.number, f"/staff/requests/{asked.id}", _("Open")))
    return rows


async def _told(file: SubmittedFile) -> dict[str, object]:
    """A file as the table shows it."""
    erased = ""
    if file.erased_at is not None and file.erased_by is not None:
        when, name = dates.instant(file.erased_at), await staff_name(file.erased_by)
        erased = _("Erased %(when)s, by %(name)s: %(why)s", when=when, name=name, why=file.erased_why)
    return {
        "row": file,
        "name": file_name(file),
        "type": type_name(file.media_type),
        "size": size_words(file),
        "digest": file.digest.removeprefix("sha256:"),
        "erased": erased,
    }


async def _story(row: Submission) -> list[Happening]:
    """Its entering, and who read or erased its files; the first one first."""
    about = await Event.filter(member_id=row.member_id, action__startswith="submission.").order_by("id")
    mine = [event for event in about if event.id == row.sequence or event.facts.get("submission") == row.id]
    return await happenings(mine, row.member_id)


@staff(Role.OPS)
async def readings(request: Request) -> Response:
    """Hands the file out, after it is on record who reads it."""
    file = await _file_by(request, await submission_by(request))
    file = await open_file(file.id, by=actor(request), at=at(request))
    headers = {
        "Content-Disposition": to_be_saved(name_to_save(file)),
        "Content-Length": str(file.size),
        "Content-Security-Policy": SANDBOX,
        "Cache-Control": "no-store",
    }
    return StreamingResponse(pieces_of(file), media_type=str(file.media_type), headers=headers)


def to_be_saved(name: str) -> str:
    """Content-Disposition (RFC 6266, section 4.3): the name in ASCII, and as it is."""
    plain = "".join(sign if sign.isascii() and sign.isprintable() and sign not in '"\\%' else "_" for sign in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


@staff(Role.OPS)
async def erasure(request: Request) -> Response:
    """Name and bytes of a file go, on record."""
    submission = await submission_by(request)
    file = await _file_by(request, submission)
    act = _erasure_act(submission, file)
    if request.method != "POST":
        return act_page(request, act)

    async def do(given: Mapping[str, Any]) -> str:
        await erase_file(file.id, str(given.get("reason", "")), by=actor(request), at=at(request))
        return _("The file is erased.")

    return await acted(request, act, do)


def _erasure_act(submission: Submission, file: SubmittedFile) -> Act:
    here = f"/staff/submissions/{submission.id}"
    return Act(
        title=_("Erase this file"),
        caption=kind_title(submission.kind),
        trail=[
            (_("Members"), "/staff/members"),
            (submission.member.external_id, f"/staff/members/{submission.member_id}"),
            (submission.number, here),
        ],
        rows=[
            (_("File"), file_name(file)),
            (_("Type"), type_name(file.media_type)),
            (_("Size"), size_words(file)),
        ],
        heading=_("What follows"),
        follows=[
            _("Its content and its name go. What the letter led to stays as it is."),
            _("On record stay its type, its size, its digest, and that you erased it, when and why."),
            _("Without the file it can no longer be shown what the letter said. Keep it as long as that may be asked."),
        ],
        inputs=[Input("reason", _("Why"), "textarea", _("Name nobody: the reason stays."))],
        label=_("Erase it"),
        action=f"{here}/files/{file.ordinal}/erasure",
        back=here,
        statement=_("I know that nobody can bring it back"),
        kind="danger",
    )
