"""May a member object, what would follow, may it be taken back (rules: "Objecting")."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from portal.rules.errors import RuleBroken
from portal.rules.policy import Version
from portal.rules.said import later
from portal.rules.standing import Objection, Standing
from portal.rules.window import deadline


class Refusal(StrEnum):
    """Why an objection or a withdrawal is refused; declared in the order in which the reasons are looked at."""

    ACCOUNT_CLOSED = "account_closed"
    NO_OBJECTION_RIGHT = "no_objection_right"
    NO_NOTICE = "no_notice"
    NOTHING_TO_OBJECT_TO = "nothing_to_object_to"
    ALREADY_OBJECTED = "already_objected"
    LATE = "late"
    UNKNOWN_CHANGE = "unknown_change"
    NO_OBJECTION = "no_objection"


# Where these keep a member from objecting, the opt-out is what is left to offer ("Opt-out instead").
OPT_OUT_INSTEAD = (Refusal.LATE, Refusal.NO_OBJECTION_RIGHT, Refusal.NOTHING_TO_OBJECT_TO)

MESSAGES = {
    Refusal.ACCOUNT_CLOSED: later("The account is closed."),
    Refusal.NO_OBJECTION_RIGHT: later("This version gives no right to object."),
    Refusal.NO_NOTICE: later("This version does not concern the member: not posted yet, or older than the membership."),
    Refusal.NOTHING_TO_OBJECT_TO: later("No change in this version can be objected to."),
    Refusal.ALREADY_OBJECTED: later("An objection to this version is in force already."),
    Refusal.LATE: later("The time to object to this version is over."),
    Refusal.UNKNOWN_CHANGE: later("The objection names a change that cannot be objected to."),
    Refusal.NO_OBJECTION: later("No objection to this version is in force."),
}


def file(version: Version | None, standing: Standing, at: datetime, changes: Iterable[str] = ()) -> Objection:
    """The objection that a member's answer amounts to; no changes named = all objectable ones.

    `version` is None where there is none of that number. Raises RuleBroken with a Refusal as code; `late` names
    `closes_at`.
    """
    version = may_object(version, standing, at)
    chosen = list(changes) or list(version.objectable)
    unknown = [change for change in chosen if change not in version.objectable]
    if unknown:
        raise broken(Refusal.UNKNOWN_CHANGE, changes=unknown)
    purposes = frozenset(purpose for change in chosen for purpose in version.objectable[change])
    return Objection(received_at=at, purposes=purposes, closing=version.closes(purposes))


def may_object(version: Version | None, standing: Standing, at: datetime) -> Version:
    """The version, where this member may object to it at that instant. Raises RuleBroken, reasons in their order."""
    if standing.closed_at is not None:
        raise broken(Refusal.ACCOUNT_CLOSED)
    if version is None:
        raise broken(Refusal.NO_NOTICE)
    if not version.terms.may_object:
        raise broken(Refusal.NO_OBJECTION_RIGHT)
    if at < version.posted_at or not standing.concerned_by(version):
        raise broken(Refusal.NO_NOTICE)
    if not version.objectable:
        raise broken(Refusal.NOTHING_TO_OBJECT_TO)
    if version.number in standing.objections:
        raise broken(Refusal.ALREADY_OBJECTED)
    window = standing.window(version)
    if not window.open_or_ahead(at):
        raise broken(Refusal.LATE, closes_at=window.closes_at)
    return version


def withdraw(version: Version | None, standing: Standing) -> Objection:
    """The objection in force that a withdrawal ends. Raises RuleBroken: `account_closed`, else `no_objection`."""
    if standing.closed_at is not None:
        raise broken(Refusal.ACCOUNT_CLOSED)
    if version is None or version.number not in standing.objections:
        raise broken(Refusal.NO_OBJECTION)
    return standing.objections[version.number]


def due_at(version: Version, standing: Standing, objection: Objection) -> datetime:
    """When a closing objection falls due: at `closes_at`, else when a window opened at its receipt would close."""
    return standing.window(version).closes_at or deadline(objection.received_at, version.terms).closes_at


def broken(why: Refusal, **facts: object) -> RuleBroken:
    """The refusal, with its words."""
    return RuleBroken(why, MESSAGES[why], **facts)
