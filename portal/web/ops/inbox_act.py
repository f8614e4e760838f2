"""What ops does with a message in the inbox: it is done with, or a bounce of a sending that was found, or erased."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.actions.erasing import erase_mail
from portal.actions.inbox import mark_handled, name_bounce
from portal.rules.errors import RuleBroken
from portal.store.inbox_people import Candidate, could_have_come_back, members_found, members_of_address
from portal.store.members import Member
from portal.store.returned import ReturnedContent, ReturnedMail, matches_of
from portal.store.staff import Role
from portal.web import dates
from portal.web.clock import at
from portal.web.forms import fields_of, form_of
from portal.web.guards import actor, staff
from portal.web.ops.act import Act, Input, act_page, acted, refused
from portal.web.ops.inbox import message_by
from portal.web.ops.inbox_words import kind_name, subject_words
from portal.web.render import page, redirect
from portal.web.text import gettext as _


@staff(Role.OPS)
async def handling(request: Request) -> Response:
    """Somebody read it and is done with it."""
    row, content = await message_by(request)
    act = _handling_act(row, content)
    if request.method != "POST":
        return act_page(request, act)

    async def do(given: Mapping[str, Any]) -> str:
        await mark_handled(row.id, str(given.get("note", "")), by=actor(request), at=at(request))
        return _("The mail is done with.")

    return await acted(request, act, do)


def _handling_act(row: ReturnedMail, content: ReturnedContent) -> Act:
    return _act(
        row,
        content,
        "handling",
        title=_("Done with this mail"),
        follows=[_("It no longer waits for anybody. It stays in the inbox, with your note; it cannot be put back.")],
        inputs=[Input("note", _("What was done"), "textarea", _("Such as “objection entered” or “answered by mail”."))],
        label=_("Done"),
    )


def _act(row: ReturnedMail, content: ReturnedContent, noun: str, **rest: Any) -> Act:
    name, here = _("Mail %(number)s", number=row.id), f"/staff/inbox/{row.id}"
    return Act(
        caption=name,
        trail=[(_("Inbox"), "/staff/inbox"), (name, here)],
        rows=[
            (_("What it is"), kind_name(row.kind)),
            (_("From, by its own words"), content.sender or _("nobody")),
            (_("Subject"), subject_words(row, content.subject)),
        ],
        heading=_("What follows"),
        action=f"{here}/{noun}",
        back=here,
        **rest,
    )


@staff(Role.OPS)
async def erasure(request: Request) -> Response:
    """What it said is erased before its time."""
    row, content = await message_by(request)
    days = request.app.state.settings.inbox_days
    act = _erasure_act(row, content, days)
    if request.method != "POST":
        return act_page(request, act)

    async def do(given: Mapping[str, Any]) -> str:
        await erase_mail(row.id, str(given.get("reason", "")), by=actor(request), at=at(request))
        return _("What the mail said is erased.")

    return await acted(request, act, do)


def _erasure_act(row: ReturnedMail, content: ReturnedContent, days: int) -> Act:
    return _act(
        row,
        content,
        "erasure",
        title=_("Erase what this mail said"),
        follows=[
            _("The mail itself goes, with its sender, its subject, the address that it names, and the notes on it."),
            _(
                "On record stay what it was, when it came, whose mail it was about, what followed from it, its digest,"
                " and that you erased it, when and why."
            ),
            _("Without this it is erased %(days)s days after somebody was done with it.", days=days),
        ],
        inputs=[Input("reason", _("Why"), "textarea", _("Name nobody: the reason stays."))],
        label=_("Erase it"),
        statement=_("I know that nobody can bring it back"),
        kind="danger",
    )


@staff(Role.OPS)
async def bounce(request: Request) -> Response:
    """Which sending it is a bounce of: chosen among those to the members found."""
    row, content = await message_by(request)
    if request.method != "POST":
        return await _bounce_page(request, row, content, {}, {})
    given = fields_of(await form_of(request))
    number = str(given.get("sending", ""))
    try:
        await name_bounce(
            row.id,
            int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0,
            str(given.get("note", "")),
            by=actor(request),
            at=at(request),
        )
    except RuleBroken as broken:
        errors = refused(broken, [Input("sending", ""), Input("note", "")])
        return await _bounce_page(request, row, content, given, errors)
    return redirect(request, f"/staff/inbox/{row.id}", _("The bounce is recorded."))


async def _bounce_page(
    request: Request, row: ReturnedMail, content: ReturnedContent, given: Mapping[str, Any], errors: Mapping[str, str]
) -> Response:
    search = str(given.get("q") or request.query_params.get("q", ""))[:320].strip()
    candidates = await could_have_come_back(await _members(row, content, search))
    return page(
        request,
        "staff/inbox_bounce.html",
        422 if errors else 200,
        row=row,
        name=_("Mail %(number)s", number=row.id),
        search=search,
        options=[_option(one) for one in candidates],
        values=given,
        errors=errors,
    )


async def _members(row: ReturnedMail, content: ReturnedContent, search: str) -> list[Member]:
    """Those searched for; else whom the message itself points to."""
    if search:
        return await members_found(search)
    match = (await matches_of([row])).get(row.id)
    sure = [match.member] if match is not None and match.member is not None else []
    return [*sure, *(one for one in await members_of_address(content.recipient) if one not in sure)]


def _option(one: Candidate) -> tuple[str, str, str]:
    version = one.notice.version
    return (
        str(one.sending.id),
        _(
            "Member %(id)s: %(policy)s, version %(version)s, sending %(number)s",
            id=one.member.external_id,
            policy=version.policy.title,
            version=version.number,
            number=one.sending.number,
        ),
        _(
            "To %(address)s, accepted %(when)s",
            address=one.sending.address.address or _("an erased address"),
            when=dates.instant(one.sending.accepted_at) if one.sending.accepted_at else "",
        ),
    )
