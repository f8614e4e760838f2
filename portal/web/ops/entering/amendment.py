"""An objection that the member changed by letter or call: another one in its place, both halves or neither."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request

from portal.actions.actor import Actor
from portal.actions.amendment import without
from portal.actions.enter_objection import enter_amendment
from portal.actions.submission import Arrival
from portal.actions.submitted_file import Examined
from portal.rules.errors import RuleBroken
from portal.store.submissions import Submission
from portal.web.clock import at
from portal.web.member.case import Case
from portal.web.member.changes import Told as ToldChanges
from portal.web.member.changes import told as told_changes
from portal.web.ops.act import Act
from portal.web.ops.entering.entry import Refused, next_page
from portal.web.ops.entering.objection import ObjectionEntry
from portal.web.ops.entering.pages import entering
from portal.web.ops.entering.whose import case_for, zones_for
from portal.web.ops.objection import told_by
from portal.web.ops.objection_act import act_on
from portal.web.ops.objection_words import Told
from portal.web.text import gettext as _


class AmendmentEntry(ObjectionEntry):
    """Judged as if the objection before it were not there."""

    def __init__(self, told: Told, case: Case, changes: ToldChanges, zones: Sequence[str]) -> None:
        super().__init__(case, changes, zones)
        self._told, self._standing = told, without(case.ruled, case.standing)
        if not told.open or len(case.ruled.objectable) < 2:
            self.gone = _("That cannot be done with this objection now.")

    def act(self) -> Act:
        follows = _("This objection is taken back, and the other one takes its place: either both happens, or nothing.")
        return act_on(
            self._told,
            _("Change the objection for the member"),
            noun="amendment",
            heading=_("What follows"),
            follows=[follows, *next_page()],
            inputs=self._inputs(),
            label=_("Continue"),
        )

    async def enter(
        self, given: Mapping[str, Any], arrival: Arrival, files: Sequence[Examined], by: Actor, at: datetime
    ) -> Submission:
        return await enter_amendment(self._told.objection.id, given["changes"], arrival, files, by=by, at=at)

    def refused(self, broken: RuleBroken) -> Refused:
        return Refused(_(broken.message), "changes") if broken.code == "nothing_amended" else super().refused(broken)


@entering
async def amendment(request: Request) -> AmendmentEntry:
    """The member objects to other changes instead."""
    told = await told_by(request)
    case = await case_for(told.member, told.version.id, at(request))
    return AmendmentEntry(told, case, await told_changes(case), await zones_for(told.member, told.zone))
