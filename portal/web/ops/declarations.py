"""Answers that nobody has confirmed: consents, opt-outs lifted, objections taken back or made by a reply."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.store.declaration_queue import open_declarations, with_ops_at
from portal.store.declarations import Declaration
from portal.store.staff import Role
from portal.web.clock import at
from portal.web.guards import staff
from portal.web.ops.declaration_words import ToldDeclaration, declaration_rows, tell_declarations
from portal.web.ops.submission_words import entered_rows
from portal.web.paging import paging
from portal.web.render import page


@staff(Role.OPS)
async def index(request: Request) -> Response:
    """Those that wait, the longest first; those that are still the member's to confirm are marked so."""
    now, waiting = at(request), await open_declarations()
    listed = paging(request.query_params, len(waiting))
    return page(
        request,
        "outcome/declarations.html",
        rows=await tell_declarations(waiting[listed.first : listed.last]),
        now=now,
        page=listed.page,
        pages=listed.pages,
    )


@staff(Role.OPS)
async def show(request: Request) -> Response:
    told = await told_declaration(request)
    return page(
        request,
        "outcome/declaration.html",
        told=told,
        rows=[*declaration_rows(told), *await entered_rows(declaration_id=told.row.id)],
        for_ops=told.for_ops(at(request)),
    )


async def told_declaration(request: Request) -> ToldDeclaration:
    """The declaration that the address names. HTTPException 404 where there is none."""
    row = await Declaration.get_or_none(id=request.path_params["id"])
    if row is None:
        raise HTTPException(404)
    return (await tell_declarations(await with_ops_at([row])))[0]
