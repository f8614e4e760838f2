"""What ops does to reach a member: another address, another sending, a delivery on paper; and a bounce."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.actions.actor import Actor
from portal.actions.address import correct_address, send_again
from portal.actions.notice import record_bounce, record_letter
from portal.rules.errors import RuleBroken
from portal.store.notices import SightWay
from portal.web.ops.act import Act, Input, day_input, read_instant
from portal.web.ops.member_act import Matter, act_for, member_act
from portal.web.text import gettext as _


async def address_act(matter: Matter, _now: datetime) -> Act:
    return act_for(
        matter,
        _("Correct the mail address"),
        noun="addresses",
        rows=[(_("Mail address"), matter.address or _("none on file"))],
        heading=_("What follows"),
        follows=[
            _("Notices that did not reach this member are sent to the new address at once."),
            _("Codes, receipts and sign-in links go to it from now on. The earlier address stays in the history."),
        ],
        inputs=[
            Input("address", _("New mail address"), "email", _("Such as name@example.org, as the member gave it."))
        ],
        label=_("Use this address"),
    )


@member_act(address_act)
async def addresses(matter: Matter, given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """The member gave another address."""
    await correct_address(matter.member.id, str(given.get("address", "")), by=by, at=now)
    return _("The address is corrected.")


async def sending_act(matter: Matter, _now: datetime) -> Act:
    return act_for(
        matter,
        _("Send the notice again"),
        noun="sendings",
        rows=[(_("Mail address"), matter.address or _("none on file"))],
        heading=_("What follows"),
        follows=[
            _("It is sent once more, to this address. If that one is wrong, correct it instead: that sends it, too."),
            _("The member’s time to object runs from the instant at which a server accepts it."),
        ],
        inputs=[],
        label=_("Send it again"),
    )


@member_act(sending_act, of_notice=True)
async def sendings(matter: Matter, _given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """The notice did not reach the member, and the address is right."""
    if not await send_again(matter.member.id, matter.told.version.id, by=by, at=now):
        raise RuleBroken("not_owed", _("There is nothing to send again: the notice is on its way, or has arrived."))
    return _("The notice is sent again.")


async def sight_act(matter: Matter, _now: datetime) -> Act:
    follows = [_("If the mail was not delivered, the member’s time to object runs from that day.")]
    if matter.told.ruled.terms.by_email:
        follows.append(_("If the mail was refused for good, the version takes effect for this member with it."))
    return act_for(
        matter,
        _("Record a delivery"),
        noun="sights",
        heading=_("What follows"),
        follows=follows,
        inputs=[
            Input(
                "way",
                _("How the notice was delivered"),
                "radios",
                options=[("letter", _("By letter")), ("in_person", _("In person"))],
            ),
            day_input("day", _("Day of delivery"), _("By the days of %(zone)s.", zone=matter.zone)),
            Input("note", _("Reference"), "text", _("Such as the number of the registered letter."), width="medium"),
        ],
        label=_("Record the delivery"),
    )


@member_act(sight_act, of_notice=True)
async def sights(matter: Matter, given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """The notice was delivered on paper or in person."""
    if given.get("way") not in ("letter", "in_person"):
        raise RuleBroken("way_wanted", _("Choose how it was delivered."), field="way")
    if not given.get("note"):
        raise RuleBroken("note_wanted", _("Enter a reference by which the delivery can be proved."), field="note")
    sight = await record_letter(
        matter.member.id,
        matter.told.version.id,
        way=SightWay(given["way"]),
        by=by,
        at=now,
        received_at=read_instant(given, "day", "", matter.zone, now),
        note=given["note"],
    )
    if sight is None:
        raise RuleBroken(
            "no_effect", _("On that day there was nothing to deliver: the version was not posted yet."), field="day"
        )
    return _("The delivery is recorded.")


async def bounce_act(matter: Matter, _now: datetime) -> Act:
    standing = [one for one in matter.told.sendings if one.accepted_at and matter.told.bounce_of(one) is None]
    options = [("", _("The latest one that has not come back"))] + [
        (str(one.number), _("Number %(number)s, to %(address)s", number=one.number, address=one.address.address))
        for one in standing
    ]
    return act_for(
        matter,
        _("Record a bounce"),
        noun="bounces",
        heading=_("What follows"),
        follows=[
            _("If nothing else reached the member, their time to object stands open until something does."),
            _("The version stays in effect for them: a bounce never moves that."),
        ],
        inputs=[
            Input("sending", _("Which sending came back"), "select", options=options, optional=True),
            day_input("day", _("Day on which it came back"), _("By the days of %(zone)s.", zone=matter.zone)),
            Input(
                "note",
                _("What the message said"),
                "textarea",
                _("The reason, such as “mailbox does not exist”."),
                optional=True,
            ),
        ],
        label=_("Record the bounce"),
    )


@member_act(bounce_act, of_notice=True)
async def bounces(matter: Matter, given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """A mail came back to somebody's inbox, not to the portal's."""
    number = str(given.get("sending", ""))
    bounce = await record_bounce(
        matter.member.id,
        matter.told.version.id,
        sending=int(number) if number.isdecimal() and len(number) < 6 else None,
        by=by,
        at=now,
        received_at=read_instant(given, "day", "", matter.zone, now),
        note=given.get("note", ""),
    )
    if bounce is None:
        raise RuleBroken("no_effect", _("No sending of before that day is left to come back."), field="day")
    return _("The bounce is recorded.")
