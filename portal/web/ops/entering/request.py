"""A request that came by letter or call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request

from portal.actions.actor import Actor
from portal.actions.enter_request import enter_request
from portal.actions.request import ASKED
from portal.actions.submission import Arrival
from portal.actions.submitted_file import Examined
from portal.rules.request import answer_by
from portal.store.members import Member
from portal.store.outcomes import Closure
from portal.store.requests import MemberRequest, RequestKind
from portal.store.submissions import Submission
from portal.store.zones import zones_of
from portal.web.ops.act import Act, Input
from portal.web.ops.entering.arrival import arrival_inputs
from portal.web.ops.entering.entry import Entry, Review, next_page
from portal.web.ops.entering.pages import entering
from portal.web.ops.entering.whose import act_of, zones_for
from portal.web.ops.members import member_by
from portal.web.request_words import due_instant, kind_about, staff_title
from portal.web.text import gettext as _


class RequestEntry(Entry):
    """The time to answer runs from its arrival."""

    def __init__(
        self, member: Member, kinds: Sequence[RequestKind], zones: Sequence[str], waiting: Sequence[MemberRequest]
    ) -> None:
        self._member, self._kinds, self.zones = member, kinds, zones
        self._waiting = {row.kind: row for row in waiting}

    def act(self) -> Act:
        options = [(str(kind), staff_title(kind), self._state(kind)) for kind in self._kinds]
        return act_of(
            self._member,
            _("Enter a request"),
            "requests",
            heading=_("What follows"),
            follows=[
                _("It is to be answered within 30 days of the day on which it arrived, and never later than a month."),
                _("The member gets a receipt by mail, and can follow the request in the account."),
                *next_page()[:1],
            ],
            inputs=[
                Input("kind", _("What is asked for"), "radios", options=options),
                *arrival_inputs(self.zones),
            ],
        )

    def _state(self, kind: RequestKind) -> str:
        if kind not in self._waiting:
            return ""
        number = self._waiting[kind].number
        return _("Request %(number)s is open already: the letter is kept with it.", number=number)

    def wrong(self, given: Mapping[str, Any]) -> dict[str, str]:
        return {} if given.get("kind") in self._kinds else {"kind": _("Choose what is asked for.")}

    async def enter(
        self, given: Mapping[str, Any], arrival: Arrival, files: Sequence[Examined], by: Actor, at: datetime
    ) -> Submission:
        return await enter_request(self._member.id, RequestKind(given["kind"]), arrival, files, by=by, at=at)

    async def review(self, given: Mapping[str, Any], arrival: Arrival) -> Review:
        kind, zones = RequestKind(given["kind"]), await zones_of(self._member.id)
        waiting = self._waiting.get(kind)
        due_at = waiting.due_at if waiting else answer_by(arrival.received_at, zones).closes_at
        follows = [kind_about(kind), _("We answer it before %(when)s.", when=due_instant(due_at, zones))]
        if waiting:
            follows.append(self._state(kind))
        rows = [(_("What is asked for"), staff_title(kind))]
        return Review(rows, _("What follows"), follows, _("Enter the request"))

    async def said(self, submission: Submission) -> str:
        asked = await MemberRequest.get(id=submission.request_id)
        return _(
            "The request is on record under %(number)s, to be answered before %(when)s.",
            number=asked.number,
            when=due_instant(asked.due_at, await zones_of(self._member.id)),
        )


@entering
async def requests(request: Request) -> Entry:
    """A closed account may ask for all but its closing."""
    member = await member_by(request)
    closed = await Closure.exists(member_id=member.id)
    kinds = [kind for kind in ASKED if not (closed and kind is RequestKind.CLOSING)]
    waiting = await MemberRequest.filter(member_id=member.id, ended_at__isnull=True)
    return RequestEntry(member, kinds, await zones_for(member), waiting)
