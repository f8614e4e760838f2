"""What the page of a campaign shows: how far it is, how fast it goes, who holds it, and what servers answered."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request

from portal.actions.actor import SYSTEM
from portal.actions.hold import REFUSING
from portal.mail.limits import Limits, interval_of
from portal.store.campaigns import CampaignStatus, Phase, campaign_status
from portal.store.error_groups import ErrorGroup, error_groups
from portal.store.holds import CampaignHold
from portal.store.mail_domains import HeldBack, held_back
from portal.store.notices import NoticeState
from portal.store.policies import Version
from portal.store.staff import Staff
from portal.web import dates
from portal.web.clock import at
from portal.web.ops.funnel import described, funnel, lines
from portal.web.ops.trouble import trouble_of
from portal.web.text import gettext as _
from portal.web.text import ngettext, number

# The page asks for itself again while a campaign runs; nothing else of the portal's pages fetches anything.
LIVE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MOST_ERRORS = 20


async def campaign(request: Request, version: Version) -> dict[str, Any]:
    """The campaign as the template `staff/_campaign.html` wants it."""
    now = at(request)
    status = await campaign_status(version, now)
    groups = await error_groups(version.id)
    retried = sum(status.progress.states[state] for state in (NoticeState.FAILED, NoticeState.UNKNOWN))
    return {
        "status": status,
        "phase": status.phase,
        "running": status.phase in (Phase.RUNNING, Phase.WAITING),
        "held": await held_words(status.hold) if status.hold else "",
        "held_because": hold_reason(status.hold) if status.hold else "",
        "trouble": trouble_of(*request.app.state.jobs.troubles) if status.to_go else None,
        "domains": await domain_lines(now, request.app.state.settings.domain_rates) if status.to_go else [],
        "figures": figures(status),
        "funnel": funnel(status.progress),
        "lines": lines(status.progress),
        "described": described(status.progress),
        "errors": groups[:MOST_ERRORS],
        "more_errors": sum(group.number for group in groups[MOST_ERRORS:]),
        "groups": groups,
        "may_retry": retried + status.progress.states[NoticeState.REFUSED] > 0,
        "now": now,
    }


def figures(status: CampaignStatus) -> list[tuple[str, str]]:
    """(number, label): how much is left, how fast, how long."""
    found = [(number(status.to_go), ngettext("notice to go", "notices to go", status.to_go))]
    if status.phase is Phase.RUNNING and status.rate:
        found.append((number(round(status.rate) or round(status.rate, 1)), _("accepted a minute")))
    if status.left is not None:
        found.append((span_words(status.left), _("left at this rate")))
    return found


def span_words(span: timedelta) -> str:
    """`3 min`, `2 h 10 min`, `3 days`: as much as one wants to know of what is guessed anyway."""
    minutes = round(span / timedelta(minutes=1))
    if minutes < 1:
        return _("under 1 min")
    if minutes < 60:
        return _("%(minutes)s min", minutes=minutes)
    if minutes < 48 * 60:
        return _("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)
    return ngettext("%(num)s day", "%(num)s days", round(minutes / 1440))


async def domain_lines(now: datetime, rates: Mapping[str, int]) -> list[tuple[str, str]]:
    """(domain, why, how many, until when) of those whose mail is held back; `rates` as the settings have them."""
    limits = Limits(rates)
    return [(one.domain, _domain_words(one, limits.of(one.domain), now)) for one in await held_back(now)]


def _domain_words(one: HeldBack, rate: int, now: datetime) -> str:
    shown = number(one.waiting)
    waiting = ngettext("%(shown)s notice waits.", "%(shown)s notices wait.", one.waiting, shown=shown)
    if one.paused_until is not None:
        until = dates.instant(one.paused_until)
        asked = _("Its server asked for fewer messages; nothing is sent there before %(until)s.", until=until)
        return " ".join(filter(None, (asked, waiting if one.waiting else "", one.reply)))
    if not rate:
        return _("%(waiting)s They go on within a minute.", waiting=waiting)
    last = now + one.waiting * interval_of(rate) + timedelta(seconds=59)
    most = ngettext(
        "It gets %(shown)s notice a minute.", "It gets %(shown)s notices a minute.", rate, shown=number(rate)
    )
    until = dates.instant(last.replace(second=0, microsecond=0))
    return " ".join((most, waiting, _("The last of them has its turn at about %(until)s.", until=until)))


def hold_reason(hold: CampaignHold) -> str:
    """Why, as whoever holds it said it; what the portal itself said, in the reader's language."""
    before, _place, _after = REFUSING.partition("%")
    if hold.held_by == str(SYSTEM) and hold.reason.startswith(before):
        return _(REFUSING, trouble=hold.reason.removeprefix(before))
    return hold.reason


async def held_words(hold: CampaignHold) -> str:
    """`by Olga Ops, 2 March 2026, 10:00 UTC`."""
    return _("by %(who)s, %(when)s", who=await actor_name(hold.held_by), when=dates.instant(hold.held_at))


async def actor_name(actor: str) -> str:
    """The name of whoever is written `staff:3` or `system`."""
    kind, _colon, row = actor.partition(":")
    if kind != "staff":
        return _("the portal itself")
    person = await Staff.get_or_none(id=int(row))
    return person.name if person else _("former staff")


def group_name(group: ErrorGroup) -> str:
    """What a group of errors says; those that never left are told in our own words."""
    if group.replies:
        return _(group.text) if group.text else _("No words")
    names = {"no_address": _("There is no mail address")}
    return names.get(group.code, _("The mail address is none that a mail can go to"))
