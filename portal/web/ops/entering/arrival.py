"""Who asked, how it came, when it arrived, where it is kept: the fields that all that ops enter has in common."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from portal.actions.submission import Arrival
from portal.rules.errors import RuleBroken
from portal.store.answers import Way
from portal.store.submissions import ENTERED_WAYS
from portal.web import dates
from portal.web.ops.act import Input, Row, day_input, read_instant
from portal.web.ops.objection_words import way_name
from portal.web.text import gettext as _

MEMBER, REPRESENTATIVE = "member", "representative"
LONGEST_NAME, LONGEST_REFERENCE, LONGEST_REMARK = 200, 300, 2000


def arrival_inputs(zones: Sequence[str], *, reason: str = "", now_and_then: bool = False) -> list[Input]:
    """The controls. `zones`: in which the time can be given, the usual one first. `reason`: asks how ops know; empty
    does not. `now_and_then`: the reason is needed in some cases only.
    """
    day_hint = _("By the days of %(zone)s.", zone=zones[0]) if len(zones) == 1 else _("In the time zone chosen below.")
    asked = [(MEMBER, _("The member")), (REPRESENTATIVE, _("Somebody who represents the member"))]
    inputs = [
        Input("asked_by", _("Who asked"), "radios", options=asked),
        Input(
            "representative",
            _("Name of who represents the member"),
            hint=_("Only if it was not the member. Make sure that they may, and say how under the remark."),
            optional=True,
        ),
        Input("way", _("How it came"), "radios", options=[(str(way), _way_option(way)) for way in ENTERED_WAYS]),
        day_input("day", _("Day on which it arrived"), day_hint),
        Input(
            "time",
            _("Time of day"),
            "time",
            _("If it matters; empty: by the end of that day."),
            optional=True,
            width="short",
        ),
    ]
    if len(zones) > 1:
        inputs.append(Input("zone", _("Time zone"), "select", options=[(zone, zone) for zone in zones]))
    inputs += [
        Input("note", _("Reference"), "text", _("Where the letter or the note of the call is kept."), width="medium"),
        Input("remark", _("Remark"), "textarea", _("What else the next person should know."), optional=True),
    ]
    if reason:
        hint = _("Such as: called back at the number in the contract, 14 March, spoke to the account’s owner.")
        if now_and_then:
            hint = _("Only if it arrived when the time to object was over.") + " " + hint
        inputs.append(Input("reason", reason, "textarea", hint, optional=now_and_then))
    return inputs


def _way_option(way: Way) -> str:
    return {
        Way.LETTER: _("By letter"),
        Way.CALL: _("By telephone"),
        Way.IN_PERSON: _("In person"),
        Way.REPLY: _("By a reply to the mail"),
        Way.EMAIL: _("By another e-mail"),
    }[way]


def arrived(given: Mapping[str, Any], zones: Sequence[str], now: datetime) -> tuple[Arrival | None, dict[str, str]]:
    """What was typed; None with an error for each field that is not in order."""
    errors = _missing(given)
    way = str(given.get("way", ""))
    if way not in ENTERED_WAYS:
        errors["way"] = _("Choose how it came.")
    received_at = now
    try:
        received_at = read_instant(given, "day", "time", _zone(given, zones), now)
    except RuleBroken as broken:
        errors[str(broken.facts["field"])] = _(broken.message)
    for name, most in (("representative", LONGEST_NAME), ("note", LONGEST_REFERENCE), ("remark", LONGEST_REMARK)):
        if len(str(given.get(name, ""))) > most:
            errors[name] = _("Use at most %(max_length)s characters.", max_length=most)
    if len(str(given.get("reason", ""))) > LONGEST_REMARK:
        errors["reason"] = _("Use at most %(max_length)s characters.", max_length=LONGEST_REMARK)
    if errors:
        return None, errors
    by_another = given["asked_by"] == REPRESENTATIVE
    arrival = Arrival(
        way=Way(way),
        received_at=received_at,
        reference=given["note"],
        representative=given["representative"] if by_another else "",
        remark=given.get("remark", ""),
        reason=given.get("reason", ""),
    )
    return arrival, {}


def _missing(given: Mapping[str, Any]) -> dict[str, str]:
    errors = {}
    asked_by = given.get("asked_by")
    if asked_by not in (MEMBER, REPRESENTATIVE):
        errors["asked_by"] = _("Choose who asked.")
    elif asked_by == REPRESENTATIVE and not given.get("representative"):
        errors["representative"] = _("Enter the name of who represents the member.")
    elif asked_by == MEMBER and given.get("representative"):
        errors["asked_by"] = _("You named somebody who represents the member: choose that, or empty the name.")
    if not given.get("note"):
        errors["note"] = _("Enter a reference by which it can be found again.")
    return errors


def _zone(given: Mapping[str, Any], zones: Sequence[str]) -> str:
    asked = str(given.get("zone", ""))
    return asked if asked in zones else zones[0]


def arrival_rows(given: Mapping[str, Any], arrival: Arrival, zones: Sequence[str]) -> list[Row]:
    """The same in words, to be checked before the button."""
    rows: list[Row] = [
        (_("Who asked"), arrival.representative or _("the member")),
        (_("How it came"), way_name(arrival.way)),
        (_("Arrived"), dates.instant(arrival.received_at, _zone(given, zones))),
        (_("Reference"), arrival.reference),
    ]
    if arrival.remark:
        rows.append((_("Remark"), arrival.remark))
    if arrival.reason:
        rows.append((_("How you know that the member wants this"), arrival.reason))
    return rows
