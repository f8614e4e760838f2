"""`/account/data`: what the portal knows of the member, to download or to read; for members who signed in only."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from portal.store.member_record import member_record
from portal.store.outcomes import Closure
from portal.store.publications import purpose_titles
from portal.web.clock import at
from portal.web.data.sections import SECTIONS
from portal.web.data.whose import Whose
from portal.web.data.words import section_about, section_title
from portal.web.data.written import PAGE_POLICY, as_json, as_page
from portal.web.guards import signed_in_member
from portal.web.languages import told_in_language
from portal.web.render import page


@signed_in_member
async def show(request: Request) -> Response:
    """What is in it, and the two forms of it. A closed account's data may still be read."""
    closed = await Closure.exists(member_id=request.state.member.id)
    parts = [(section_title(key), section_about(key)) for key, _items in SECTIONS]
    return page(request, "account/data.html", parts=parts, closed=closed)


@signed_in_member
async def download_json(request: Request) -> Response:
    """The file by the schema of `docs/member-data.md`."""
    whose = await _whose(request)
    return _file(request, as_json(whose, request.app.state.settings.company), "application/json", "json", saved=True)


@signed_in_member
async def download_html(request: Request) -> Response:
    """The file to read: shown, or with `?save=1` saved."""
    whose = await _whose(request)
    made = as_page(whose, request.app.state.settings.company)
    answer = _file(request, made, "text/html", "html", saved="save" in request.query_params)
    answer.headers["Content-Security-Policy"] = PAGE_POLICY
    return answer


async def _whose(request: Request) -> Whose:
    return Whose(await member_record(request.state.member), at(request), await purpose_titles())


def _file(request: Request, made: AsyncIterator[str], kind: str, ending: str, *, saved: bool) -> StreamingResponse:
    headers = {"Cache-Control": "no-store"}
    if saved:
        headers["Content-Disposition"] = f'attachment; filename="my-data-{at(request):%Y-%m-%d}.{ending}"'
    answer = StreamingResponse(made, media_type=f"{kind}; charset=utf-8", headers=headers)
    if kind == "text/html":
        told_in_language(answer)
    return answer
