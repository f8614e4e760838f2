"""An objection as ops reads it: its state, its due date, what it covers, in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.store.answers import Confirmation, ObjectedChange, Objection, Way
from portal.store.members import Member
from portal.store.objection_queue import OVERDUE_AFTER, due_dates
from portal.store.outcomes import Closure, Settlement
from portal.store.policies import Classification, Policy, Version
from portal.store.publications import purpose_titles
from portal.web.text import gettext as _
from portal.web.text import ngettext

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Told:
    """An objection with what belongs to it. `due_at` (UTC) only where an account is to be closed."""

    objection: Objection
    member: Member
    policy: Policy
    version: Version
    confirmed: bool
    settled: bool
    closed: bool
    due_at: datetime | None
    covers: str

    @property
    def zone(self) -> str:
        return str(self.version.terms.get("zone", "UTC"))

    @property
    def open(self) -> bool:
        return self.objection.withdrawn_at is None and not self.closed

    def state(self, now: datetime) -> str:
        """A state of the component `layout.status`."""
        if self.objection.withdrawn_at is not None:
            return "withdrawn"
        if not self.objection.closing:
            return "settled" if self.settled else "closed" if self.closed else "frozen"
        if self.closed:
            return "closed"
        if not self.confirmed:
            return "unconfirmed"
        return self._due_state(now)

    def late(self, now: datetime) -> str:
        """The mark of its row in a list: due, overdue, or none."""
        if not self.open or self.due_at is None:
            return ""
        state = self._due_state(now)
        return "" if state == "closing" else state

    def _due_state(self, now: datetime) -> str:
        if self.due_at is None or now < self.due_at:
            return "closing"
        return "overdue" if now >= self.due_at + OVERDUE_AFTER else "due"


async def tell(objections: Sequence[Objection]) -> list[Told]:
    """The objections with all that a list of them shows, in the same order."""
    ids = [objection.id for objection in objections]
    member_ids = [objection.member_id for objection in objections]
    members = {row.id: row for row in await Member.filter(id__in=member_ids)}
    versions = await Version.filter(id__in=[objection.version_id for objection in objections]).select_related("policy")
    by_id = {version.id: version for version in versions}
    confirmed = {row.objection_id for row in await Confirmation.filter(objection_id__in=ids)}
    settled = {row.objection_id for row in await Settlement.filter(objection_id__in=ids)}
    closed = {row.member_id for row in await Closure.filter(member_id__in=member_ids)}
    covered = await purposes_covered(ids)
    titles, due = await purpose_titles(), await due_dates(objections)
    return [
        Told(
            objection=objection,
            member=members[objection.member_id],
            policy=by_id[objection.version_id].policy,
            version=by_id[objection.version_id],
            confirmed=objection.id in confirmed,
            settled=objection.id in settled,
            closed=objection.member_id in closed,
            due_at=due.get(objection.id),
            covers=covers_words(covered[objection.id], by_id[objection.version_id], titles),
        )
        for objection in objections
    ]


async def tell_one(objection: Objection) -> Told:
    return (await tell([objection]))[0]


async def purposes_covered(objection_ids: Sequence[int]) -> dict[int, list[list[str]]]:
    """Objection id -> the purposes of each change it covers."""
    links = await ObjectedChange.filter(objection_id__in=objection_ids).values_list("objection_id", "change_id")
    given = await Classification.filter(change_id__in={change_id for _, change_id in links})
    purposes = {row.change_id: list(row.purposes) for row in given}
    found: dict[int, list[list[str]]] = {objection_id: [] for objection_id in objection_ids}
    for objection_id, change_id in links:
        found[objection_id].append(purposes.get(change_id, []))
    return found


def covers_words(changes: Sequence[Iterable[str]], version: Version, titles: Mapping[str, str]) -> str:
    """`2 changes: Marketing, Billing`; opt-in purposes are never covered."""
    objectable = {key for key, treatment in version.treatments.items() if treatment != "opt_in"}
    purposes = sorted({titles.get(key, key) for change in changes for key in change if key in objectable})
    return ": ".join((ngettext("%(num)s change", "%(num)s changes", len(changes)), ", ".join(purposes)))


def due_words(due_at: datetime, now: datetime) -> str:
    """`in 3 days`, `today`, `5 days ago`, for beside the date."""
    seconds = (due_at - now).total_seconds()
    days = int(abs(seconds) // DAY_SECONDS)
    if days == 0:
        return _("within a day") if seconds > 0 else _("less than a day ago")
    if seconds > 0:
        return ngettext("in %(num)s day", "in %(num)s days", days)
    return ngettext("%(num)s day ago", "%(num)s days ago", days)


def way_name(way: str) -> str:
    """How an answer came."""
    names = {
        Way.LINK: _("by the link in the mail"),
        Way.ACCOUNT: _("in the account"),
        Way.LETTER: _("by letter"),
        Way.CALL: _("by telephone"),
        Way.REPLY: _("by a reply to the mail"),
        Way.IN_PERSON: _("in person"),
        Way.EMAIL: _("by e-mail"),
    }
    return names.get(Way(way), way)
