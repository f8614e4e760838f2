"""What ops has to do about objections: the queue, by what waits for whom and by due date."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise import connections
from tortoise.queryset import QuerySet

from portal.rules.policy import NoticeTerms
from portal.rules.window import deadline
from portal.store.answers import Objection
from portal.store.connections import READER
from portal.store.notices import Notice
from portal.store.policies import Version
from portal.store.statement import stored_instant

# A closing that is due is work for today; what has waited longer than this has been overlooked.
OVERDUE_AFTER = timedelta(days=3)

# An answer that has to be confirmed is the member's to confirm for this long; after that it is for ops.
MEMBERS_TIME = timedelta(hours=48)

CLOSINGS = """
SELECT o.id, o.version_id, o.received_at, o.recorded_at, n.closes_at,
       EXISTS (SELECT 1 FROM one_time_code c WHERE c.member_id = o.member_id AND c.objection_id = o.id) AS asked,
       EXISTS (SELECT 1 FROM confirmation k WHERE k.member_id = o.member_id AND k.objection_id = o.id) AS confirmed
FROM objection o
JOIN notice n ON n.member_id = o.member_id AND n.version_id = o.version_id
WHERE o.withdrawn_at IS NULL AND o.closing
  AND NOT EXISTS (SELECT 1 FROM closure c WHERE c.member_id = o.member_id)
"""


class Waiting(StrEnum):
    """The part of the queue that an objection stands in."""

    UNCONFIRMED = "unconfirmed"
    OVERDUE = "overdue"
    DUE = "due"
    MEMBER = "member"
    CLOSING = "closing"
    FREEZES = "freezes"


@dataclass(frozen=True, slots=True)
class OpenClosing:
    """A closing objection in force of an open account; `due_at` (UTC) is when the account may be closed.

    `ops_at` (UTC): from when on it is for ops to find out whether the member wants it, if nobody has confirmed it.
    """

    id: int
    version_id: int
    due_at: datetime
    ops_at: datetime
    confirmed: bool

    def waiting(self, now: datetime) -> Waiting:
        if not self.confirmed:
            return Waiting.UNCONFIRMED if now >= self.ops_at else Waiting.MEMBER
        if now < self.due_at:
            return Waiting.CLOSING
        return Waiting.OVERDUE if now >= self.due_at + OVERDUE_AFTER else Waiting.DUE


def for_ops_at(recorded_at: datetime, *, asked: bool) -> datetime:
    """From when on an unconfirmed answer is for ops: at once where no code could be mailed (`asked`)."""
    return recorded_at + MEMBERS_TIME if asked else recorded_at


async def open_closings() -> list[OpenClosing]:
    """Every closing objection that is still to be dealt with, the first due first."""
    rows = await connections.get(READER).execute_query_dict(CLOSINGS)
    terms = await _terms({row["version_id"] for row in rows})
    found = [
        OpenClosing(
            id=row["id"],
            version_id=row["version_id"],
            due_at=stored_instant(row["closes_at"])
            if row["closes_at"]
            else deadline(stored_instant(row["received_at"]), terms[row["version_id"]]).closes_at,
            ops_at=for_ops_at(stored_instant(row["recorded_at"]), asked=bool(row["asked"])),
            confirmed=bool(row["confirmed"]),
        )
        for row in rows
    ]
    return sorted(found, key=lambda closing: (closing.due_at, closing.id))


async def due_dates(objections: Sequence[Objection]) -> dict[int, datetime]:
    """Closing objection's id -> when it falls due for closing (UTC; rules: "Objecting")."""
    closing = [objection for objection in objections if objection.closing]
    version_ids = {objection.version_id for objection in closing}
    terms = await _terms(version_ids)
    notices = Notice.filter(member_id__in={objection.member_id for objection in closing}, version_id__in=version_ids)
    closes = {(notice.member_id, notice.version_id): notice.closes_at for notice in await notices}
    return {
        objection.id: closes.get((objection.member_id, objection.version_id))
        or deadline(objection.received_at, terms[objection.version_id]).closes_at
        for objection in closing
    }


def open_freezes() -> QuerySet[Objection]:
    """Freezes that the company's systems have not confirmed yet, the oldest first."""
    return Objection.filter(closing=False, withdrawn_at=None, settlements__id=None, member__closures__id=None).order_by(
        "received_at", "id"
    )


async def _terms(version_ids: Collection[int]) -> dict[int, NoticeTerms]:
    versions = await Version.filter(id__in=list(version_ids)).only("id", "terms")
    return {version.id: NoticeTerms.from_json(version.terms) for version in versions}


async def in_force_of(version_id: int) -> tuple[int, int]:
    """How many objections to the version are in force: freezes, and closings (of closed accounts, too)."""
    mine = Objection.filter(version_id=version_id, withdrawn_at=None)
    return await mine.filter(closing=False).count(), await mine.filter(closing=True).count()
