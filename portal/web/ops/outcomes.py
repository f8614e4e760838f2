"""What ops does with an objection by themselves: reject, settle, close.

What they do for the member, confirming and withdrawing, has two pages: `entering/ending.py`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.actions.actor import Actor
from portal.actions.outcome import close_for_objection, settle_freeze
from portal.actions.rejection import reject_objection
from portal.web.ops.act import Act, Input
from portal.web.ops.objection_act import act_on, due_in_words, objection_act
from portal.web.ops.objection_words import Told
from portal.web.text import gettext as _


def rejection_act(told: Told, _now: datetime) -> Act:
    stands = (
        _("It took the place of another objection. That one stands again, as it was received, and the member is told.")
        if told.objection.amends_id
        else _("From then on, the new version applies to the account like to any other.")
    )
    return act_on(
        told,
        _("Reject the objection"),
        noun="rejection",
        outcome="none",
        heading=_("The objection has no effect any more"),
        follows=[
            _("Rejecting an objection that nobody has confirmed is the same as withdrawing it."),
            _("The member gets a receipt of it by mail, and may object again while the time to object runs."),
            stands,
        ],
        inputs=[],
        label=_("Reject the objection"),
        statement=_("I have reason to believe that this objection did not come from the member."),
    )


@objection_act(rejection_act)
async def rejection(told: Told, _given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """An unconfirmed objection did not come from the member."""
    restored = await reject_objection(told.objection.id, by=by, at=now)
    if restored is not None:
        return _("The objection is rejected. The one before it stands again as %(number)s.", number=restored.number)
    return _("The objection is rejected.")


def settlement_act(told: Told, _now: datetime) -> Act:
    before = told.version.number - 1
    return act_on(
        told,
        _("Confirm the freeze"),
        noun="settlement",
        outcome="freeze",
        heading=_("The account stays open"),
        follows=[
            _(
                "What was collected before the objection stays under version %(number)s for: %(purposes)s.",
                number=before,
                purposes=told.covers.partition(": ")[2],
            ),
            _("It stays so whatever is published later, until the member withdraws."),
            _("Confirming records that the company’s systems keep to it. It changes nothing for the member."),
        ],
        inputs=[
            Input(
                "note",
                _("How the systems keep to it"),
                "textarea",
                _("Such as: segment rebuilt from the portal’s answers, ticket 4711."),
                optional=True,
            )
        ],
        label=_("Confirm the freeze"),
    )


@objection_act(settlement_act)
async def settlement(told: Told, given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """The company's systems keep to a freeze."""
    await settle_freeze(told.objection.id, by=by, at=now, note=given.get("note", ""))
    return _("The freeze is confirmed.")


def closure_act(told: Told, now: datetime) -> Act:
    early = told.due_at is not None and now < told.due_at
    inputs = [Input("note", _("Note"), "textarea", _("For the record; the member does not see it."), optional=True)]
    if early:
        hint = _("The member could withdraw until %(when)s. Only the member may shorten that.", when=due_in_words(told))
        inputs.insert(
            0, Input("early", _("The member asked for closing it before that"), "checkbox", hint, optional=True)
        )
    return act_on(
        told,
        _("Close the account"),
        noun="closure",
        outcome="closure",
        heading=_("The account is closed for good"),
        follows=[
            _("The account ends under all policies, for good. The objection cannot be withdrawn any more."),
            _("The portal tells the company’s systems from then on that nothing may be done with the data."),
            _("The member gets a last mail that says so."),
        ],
        inputs=inputs,
        label=_("Close the account"),
        statement=_("I want to close the account of member %(id)s. This cannot be undone.", id=told.member.external_id),
        kind="danger",
    )


@objection_act(closure_act)
async def closure(told: Told, given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """The account that a confirmed objection asks to close."""
    early = bool(given.get("early"))
    await close_for_objection(told.objection.id, by=by, at=now, early=early, note=given.get("note", ""))
    return _("The account is closed.")
