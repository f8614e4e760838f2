"""A yes to an opt-in purpose of a version, by letter or call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request

from portal.actions.actor import Actor
from portal.actions.enter_choice import enter_consent
from portal.actions.submission import Arrival
from portal.actions.submitted_file import Examined
from portal.store.submissions import Submission
from portal.web.clock import at
from portal.web.member.case import Case
from portal.web.member.declared import consent_follows
from portal.web.ops.act import Act, Input
from portal.web.ops.entering.arrival import arrival_inputs
from portal.web.ops.entering.entry import Entry, Review, next_page
from portal.web.ops.entering.pages import entering
from portal.web.ops.entering.whose import act_of, case_for, version_asked, zones_for
from portal.web.ops.members import member_by
from portal.web.text import gettext as _


class ConsentEntry(Entry):
    """It takes a reason, as a consent does that did not come from somebody signed in."""

    def __init__(self, case: Case, zones: Sequence[str]) -> None:
        self._case, self.zones = case, zones
        if not case.asked:
            self.gone = _("This version asks for no consent.")
        elif case.standing.closed_at is not None:
            self.gone = _("The account is closed.")

    def act(self) -> Act:
        options = [(purpose, self._case.title_of(purpose), self._state(purpose)) for purpose in self._case.asked]
        return act_of(
            self._case.reader.member,
            _("Enter a consent"),
            "consents",
            case=self._case,
            heading=_("What follows"),
            follows=next_page(),
            inputs=[
                Input("purpose", _("What the member said yes to"), "radios", options=options),
                *arrival_inputs(self.zones, reason=_("How you know that the member wants this")),
            ],
        )

    def _state(self, purpose: str) -> str:
        if purpose in self._case.standing.opted_out:
            return _("The member has opted out of it; a yes that came after that lifts it.")
        consented = self._case.standing.consents.get(purpose, 0) >= self._case.number
        return _("The member has said yes already.") if consented else _("The member has not said yes.")

    def wrong(self, given: Mapping[str, Any]) -> dict[str, str]:
        errors = {}
        if given.get("purpose") not in self._case.asked:
            errors["purpose"] = _("Choose what the member said yes to.")
        if not given.get("reason"):
            errors["reason"] = _("Say how you know that the member wants this.")
        return errors

    async def enter(
        self, given: Mapping[str, Any], arrival: Arrival, files: Sequence[Examined], by: Actor, at: datetime
    ) -> Submission:
        member_id, version_id = self._case.reader.member.id, self._case.row.id
        return await enter_consent(member_id, version_id, given["purpose"], arrival, files, by=by, at=at)

    async def review(self, given: Mapping[str, Any], _arrival: Arrival) -> Review:
        purpose, title = given["purpose"], self._case.title_of(given["purpose"])
        follows = [consent_follows(self._case, purpose)]
        if purpose in self._case.standing.opted_out:
            follows.append(_("Your opt-out of %(purpose)s ends, in all our policies.", purpose=title))
        follows.append(_("You can take it back at any time, by opting out."))
        rows = [(_("What the member said yes to"), title)]
        return Review(rows, _("Your account stays open"), follows, _("Enter the consent"), "none")

    async def said(self, submission: Submission) -> str:
        return _("The consent is entered under %(number)s.", number=submission.number)


@entering
async def consents(request: Request) -> Entry:
    """`?version=` names the version that asks for it."""
    member = await member_by(request)
    case = await case_for(member, version_asked(request), at(request))
    return ConsentEntry(case, await zones_for(member, case.zone))
