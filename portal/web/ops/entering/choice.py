"""A purpose that the member stopped, or allowed again, by letter or call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request

from portal.actions.actor import Actor
from portal.actions.consent import purposes_that_need_consent, purposes_to_opt_out_of
from portal.actions.enter_choice import enter_opt_in, enter_opt_out
from portal.actions.submission import Arrival
from portal.actions.submitted_file import Examined
from portal.store.answers import Direction
from portal.store.members import Member
from portal.store.outcomes import Closure
from portal.store.policies import Purpose
from portal.store.standings import opted_out
from portal.store.submissions import Submission, SubmissionKind
from portal.web import dates
from portal.web.ops.act import Act, Input, Row
from portal.web.ops.entering.arrival import arrival_inputs
from portal.web.ops.entering.entry import Entry, Review, next_page
from portal.web.ops.entering.pages import entering
from portal.web.ops.entering.whose import act_of, zones_for
from portal.web.ops.members import member_by
from portal.web.text import gettext as _


class ChoiceEntry(Entry):
    """An opt-out, or its end; of a purpose that needs a consent the end takes a reason."""

    def __init__(
        self,
        member: Member,
        purposes: Sequence[Purpose],
        stopped: frozenset[str],
        asked: frozenset[str],
        zones: Sequence[str],
    ) -> None:
        self._member, self._purposes, self.zones = member, {row.key: row for row in purposes}, zones
        self._stopped, self._asked = stopped, asked

    def act(self) -> Act:
        options = [
            (key, row.title, _("Stopped at present.") if key in self._stopped else _("Allowed at present."))
            for key, row in self._purposes.items()
        ]
        turns = [(str(Direction.OUT), _("Stop it")), (str(Direction.IN), _("Allow it again"))]
        reason = _("How you know that the member wants this")
        inputs = arrival_inputs(self.zones, reason=reason if self._asked else "", now_and_then=True)
        return act_of(
            self._member,
            _("Enter an opt-out, or its end"),
            "opt-outs",
            heading=_("What follows"),
            follows=next_page(),
            inputs=[
                Input("purpose", _("Which use of the data"), "radios", options=options),
                Input("turn", _("What the member wants"), "radios", options=turns),
                *[self._when_needed(one) for one in inputs],
            ],
        )

    def _when_needed(self, one: Input) -> Input:
        if one.name != "reason":
            return one
        titles = ", ".join(self._purposes[key].title for key in sorted(self._asked & self._purposes.keys()))
        hint = _("Only to allow again what needs a consent: %(purposes)s.", purposes=titles)
        return Input(one.name, one.label, one.kind, hint, optional=True)

    def wrong(self, given: Mapping[str, Any]) -> dict[str, str]:
        errors = {}
        if given.get("purpose") not in self._purposes:
            errors["purpose"] = _("Choose what it is about.")
        if given.get("turn") not in list(Direction):
            errors["turn"] = _("Choose what the member wants.")
        return errors

    async def enter(
        self, given: Mapping[str, Any], arrival: Arrival, files: Sequence[Examined], by: Actor, at: datetime
    ) -> Submission:
        deed = enter_opt_out if given["turn"] == Direction.OUT else enter_opt_in
        return await deed(self._member.id, given["purpose"], arrival, files, by=by, at=at)

    async def review(self, given: Mapping[str, Any], arrival: Arrival) -> Review:
        title, when = self._purposes[given["purpose"]].title, dates.instant(arrival.received_at, self.zones[0])
        rows: list[Row] = [(_("Which use of the data"), title)]
        if given["turn"] == Direction.OUT:
            follows = [
                _("Your data may not be used for %(purpose)s any more, in all our policies.", purpose=title),
                _("It counts from %(instant)s on. You can allow it again at any time.", instant=when),
            ]
            return Review(rows, _("Your account stays open"), follows, _("Enter the opt-out"), "none")
        follows = [_("Your opt-out of %(purpose)s ends, in all our policies.", purpose=title)]
        if given["purpose"] in self._asked:
            follows.append(_("It counts as your yes, and you can take it back at any time."))
        return Review(rows, _("Your account stays open"), follows, _("Enter that it is allowed again"), "none")

    async def said(self, submission: Submission) -> str:
        if submission.kind is SubmissionKind.OPT_OUT:
            return _("The opt-out is entered under %(number)s.", number=submission.number)
        return _("It is allowed again, under %(number)s.", number=submission.number)


@entering
async def opt_outs(request: Request) -> Entry:
    """At any time, without a deadline."""
    member = await member_by(request)
    purposes = await Purpose.filter(key__in=list(await purposes_to_opt_out_of(member.id))).order_by("title")
    asked = await purposes_that_need_consent(member.id)
    entry = ChoiceEntry(member, purposes, await opted_out(member.id), asked, await zones_for(member))
    if await Closure.exists(member_id=member.id):
        entry.gone = _("The account is closed.")
    elif not purposes:
        entry.gone = _("There is nothing that this member could opt out of.")
    return entry
