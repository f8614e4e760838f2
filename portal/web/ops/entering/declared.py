"""An answer that waits for its confirmation, confirmed by letter or call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request

from portal.actions.actor import Actor
from portal.actions.enter_objection import enter_confirmed_declaration
from portal.actions.submission import Arrival
from portal.actions.submitted_file import Examined
from portal.store.submissions import Submission
from portal.web.ops.act import Act
from portal.web.ops.declaration_act import confirmation_act, confirmed_follows
from portal.web.ops.declaration_words import ToldDeclaration
from portal.web.ops.declarations import told_declaration
from portal.web.ops.entering.arrival import arrival_inputs
from portal.web.ops.entering.entry import Entry, Review, next_page
from portal.web.ops.entering.pages import entering
from portal.web.ops.entering.whose import zones_for
from portal.web.text import gettext as _


class DeclarationEntry(Entry):
    """It takes effect as received when it was."""

    def __init__(self, told: ToldDeclaration, zones: Sequence[str]) -> None:
        self._told, self.zones = told, zones
        self.gone = "" if told.open else _("That was decided already.")

    def act(self) -> Act:
        reason = _("How you know that the member wants this")
        inputs = arrival_inputs(self.zones, reason=reason)
        return confirmation_act(self._told, [*confirmed_follows(self._told), *next_page()[:1]], inputs)

    def wrong(self, given: Mapping[str, Any]) -> dict[str, str]:
        return {} if given.get("reason") else {"reason": _("Say how you know that the member wants this.")}

    async def enter(
        self, _given: Mapping[str, Any], arrival: Arrival, files: Sequence[Examined], by: Actor, at: datetime
    ) -> Submission:
        return await enter_confirmed_declaration(self._told.row.id, arrival, files, by=by, at=at)

    async def review(self, _given: Mapping[str, Any], _arrival: Arrival) -> Review:
        return Review([], _("It takes effect"), confirmed_follows(self._told), _("Confirm the answer"))

    async def said(self, _submission: Submission) -> str:
        return _("The answer is confirmed.")


@entering
async def confirmation(request: Request) -> Entry:
    """Ops know, by another way than the mailed code, that it came from the member."""
    told = await told_declaration(request)
    return DeclarationEntry(told, await zones_for(told.member, told.zone))
