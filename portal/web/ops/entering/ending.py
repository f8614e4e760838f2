"""An objection that is taken back, or confirmed, by letter or call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request

from portal.actions.actor import Actor
from portal.actions.enter_objection import enter_confirmation, enter_withdrawal
from portal.actions.submission import Arrival
from portal.actions.submitted_file import Examined
from portal.store.submissions import Submission
from portal.web.clock import at
from portal.web.member.case import Case
from portal.web.member.declared import withdrawal_follows
from portal.web.ops.act import Act
from portal.web.ops.entering.arrival import arrival_inputs
from portal.web.ops.entering.entry import Entry, Review, next_page
from portal.web.ops.entering.pages import entering
from portal.web.ops.entering.whose import case_for, zones_for
from portal.web.ops.objection import possible_acts, told_by
from portal.web.ops.objection_act import act_on, due_in_words
from portal.web.ops.objection_words import Told
from portal.web.text import gettext as _


class _OfObjection(Entry):
    """About one objection that is in force."""

    noun = ""

    def __init__(self, told: Told, case: Case, zones: Sequence[str]) -> None:
        self._told, self._case, self.zones = told, case, zones
        if self.noun not in {one["noun"] for one in possible_acts(told, case.now)}:
            self.gone = _("That cannot be done with this objection now.")


class WithdrawalEntry(_OfObjection):
    """As long as the account is open; once it cannot be made again, it takes a reason."""

    noun = "withdrawal"

    def act(self) -> Act:
        return act_on(
            self._told,
            _("Withdraw the objection for the member"),
            noun=self.noun,
            heading=_("What follows"),
            follows=next_page(),
            inputs=arrival_inputs(self.zones, reason=_("How you know that the member wants this"), now_and_then=True),
            label=_("Continue"),
        )

    async def enter(
        self, _given: Mapping[str, Any], arrival: Arrival, files: Sequence[Examined], by: Actor, at: datetime
    ) -> Submission:
        return await enter_withdrawal(self._told.objection.id, arrival, files, by=by, at=at)

    async def review(self, _given: Mapping[str, Any], arrival: Arrival) -> Review:
        case, closing = self._case, self._told.objection.closing
        heading = _("Your account stays open") if closing else _("The freeze ends")
        follows = []
        if len(case.standing.objections) > 1:
            follows.append(_("What another objection of yours holds stays where it is."))
        if not case.window.open_or_ahead(arrival.received_at):
            follows += [*withdrawal_follows(case, self._told.objection)]
            follows.append(_("Your time to object is over, so this cannot be undone."))
        else:
            follows.append(_("It is then as if you had not objected."))
            if case.window.open_or_ahead(case.now):
                follows.append(_("You can object again, also to other changes, while your time to object runs."))
        return Review([], heading, follows, _("Withdraw the objection"), "none")

    async def said(self, _submission: Submission) -> str:
        return _("The objection is withdrawn.")


class ConfirmationEntry(_OfObjection):
    """Ops know, by another way than the mailed code, that the member wants the account closed."""

    noun = "confirmation"

    def act(self) -> Act:
        return act_on(
            self._told,
            _("Confirm the objection"),
            noun=self.noun,
            heading=_("What follows"),
            follows=[
                _(
                    "From then on, the account may be closed when the time to withdraw is over: %(when)s.",
                    when=due_in_words(self._told),
                ),
                _("Confirming moves no date: the objection counts from the moment it was received."),
                *next_page()[:1],
            ],
            inputs=arrival_inputs(self.zones, reason=_("How you know that the member wants this")),
            label=_("Continue"),
        )

    def wrong(self, given: Mapping[str, Any]) -> dict[str, str]:
        return {} if given.get("reason") else {"reason": _("Say how you know that the member wants this.")}

    async def enter(
        self, _given: Mapping[str, Any], arrival: Arrival, files: Sequence[Examined], by: Actor, at: datetime
    ) -> Submission:
        return await enter_confirmation(self._told.objection.id, arrival, files, by=by, at=at)

    async def review(self, _given: Mapping[str, Any], _arrival: Arrival) -> Review:
        when = due_in_words(self._told)
        follows = [
            _(
                "From then on, the account may be closed when the time to withdraw is over: %(when)s.",
                when=when,
            ),
            _("Until it is closed, the member can still withdraw the objection."),
        ]
        return Review([], _("The account will be closed"), follows, _("Confirm the objection"))

    async def said(self, _submission: Submission) -> str:
        return _("The objection is confirmed.")


async def _of(request: Request, kind: type[_OfObjection]) -> Entry:
    told = await told_by(request)
    case = await case_for(told.member, told.version.id, at(request))
    return kind(told, case, await zones_for(told.member, told.zone))


@entering
async def withdrawal(request: Request) -> Entry:
    """The member took the objection back."""
    return await _of(request, WithdrawalEntry)


@entering
async def confirmation(request: Request) -> Entry:
    """The member confirmed the objection."""
    return await _of(request, ConfirmationEntry)
