"""Objecting: the review page, which says what would follow from exactly this choice, and the filing."""

from starlette.requests import Request
from starlette.responses import Response

from portal.actions.objection import file_objection
from portal.rules.errors import RuleBroken
from portal.web.clock import at
from portal.web.forms import read
from portal.web.guards import actor
from portal.web.member.notice import nothing_to_do
from portal.web.member.reader import Reader
from portal.web.member.review import Filing, Review, of_form, refused, reviewed
from portal.web.member.shown import opened
from portal.web.render import redirect


async def review(request: Request, reader: Reader) -> Response:
    """`?change=…&answer=object`: what would follow. `answer=keep`: that nothing needs to be done."""
    case = await opened(request, reader)
    if request.query_params.get("answer") == "keep":
        return await nothing_to_do(request, case)
    return await reviewed(request, case, Review(request.query_params.getlist("change")))


async def file(request: Request, reader: Reader) -> Response:
    """Files the objection. Doing it twice leads to the receipt of the first."""
    form = await read(request, Filing, lists=("change",))
    given = Review(form.given["change"], str(form.given.get("reason", "")))
    if form.values is None:
        return await reviewed(request, await opened(request, reader), given, of_form(form.errors))
    try:
        objection = await file_objection(
            reader.member.id,
            reader.version_id,
            form.values.change,
            way=reader.way,
            by=actor(request),
            at=at(request),
            reason=form.values.reason,
        )
    except RuleBroken as broken:
        return await refused(request, await opened(request, reader), broken.code, given)
    request.app.state.jobs.wake()
    return redirect(request, f"{reader.base}/objections/{objection.number}")
