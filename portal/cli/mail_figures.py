"""Campaigns as a terminal shows them, and as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table

from portal.store.campaigns import CampaignStatus
from portal.store.holds import CampaignHold
from portal.store.mail_domains import HeldBack
from portal.store.notices import NoticeState
from portal.web.ops.campaign import span_words

BAR = 40


def status_json(status: CampaignStatus, domains: Sequence[HeldBack]) -> dict[str, Any]:
    """Numbers by state, of which `bounced` are among `accepted`; instants in UTC; `seconds_left` null if unknown.

    `domains`: those whose mail is held back, of all campaigns.
    """
    progress, hold = status.progress, status.hold
    return {
        "policy": status.version.policy.slug,
        "version": status.version.number,
        "phase": str(status.phase),
        "owed": progress.to_mail,
        "to_go": status.to_go,
        "states": {str(state): progress.states[state] for state in NoticeState if state is not NoticeState.POSTED},
        "bounced": progress.bounced,
        "seen": progress.seen,
        "rate_per_minute": round(status.rate, 1),
        "seconds_left": round(status.left.total_seconds()) if status.left is not None else None,
        "held": _hold_json(hold) if hold else None,
        "domains": [_domain_json(one) for one in domains] if status.to_go else [],
    }


Names = Mapping[str, str]


def campaigns_table(found: list[CampaignStatus], names: Names) -> Table:
    """A line a campaign. `names`: actors as holds write them -> what to call them."""
    table = Table(box=None, pad_edge=False)
    table.add_column("policy")
    for name in ("version", "owed", "accepted", "to go", "failed", "a minute"):
        table.add_column(name, justify="right")
    table.add_column("state")
    for one in found:
        states = one.progress.states
        stuck = states[NoticeState.FAILED] + states[NoticeState.REFUSED]
        numbers = (one.version.number, one.progress.to_mail, states[NoticeState.ACCEPTED], one.to_go, stuck)
        table.add_row(
            one.version.policy.slug,
            *(f"{number:,}" for number in numbers),
            _rate(one) or "–",
            escape(_phase(one, names)),
        )
    return table


def status_shown(status: CampaignStatus, names: Names) -> RenderableType:
    """One campaign: a bar, the funnel as a table, rate and time left."""
    progress = status.progress
    tried, owed = progress.tried, progress.to_mail
    title = escape(f"{status.version.policy.title}, version {status.version.number}")
    head = f"[bold]{title}[/]: {escape(_phase(status, names))}"
    bar = Table.grid(padding=(0, 1))
    bar.add_row(ProgressBar(total=owed or 1, completed=tried, width=BAR), f"{_share(tried, owed)} of {owed:,} tried")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column(justify="right")
    for name, number in _lines(status):
        table.add_row(name, f"{number:,}", _share(number, owed))
    speed = f"{_rate(status)} accepted a minute" if _rate(status) else ""
    left = f"{span_words(status.left)} left" if status.left is not None else ""
    ends = [", ".join(part for part in (speed, left) if part)] if speed or left else []
    why = [escape(status.hold.reason)] if status.hold else []
    return Group(head, *why, bar, table, *ends)


def _lines(status: CampaignStatus) -> list[tuple[str, int]]:
    states = status.progress.states
    shown = [state for state in NoticeState if state not in (NoticeState.POSTED, NoticeState.ACCEPTED)]
    rare = (NoticeState.SENDING, NoticeState.UNKNOWN, NoticeState.FAILED, NoticeState.REFUSED)
    return [
        *[(str(state), states[state]) for state in shown if states[state] or state not in rare],
        ("accepted", states[NoticeState.ACCEPTED]),
        ("  bounced", status.progress.bounced),
        ("seen", status.progress.seen),
    ]


def _phase(status: CampaignStatus, names: Names) -> str:
    if status.hold is None:
        return str(status.phase)
    return held_shown(status.hold, names[status.hold.held_by])


def held_shown(hold: CampaignHold, who: str) -> str:
    return f"paused by {who} at {hold.held_at:%Y-%m-%d %H:%M} UTC"


def _rate(status: CampaignStatus) -> str:
    return f"{status.rate:,.0f}" if status.rate else ""


def _share(number: int, total: int) -> str:
    return f"{100 * number / total:.1f} %" if total else "0 %"


def domains_shown(lines: Sequence[tuple[str, str]]) -> list[str]:
    """Domains whose mail is held back, with the reason: a line each, below a heading."""
    return ["", "[bold]held back[/]", *(escape(f"{domain}: {words}") for domain, words in lines)] if lines else []


def _domain_json(one: HeldBack) -> dict[str, Any]:
    until = one.paused_until.isoformat() if one.paused_until else None
    return {"domain": one.domain, "waiting": one.waiting, "paused_until": until, "reply": one.reply}


def _hold_json(hold: CampaignHold) -> dict[str, Any]:
    return {"by": hold.held_by, "at": hold.held_at.isoformat(), "reason": hold.reason}
