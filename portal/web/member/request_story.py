"""What happened to a request, told to its member: when, and by whom as far as that is theirs to know."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.store.events import Event
from portal.store.requests import MemberRequest
from portal.web import dates
from portal.web.text import gettext as _


@dataclass(frozen=True, slots=True)
class Step:
    """An entry of the component `layout.timeline`."""

    title: str
    at: str
    iso: str
    text: str
    href: str = ""


def story_of(request: MemberRequest, events: Sequence[Event]) -> list[Step]:
    """The steps in their order; `events` are the member's."""
    mine = [event for event in events if event.facts.get("number") == request.number]
    return [_step(request, event) for event in mine]


def _step(request: MemberRequest, event: Event) -> Step:
    titles = {
        "request.received": _("Received"),
        "request.extended": _("Put off"),
        "request.answered": _("Answered"),
        "request.refused": _("Refused"),
        "request.withdrawn": _("Taken back"),
    }
    told = {
        "request.extended": request.extension,
        "request.answered": request.answer,
        "request.refused": request.answer,
    }
    said = told.get(event.action)
    parts = [by_whom(event.actor), said.text if said else ""]
    return Step(
        title=titles.get(event.action, event.action),
        at=dates.instant(event.received_at),
        iso=dates.iso(event.received_at),
        text=": ".join(part for part in parts if part),
    )


def by_whom(actor: str) -> str:
    """Who it was, by role only: members never read the names of staff."""
    kind = actor.partition(":")[0]
    if kind == "member":
        return _("by you")
    if kind == "staff":
        return _("by our staff")
    return _("by one of our systems") if kind == "token" else _("by the portal itself")
