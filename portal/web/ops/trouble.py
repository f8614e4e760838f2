"""Why nothing, or not everything, is sent at present, as ops is told it."""

from dataclasses import dataclass

from portal.store.outage import Outage
from portal.web.text import gettext as _


@dataclass(frozen=True, slots=True)
class Trouble:
    """`said` may be the mail server's own words. `then`: what comes of it."""

    heading: str
    said: str
    then: str


def trouble_of(outage: Outage | None, relay: str, too_large: str) -> Trouble | None:
    """What the jobs of this process know; a worker on another host says it in its log. `relay`: why it cannot be used;
    `too_large`: why messages are left out."""
    if outage is not None:
        then = _("Nothing is sent that cannot be recorded. It goes on by itself.")
        return Trouble(_("The database takes nothing at present"), _words(outage), then)
    if relay:
        return Trouble(_("The mail server takes nothing at present"), relay, _("It is tried again every minute."))
    if too_large:
        heading = _("Some messages are too large for the mail server")
        then = _("They stay owed and are tried again every minute. All others are sent.")
        return Trouble(heading, too_large, then)
    return None


def _words(outage: Outage) -> str:
    match outage:
        case Outage.FULL:
            return _("Its disk is full.")
        case Outage.BEHIND:
            return _("It lacks what this version of the portal needs. Run: manage.py migrate")
    return _("It cannot be reached, or takes no writing.")
