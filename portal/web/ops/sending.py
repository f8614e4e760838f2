"""One notice to one member: its sendings, what servers said, and the message itself, made once more and checked."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from portal.actions.rendered_again import RenderedAgain, Why, rendered_again
from portal.store.notices import Sending
from portal.store.sending_record import SendingRecord, sending_record
from portal.store.staff import Role
from portal.web import dates
from portal.web.guards import staff
from portal.web.mailbox import FRAME_POLICY, PAGE_POLICY
from portal.web.ops.act import Row
from portal.web.ops.message_parts import message_parts
from portal.web.render import page
from portal.web.text import gettext as _


@staff(Role.OPS)
async def show(request: Request) -> Response:
    """The sendings, and the message of the one that `?sending=` names, else of the last."""
    record = await _record(request)
    chosen = _chosen(record, request.query_params.get("sending", ""))
    again = await _again(request, chosen) if chosen else None
    zone = str(record.version.terms["zone"])
    response = page(
        request,
        "staff/sending.html",
        record=record,
        zone=zone,
        sendings=[{"row": row, "rows": _rows(record, row, zone)} for row in record.sendings],
        facts=_facts(record, zone),
        chosen=chosen,
        again=again,
        why=_why(again.why) if again and again.why else "",
        parts=message_parts(again.content) if again and again.content else None,
    )
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


@staff(Role.OPS)
async def html(request: Request) -> Response:
    """The message's HTML part alone, under a policy that lets it show and nothing else."""
    record = await _record(request)
    number = request.path_params["number"]
    chosen = next((row for row in record.sendings if row.number == number), None)
    again = await _again(request, chosen) if chosen else None
    if again is None or again.content is None:
        raise HTTPException(404)
    headers = {"Content-Security-Policy": FRAME_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(message_parts(again.content).html, headers=headers)


async def _record(request: Request) -> SendingRecord:
    record = await sending_record(request.path_params["version_id"], request.path_params["member_id"])
    if record is None:
        raise HTTPException(404)
    return record


def _chosen(record: SendingRecord, asked: str) -> Sending | None:
    named = next((row for row in record.sendings if str(row.number) == asked), None)
    return named or (record.sendings[-1] if record.sendings else None)


async def _again(request: Request, sending: Sending) -> RenderedAgain:
    office = request.app.state.jobs.office
    return await rendered_again(sending, office.keys, office.sender)


def _rows(record: SendingRecord, row: Sending, zone: str) -> list[Row]:
    rows: list[Row] = [
        (_("To"), row.address.address or _("erased")),
        (_("Attempts"), row.attempts),
        (_("Begun"), dates.instant(row.started_at, zone)),
        (_("Accepted"), dates.instant(row.accepted_at, zone) if row.accepted_at else _("no")),
        (_("Last word of the server"), _(row.reply) if row.reply else "–"),
        (_("Message-ID"), row.message_id),
        (_("Digest"), row.digest or _("none was kept")),
    ]
    bounce = record.bounce_of(row)
    if bounce is not None:
        said = bounce.remark.text if bounce.remark and bounce.remark.text else ""
        rows.append(
            (_("Came back"), ": ".join(part for part in (dates.instant(bounce.received_at, zone), said) if part))
        )
    return rows


def _facts(record: SendingRecord, zone: str) -> list[Row]:
    """What is known besides the sendings."""
    names = {"account": _("in the account"), "letter": _("by letter"), "in_person": _("in person")}
    seen = [(_("Seen"), f"{dates.instant(row.received_at, zone)}, {names[row.way]}") for row in record.sights]
    refused = [
        (_("Refused for good"), f"{dates.instant(row.received_at, zone)}: {row.code}") for row in record.refusals
    ]
    return [*refused, *seen]


def _why(why: Why) -> str:
    """Why the message is not there again, or not the same."""
    words = {
        Why.NO_DIGEST: _(
            "No digest was kept of this sending, so nothing can be compared. It would look like this now."
        ),
        Why.ADDRESS_ERASED: _(
            "The address was erased, so the message cannot be made again. Its digest stays, and names nobody."
        ),
        Why.NO_NAME: _(
            "The member’s name was erased, or was never known. If it stood in the message, nobody can make the same"
            " again; if not, a template, a title, a deadline, a setting or a key has changed since. Without a name it"
            " would look like this now."
        ),
        Why.NOT_COMPOSED: _("No mail can be made for this address."),
        Why.OTHERWISE: _(
            "What it was made from has changed since: a template, a title, a deadline, a setting such as the sender’s"
            " address, or a key that was taken away. It would look like this now."
        ),
    }
    return words[why]
