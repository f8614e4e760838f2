"""A notice: what changes, what it means for the member, until when to answer, and the choice."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.notice import record_seen
from portal.rules.objection import OPT_OUT_INSTEAD
from portal.store.answers import Way
from portal.store.publications import versions_of
from portal.web.changes_view import changes_view
from portal.web.clock import at
from portal.web.guards import actor
from portal.web.member.answer import answer_of
from portal.web.member.case import Case
from portal.web.member.changes import Told, told
from portal.web.member.governed import governed
from portal.web.member.meaning import meanings
from portal.web.member.reader import Reader
from portal.web.member.shown import notice_page, opened, opt_outs
from portal.web.public.changes import between, older_of
from portal.web.render import redirect
from portal.web.text import gettext as _


async def show(request: Request, reader: Reader) -> Response:
    """The notice. `?change=…` ticks changes, for those who come back from the review."""
    case = await opened(request, reader)
    return await notice_shown(request, case, chosen=request.query_params.getlist("change"))


async def notice_shown(
    request: Request, case: Case, status: int = 200, *, chosen: list[str], errors: dict[str, str] | None = None
) -> Response:
    """The page itself, also for answers that could not be read."""
    changes = await told(case)
    return notice_page(
        request,
        "notice/notice.html",
        case,
        status,
        told=changes,
        governed=governed(case),
        meanings=meanings(case),
        answer=answer_of(case),
        options=options_of(case, changes),
        chosen=chosen,
        refusal=case.refusal,
        opt_outs=opt_outs(case, case.refusal),
        opt_out_instead=case.refusal in OPT_OUT_INSTEAD,
        questions=_questions(case),
        errors=errors or {},
    )


async def changes(request: Request, reader: Reader) -> Response:
    """The comparison in all its forms, with the way back to the choice. `?since=` names an older version."""
    case = await opened(request, reader)
    versions = await versions_of(case.policy.id)
    older = older_of(request, case.row, versions)
    if older is None:
        raise HTTPException(404)
    view = await changes_view(request, f"{reader.base}/changes", older, case.row, between(versions, older, case.row))
    return notice_page(request, "notice/changes.html", case, view=view, governed=governed(case), refusal=case.refusal)


async def nothing_to_do(request: Request, case: Case) -> Response:
    """What happens to those who do not object."""
    return notice_page(request, "notice/nothing_to_do.html", case, meanings=meanings(case), refusal=case.refusal)


async def sight(request: Request, reader: Reader) -> Response:
    """Records that the member saw the notice in the account; a link does not tell who looks at it."""
    if reader.way is not Way.ACCOUNT:
        raise HTTPException(404)
    await record_seen(reader.member.id, reader.version_id, by=actor(request), at=at(request))
    return redirect(request, reader.base)


def options_of(case: Case, changes: Told) -> list[tuple[str, str, str]]:
    """(key, name, what objecting to it alone would do) of the changes that can be objected to."""
    return [(key, changes.names.get(key, key), _effect(case, key)) for key in case.ruled.objectable]


def _effect(case: Case, key: str) -> str:
    purposes = case.ruled.objectable[key]
    titles = ", ".join(case.title_of(purpose) for purpose in sorted(purposes))
    if case.ruled.closes(purposes):
        return _("%(purposes)s. Your account would be closed.", purposes=titles)
    return _("%(purposes)s. Your account would stay open.", purposes=titles)


def _questions(case: Case) -> list[dict[str, object]]:
    """The opt-in purposes of the version, each with the answer the member gave; none to ask of somebody who leaves."""
    if case.in_force and case.in_force.closing:
        return []
    return [
        {
            "purpose": purpose,
            "title": case.title_of(purpose),
            "about": case.purposes[purpose].about if purpose in case.purposes else "",
            "consented": case.standing.consents.get(purpose, 0) >= case.number,
            "opted_out": purpose in case.standing.opted_out,
            "waiting": case.open_declaration(purpose),
        }
        for purpose in case.asked
    ]
