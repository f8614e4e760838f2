"""A member's deadline for their calendar: the last hour to object."""

from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.store.events import Event
from portal.web.calendar import MEDIA_TYPE, CalendarEvent, calendar
from portal.web.languages import told_in_language
from portal.web.member.case import Case
from portal.web.member.deadline import deadline_of
from portal.web.member.reader import Reader
from portal.web.member.shown import opened
from portal.web.text import gettext as _
from portal.web.text import language

HOUR = timedelta(hours=1)
REMINDER = timedelta(days=1)


async def show(request: Request, reader: Reader) -> Response:
    """404 where no deadline is running."""
    case = await opened(request, reader)
    closes_at = case.window.closes_at
    if closes_at is None or not case.ruled.objectable or case.now >= closes_at:
        raise HTTPException(404)
    settings = request.app.state.settings
    changed = await Event.filter(member_id=reader.member.id, version_id=reader.version_id).count()
    event = CalendarEvent(
        # Of the notice, and of nothing that tells whose it is (RFC 7986, 5.3).
        uid=str(uuid5(NAMESPACE_URL, f"{settings.base_url}/notices/{case.notice.id}")),
        sequence=changed,
        stamped_at=case.now,
        starts_at=closes_at - HOUR,
        ends_at=closes_at,
        summary=_("Last hour to object: %(policy)s, version %(number)s", policy=case.policy.title, number=case.number),
        description=_description(case),
        # Calendars are shared: the mailed link is the member's alone, this address asks for a sign-in.
        url=f"{settings.base_url}/account/notices/{case.row.id}",
        reminder=REMINDER if case.now < closes_at - HOUR - REMINDER else None,
    )
    named = {"Content-Disposition": 'attachment; filename="deadline.ics"'}
    made = calendar(event, f"-//{settings.company}//Policies//{language().upper()}")
    answer = Response(made, media_type=MEDIA_TYPE, headers=named)
    told_in_language(answer)
    return answer


def _description(case: Case) -> str:
    deadline = deadline_of(case)
    counted = [words for _step, words in deadline.counted] if deadline else []
    return "\n".join([*counted, _("To object, open the link in our mail, or sign in.")])
