"""Taking an objection back: what it would mean, and the deed. When time is over, by link, it has to be confirmed."""

from starlette.requests import Request
from starlette.responses import Response

from portal.actions.declare import take_back
from portal.rules.errors import RuleBroken
from portal.rules.objection import Refusal
from portal.store.answers import Objection
from portal.web.clock import at
from portal.web.guards import actor
from portal.web.member.case import Case
from portal.web.member.reader import Reader
from portal.web.member.receipt import objection_of, receipt_address
from portal.web.member.shown import notice_page, opened
from portal.web.render import redirect


async def show(request: Request, reader: Reader) -> Response:
    """What taking it back would mean. Who did so already is led to what they have."""
    case = await opened(request, reader)
    objection = objection_of(case, request)
    if objection.withdrawn_at is not None:
        return redirect(request, receipt_address(reader, objection))
    declared = case.open_withdrawal
    if declared is not None:
        return redirect(request, f"{reader.base}/answers/{declared.number}")
    return _page(request, case, objection)


async def take_it_back(request: Request, reader: Reader) -> Response:
    """Doing it twice leads to the same receipt."""
    case = await opened(request, reader)
    objection = objection_of(case, request)
    try:
        declared = await take_back(
            objection.id, way=reader.way, known_as=reader.known_as, by=actor(request), at=at(request)
        )
    except RuleBroken as broken:
        if broken.code != Refusal.NO_OBJECTION:
            raise
        return redirect(request, receipt_address(reader, objection))
    request.app.state.jobs.wake()
    if declared is not None and declared.decided_at is None:
        return redirect(request, f"{reader.base}/answers/{declared.number}")
    return redirect(request, receipt_address(reader, objection))


def _page(request: Request, case: Case, objection: Objection) -> Response:
    return notice_page(
        request,
        "objection/withdrawal.html",
        case,
        objection=objection,
        others=len(case.standing.objections) > 1,
        for_good=not case.window.open_or_ahead(case.now),
    )
