"""What ops enters for a member who answered on paper or by telephone, and the closing of an account at their wish."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.actions.actor import Actor
from portal.actions.objection import file_objection
from portal.actions.outcome import close_account
from portal.rules.errors import RuleBroken
from portal.store.answers import Way
from portal.store.publications import purpose_titles
from portal.web import dates
from portal.web.ops.act import Act, Input, day_input, read_instant
from portal.web.ops.member_act import Matter, act_for, member_act
from portal.web.published import cards_of_version
from portal.web.text import gettext as _


async def objection_act(matter: Matter, _now: datetime) -> Act:
    titles, ruled = await purpose_titles(), matter.told.ruled
    options = [
        (
            card.id,
            " ".join((card.label or "", card.heading or _("Opening of the text"))).strip(),
            ", ".join(titles.get(purpose, purpose) for purpose in sorted(ruled.objectable[card.id])),
        )
        for card in await cards_of_version(matter.told.version)
        if card.id in ruled.objectable
    ]
    window = matter.told.facts.standing.window(ruled)
    ends = dates.instant(window.closes_at, matter.zone) if window.closes_at else _("no end yet")
    return act_for(
        matter,
        _("Enter an objection"),
        noun="objections",
        rows=[(_("Time to object ends"), ends)],
        heading=_("What follows"),
        follows=[
            _("It counts from the day on which it arrived, not from today. If that was in time, it is in time."),
            _("A separable purpose is frozen; a change with an inseparable one closes the account, once confirmed."),
            _("The member gets a receipt by mail."),
        ],
        inputs=[
            Input(
                "way",
                _("How it came"),
                "radios",
                options=[
                    ("letter", _("By letter")),
                    ("call", _("By telephone")),
                    ("reply", _("By a reply to the mail")),
                ],
            ),
            day_input("day", _("Day on which it arrived"), _("By the days of %(zone)s.", zone=matter.zone)),
            Input(
                "time",
                _("Time of day"),
                "time",
                _("If it matters; empty: by the end of that day."),
                optional=True,
                width="short",
            ),
            Input("changes", _("Changes objected to"), "checkboxes", _("None ticked: all of them."), options=options),
            Input(
                "note", _("Reference"), "text", _("Where the letter or the note of the call is kept."), width="medium"
            ),
        ],
        label=_("Enter the objection"),
    )


@member_act(objection_act, of_notice=True)
async def objections(matter: Matter, given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """A member objected by letter or call; what counts is when it arrived."""
    if given.get("way") not in ("letter", "call", "reply"):
        raise RuleBroken("way_wanted", _("Choose how it came."), field="way")
    if not given.get("note"):
        raise RuleBroken("note_wanted", _("Enter a reference by which it can be found again."), field="note")
    try:
        objection = await file_objection(
            matter.member.id,
            matter.told.version.id,
            given["changes"],
            way=Way(given["way"]),
            by=by,
            at=now,
            received_at=read_instant(given, "day", "time", matter.zone, now),
            reason=given["note"],
        )
    except RuleBroken as broken:
        if broken.code == "late":
            raise RuleBroken("late", _late(broken, matter.zone), field="day") from broken
        raise
    if objection.closing:
        return _(
            "The objection is entered under %(number)s. It closes the account, and has to be confirmed.",
            number=objection.number,
        )
    return _("The objection is entered under %(number)s.", number=objection.number)


def _late(broken: RuleBroken, zone: str) -> str:
    closes_at = broken.facts.get("closes_at")
    when = dates.instant(closes_at, zone) if isinstance(closes_at, datetime) else ""
    return _("That was too late: the time to object ended %(when)s. The member can opt out instead.", when=when)


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
