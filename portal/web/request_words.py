"""Requests in words: what is asked for, and what happened to it, for members and for staff."""

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from portal.store.requests import RequestKind
from portal.web import dates
from portal.web.text import gettext as _


def kind_title(kind: RequestKind) -> str:
    """`Close my account`, as a member asks for it."""
    return {
        RequestKind.CLOSING: _("Close my account"),
        RequestKind.EXPORT: _("Give me a copy of my data to take elsewhere"),
        RequestKind.ACCESS: _("Give me access to all that you hold about me"),
        RequestKind.ADDRESS: _("Change my mail address without the old one"),
    }[kind]


def kind_about(kind: RequestKind) -> str:
    """What the member gets, in a sentence."""
    return {
        RequestKind.CLOSING: _("We end all your policies with us and close the account, for good."),
        RequestKind.EXPORT: _(
            "You get what you gave us, from all our systems, in a form that other companies can read "
            "(GDPR, article 20)."
        ),
        RequestKind.ACCESS: _(
            "You get everything that we hold about you in all our systems, what we use it for, and who gets it "
            "(GDPR, article 15)."
        ),
        RequestKind.ADDRESS: _("Our staff check in another way that it is you, and then use the new address."),
    }[kind]


def staff_title(kind: RequestKind) -> str:
    """`Closing of the account`, as staff speak of it."""
    return {
        RequestKind.CLOSING: _("Closing of the account"),
        RequestKind.EXPORT: _("Copy of the data"),
        RequestKind.ACCESS: _("Access to the data"),
        RequestKind.ADDRESS: _("Change of address"),
    }[kind]


def due_instant(due_at: datetime, zones: Sequence[str]) -> str:
    """`2 April 2026, 00:00 (Europe/Berlin)`: in that of the zones in which a day begins then."""
    begins = (zone for zone in zones if due_at.astimezone(ZoneInfo(zone)).time() == time())
    return dates.instant(due_at, next(begins, None))
