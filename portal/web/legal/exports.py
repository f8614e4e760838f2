"""A classification as a file or a page to print, of a draft and of a published version."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from portal.store.drafts import Draft
from portal.store.staff import Role
from portal.web.clock import at
from portal.web.compared import in_thread
from portal.web.guards import View, staff
from portal.web.legal.exported import Exported, as_csv, of_draft_exported, of_version_exported
from portal.web.legal.of_draft import of_draft
from portal.web.legal.policies import policy_by
from portal.web.redline.word import Tracked, word_document
from portal.web.render import page
from portal.web.spreadsheet import TYPE

Make = Callable[[Request, Exported], Awaitable[Response]]
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def of_draft_as(make: Make) -> View:
    """The view that gives a draft's classification in that form."""

    @of_draft(Role.LEGAL, Role.APPROVER)
    async def view(request: Request, draft: Draft) -> Response:
        return await make(request, await of_draft_exported(draft))

    return view


def of_version_as(make: Make) -> View:
    """The view that gives a published version's classification in that form."""

    @staff(Role.LEGAL, Role.APPROVER)
    async def view(request: Request) -> Response:
        policy = await policy_by(request)
        return await make(request, await of_version_exported(policy, request.path_params["number"]))

    return view


async def table(_request: Request, exported: Exported) -> Response:
    return _file(await in_thread(lambda: as_csv(exported)), f"{exported.name}.csv", TYPE)


async def word(request: Request, exported: Exported) -> Response:
    tracked = Tracked(exported.by, at(request))
    made = await in_thread(
        lambda: word_document(exported.redline, title=exported.title, tracked=tracked, remarks=exported.remarks())
    )
    return _file(made, f"{exported.name}.docx", WORD)


async def printed(request: Request, exported: Exported) -> Response:
    cards = await in_thread(exported.cards)
    return page(request, "draft/print.html", exported=exported, cards=cards, printed_at=at(request))


FORMS: tuple[tuple[str, Make], ...] = ((".csv", table), (".docx", word), ("/print", printed))
"""Ending of the address -> what it gives."""


def _file(content: bytes, name: str, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
