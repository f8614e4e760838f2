"""The closing of an account at its member's wish, or because it ended in another way."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.actions.actor import Actor
from portal.actions.outcome import close_account
from portal.rules.errors import RuleBroken
from portal.web.ops.act import Act, Input
from portal.web.ops.member_act import Matter, act_for, member_act
from portal.web.text import gettext as _


async def closure_act(matter: Matter, _now: datetime) -> Act:
    return act_for(
        matter,
        _("Close the account"),
        noun="closure",
        outcome="closure",
        heading=_("The account is closed for good"),
        follows=[
            _("Use this when the account ended for another reason than an objection, such as the member’s own wish."),
            _("The account ends under all policies, for good. No objection can be withdrawn any more."),
            _("The portal tells the company’s systems from then on that nothing may be done with the data."),
            _("The member gets a last mail that says so."),
        ],
        inputs=[Input("note", _("Why"), "textarea", _("For the record; the member does not see it."))],
        label=_("Close the account"),
        statement=_(
            "I want to close the account of member %(id)s. This cannot be undone.", id=matter.member.external_id
        ),
        kind="danger",
    )


@member_act(closure_act)
async def closure(matter: Matter, given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """The account ended for another reason than an objection."""
    if not given.get("note"):
        raise RuleBroken("note_wanted", _("Say why the account is closed."), field="note")
    await close_account(matter.member.id, by=by, at=now, note=given["note"])
    return _("The account is closed.")
