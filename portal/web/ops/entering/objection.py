"""An objection that came by letter or call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request

from portal.actions.actor import Actor
from portal.actions.enter_objection import enter_objection
from portal.actions.submission import Arrival
from portal.actions.submitted_file import Examined
from portal.rules import objection as rules
from portal.rules.errors import RuleBroken
from portal.rules.objection import Refusal
from portal.store.answers import Objection
from portal.store.submissions import Submission
from portal.web import dates
from portal.web.clock import at
from portal.web.member.case import Case
from portal.web.member.changes import Told, told
from portal.web.member.consequence import consequence_of
from portal.web.member.deadline import how_counted
from portal.web.member.notice import options_of
from portal.web.ops.act import Act, Input, Row
from portal.web.ops.entering.arrival import arrival_inputs
from portal.web.ops.entering.entry import Entry, Refused, Review, next_page
from portal.web.ops.entering.pages import entering
from portal.web.ops.entering.whose import act_of, case_for, version_asked, zones_for
from portal.web.ops.members import member_by
from portal.web.text import gettext as _


class ObjectionEntry(Entry):
    """To all changes of a version that can be objected to, or to chosen ones."""

    def __init__(self, case: Case, changes: Told, zones: Sequence[str]) -> None:
        self._case, self._changes, self.zones = case, changes, zones
        self._standing = case.standing

    def act(self) -> Act:
        return act_of(
            self._case.reader.member,
            _("Enter an objection"),
            "objections",
            case=self._case,
            rows=[(_("Time to object ends"), self._ends())],
            heading=_("What follows"),
            follows=next_page(),
            inputs=self._inputs(),
        )

    def _inputs(self) -> list[Input]:
        changes = Input(
            "changes",
            _("Changes objected to"),
            "checkboxes",
            _("None ticked: all of them. What you read is what the member reads."),
            options=options_of(self._case, self._changes),
        )
        return [changes, *arrival_inputs(self.zones)]

    def _ends(self) -> str:
        closes_at = self._case.window.closes_at
        return dates.instant(closes_at, self._case.zone) if closes_at else _("no end yet")

    async def enter(
        self, given: Mapping[str, Any], arrival: Arrival, files: Sequence[Examined], by: Actor, at: datetime
    ) -> Submission:
        member_id, version_id = self._case.reader.member.id, self._case.row.id
        return await enter_objection(member_id, version_id, given["changes"], arrival, files, by=by, at=at)

    async def review(self, given: Mapping[str, Any], arrival: Arrival) -> Review:
        filed = rules.file(self._case.ruled, self._standing, arrival.received_at, given["changes"])
        consequence = consequence_of(self._case, filed)
        covered = [key for key in self._case.ruled.objectable if not given["changes"] or key in given["changes"]]
        names = "; ".join(self._changes.names.get(key, key) for key in covered)
        follows = [*consequence.sentences, consequence.take_back]
        rows: list[Row] = [(_("Changes objected to"), names), (_("In time"), self._in_time())]
        if filed.closing:
            rows.append((_("Then"), self._to_be_confirmed()))
        return Review(rows, consequence.heading, follows, _("Enter the objection"), consequence.outcome)

    def _in_time(self) -> str:
        if self._case.window.closes_at is None:
            return _("yes: no time runs yet")
        return _("yes: it arrived before the time to object ended")

    def _to_be_confirmed(self) -> str:
        if self._case.address:
            return _(
                "It has to be confirmed: a code is mailed to %(address)s; or you confirm it on the objection’s page.",
                address=self._case.address,
            )
        return _("It has to be confirmed: there is no mail address, so you confirm it on the objection’s page.")

    async def said(self, submission: Submission) -> str:
        objection = await Objection.get(id=submission.objection_id)
        if objection.closing:
            return _(
                "The objection is entered under %(number)s. It closes the account, and has to be confirmed.",
                number=objection.number,
            )
        return _("The objection is entered under %(number)s.", number=objection.number)

    def refused(self, broken: RuleBroken) -> Refused:
        closes_at = broken.facts.get("closes_at")
        if broken.code != Refusal.LATE or not isinstance(closes_at, datetime):
            return super().refused(broken)
        when = dates.instant(closes_at, self._case.zone)
        words = _("That was too late: the time to object ended %(when)s. The member can opt out instead.", when=when)
        opt_out = f"/staff/members/{self._case.reader.member.id}/opt-outs"
        instead: Row = (_("Instead"), _("An opt-out is possible at any time."), opt_out, _("Enter an opt-out"))
        return Refused(words, "day", [*how_counted(self._case), instead])


@entering
async def objections(request: Request) -> Entry:
    """`?version=` names the version; what counts is when it arrived."""
    member = await member_by(request)
    case = await case_for(member, version_asked(request), at(request))
    return ObjectionEntry(case, await told(case), await zones_for(member, case.zone))
