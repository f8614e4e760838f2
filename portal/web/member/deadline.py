"""A member's deadline in words: until when, in which zone, how many days are left, and how they were counted."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.rules.policy import DayCount
from portal.rules.window import deadline
from portal.store.notices import NoticeState, SightWay
from portal.web.dates import day, instant, instant_bare, iso
from portal.web.member.case import Case
from portal.web.text import gettext as _
from portal.web.text import ngettext


@dataclass(frozen=True, slots=True)
class Deadline:
    """What the component `change.deadline` shows. `state`: open, not_open, closed, none. `until` is for sentences.

    `exact`: the first instant that is too late. `counted`: how it was counted, in steps of (what, words). `why`: why no
    time runs yet.
    """

    state: str
    at: str = ""
    until: str = ""
    zone: str = ""
    iso: str = ""
    exact: str = ""
    days_left: int = 0
    counted: tuple[tuple[str, str], ...] = ()
    why: str = ""


def deadline_of(case: Case) -> Deadline | None:
    """The box; None where there is nothing to object to."""
    if not case.ruled.terms.may_object:
        return Deadline("none")
    if not case.ruled.objectable:
        return None
    closes_at = case.window.closes_at
    if closes_at is None:
        return Deadline("not_open", why=_why_not_open(case))
    is_open, last = case.now < closes_at, until(case, closes_at)
    return Deadline(
        state="open" if is_open else "closed",
        at=last if is_open else _at(case, closes_at),
        until=last,
        zone=case.zone,
        iso=iso(closes_at),
        exact=instant_bare(closes_at, case.zone),
        days_left=days_left(case, closes_at),
        counted=how_counted(case),
    )


def until(case: Case, closes_at: datetime) -> str:
    """`the end of Sunday, 22 March 2026`; the instant itself where days are counted as hours."""
    if case.ruled.terms.day_count is DayCount.ELAPSED:
        return instant_bare(closes_at, case.zone)
    return _("the end of %(day)s", day=day(_last_day(case, closes_at)))


def _at(case: Case, closes_at: datetime) -> str:
    if case.ruled.terms.day_count is DayCount.ELAPSED:
        return instant_bare(closes_at, case.zone)
    return _("at the end of %(day)s", day=day(_last_day(case, closes_at)))


def days_left(case: Case, closes_at: datetime) -> int:
    """Whole days in the policy's zone; 0 on the last one."""
    today = case.now.astimezone(ZoneInfo(case.zone)).date()
    return max(0, (_last_day(case, closes_at) - today).days)


def how_counted(case: Case) -> tuple[tuple[str, str], ...]:
    """Steps that let the reader count after us: when it opened, the days, the zone, the rule, the exact instant."""
    window, terms = case.window, case.ruled.terms
    if window.opens_at is None or window.closes_at is None:
        return ()
    steps = [(_("The time began"), _start(case, window.opens_at))]
    if terms.day_count is DayCount.ELAPSED:
        steps.append((_("Days"), _elapsed(terms.objection_days)))
    else:
        steps += _in_days(case, window.opens_at, window.closes_at)
    exact = _(
        "An objection is in time if it reaches us before %(instant)s, which is %(utc)s.",
        instant=instant(window.closes_at, case.zone),
        utc=instant(window.closes_at, "UTC"),
    )
    return (*steps, (_("The time ends"), exact))


def _elapsed(days: int) -> str:
    return ngettext(
        "The time is %(num)s day of 24 hours from then.", "The time is %(num)s days of 24 hours from then.", days
    )


def _in_days(case: Case, opens_at: datetime, closes_at: datetime) -> list[tuple[str, str]]:
    terms, last_day = case.ruled.terms, _last_day(case, closes_at)
    counted_to = opens_at.astimezone(ZoneInfo(case.zone)).date() + timedelta(days=terms.objection_days)
    days = _(
        "The day it began does not count. Day %(number)s is %(day)s.", number=terms.objection_days, day=day(counted_to)
    )
    rule = _rule(case)
    if last_day != counted_to:
        rule += " " + _("That day is one of these, so the last day is %(day)s.", day=day(last_day))
    return [
        (_("Days"), days),
        (_("Time zone"), _("The days are those of %(zone)s.", zone=case.zone)),
        (_("Rule"), rule),
    ]


def _rule(case: Case) -> str:
    terms = case.ruled.terms
    if terms.day_count is not DayCount.WORKING:
        return _("The time ends when the last day ends. Weekends and public holidays count like any other day.")
    if terms.holidays is None:
        free = _("A Saturday or a Sunday cannot be the last day; then the next day that is neither is the last.")
    else:
        free = _(
            "A Saturday, a Sunday or a public holiday of %(region)s cannot be the last day; then the next day that is "
            "none of these is the last.",
            region=terms.holidays,
        )
    return _("%(rule)s (Regulation (EEC, Euratom) No 1182/71, article 3(4))", rule=free)


def _last_day(case: Case, closes_at: datetime) -> date:
    """The local day that ends with the closing; of elapsed time, the day it falls on."""
    kept = (case.notice.counted or {}).get("last_day")
    if kept and case.notice.closes_at == closes_at:
        return date.fromisoformat(kept)
    opens_at, terms = case.window.opens_at, case.ruled.terms
    counted = deadline(opens_at, terms) if opens_at else None
    if counted and counted.last_day and counted.closes_at == closes_at:
        return counted.last_day
    moment = closes_at if terms.day_count is DayCount.ELAPSED else closes_at - timedelta(seconds=1)
    return moment.astimezone(ZoneInfo(case.zone)).date()


def _start(case: Case, opens_at: datetime) -> str:
    """What the days count from."""
    when, delivery = instant(opens_at, case.zone), case.delivery
    if not case.ruled.terms.by_email:
        return _("This version was posted on %(instant)s.", instant=when)
    if opens_at in delivery.sent:
        return _("Your mail server accepted our notice on %(instant)s.", instant=when)
    if case.sight and opens_at == delivery.seen_at:
        told = {
            SightWay.ACCOUNT: _("You opened the notice in your account on %(instant)s.", instant=when),
            SightWay.LETTER: _("The notice was delivered to you by letter on %(instant)s.", instant=when),
            SightWay.IN_PERSON: _("The notice was handed to you on %(instant)s.", instant=when),
        }
        return told[case.sight.way]
    return _("The notice had reached you, and this version applied to you, on %(instant)s.", instant=when)


def _why_not_open(case: Case) -> str:
    days = case.ruled.terms.objection_days
    rule = ngettext(
        "You have %(num)s day from the moment a notice reaches you.",
        "You have %(num)s days from the moment a notice reaches you.",
        days,
    )
    return f"{_what_happened(case)} {rule}"


def _what_happened(case: Case) -> str:
    delivery = case.delivery
    if delivery.sent:
        return _("Our mail to %(address)s came back, so it does not count.", address=case.address)
    if case.notice.state is NoticeState.REFUSED or delivery.refused:
        if case.address:
            return _("We could not deliver our mail to %(address)s.", address=case.address)
        return _("We have no mail address of yours.")
    return _("Our mail to %(address)s is on its way.", address=case.address)
