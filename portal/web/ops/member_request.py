"""What ops enters for a member who asked for something by letter or by telephone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.actions.actor import Actor
from portal.actions.request import ASKED, ask
from portal.rules.errors import RuleBroken
from portal.store.answers import Way
from portal.store.outcomes import Closure
from portal.store.requests import RequestKind
from portal.store.zones import zones_of
from portal.web.ops.act import Act, Input, day_input, read_instant
from portal.web.ops.member_act import Matter, act_for, member_act
from portal.web.request_words import due_instant, staff_title
from portal.web.text import gettext as _

WAYS = (Way.LETTER, Way.CALL, Way.REPLY)


async def request_act(matter: Matter, _now: datetime) -> Act:
    closed = await Closure.exists(member_id=matter.member.id)
    kinds = [kind for kind in ASKED if not (closed and kind is RequestKind.CLOSING)]
    return act_for(
        matter,
        _("Enter a request"),
        noun="requests",
        heading=_("What follows"),
        follows=[
            _("It is to be answered within 30 days of the day on which it arrived, and never later than a month."),
            _("The member gets a receipt by mail, and can follow the request in the account."),
        ],
        inputs=[
            Input("kind", _("What is asked for"), "radios", options=[(str(kind), staff_title(kind)) for kind in kinds]),
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
            day_input("day", _("Day on which it arrived"), _("By the days of %(zone)s.", zone=await _zone(matter))),
            Input(
                "note", _("Reference"), "text", _("Where the letter or the note of the call is kept."), width="medium"
            ),
        ],
        label=_("Enter the request"),
    )


@member_act(request_act)
async def requests(matter: Matter, given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """A member asked by letter or call; the time to answer runs from its arrival."""
    if given.get("kind") not in ASKED:
        raise RuleBroken("kind_wanted", _("Choose what is asked for."), field="kind")
    if given.get("way") not in WAYS:
        raise RuleBroken("way_wanted", _("Choose how it came."), field="way")
    if not given.get("note"):
        raise RuleBroken("note_wanted", _("Enter a reference by which it can be found again."), field="note")
    asked = await ask(
        matter.member.id,
        RequestKind(given["kind"]),
        way=Way(given["way"]),
        by=by,
        at=now,
        received_at=read_instant(given, "day", "", await _zone(matter), now),
        reference=given["note"],
    )
    return _(
        "The request is on record under %(number)s, to be answered before %(when)s.",
        number=asked.number,
        when=due_instant(asked.due_at, await zones_of(matter.member.id)),
    )


async def _zone(matter: Matter) -> str:
    return next(iter(await zones_of(matter.member.id)), "UTC")
