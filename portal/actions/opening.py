"""When a window opened at an instant closes, and how that was counted."""

from datetime import datetime

from portal.rules.policy import NoticeTerms
from portal.rules.window import Deadline, deadline
from portal.store.owed import Opening


def opening(posted_at: datetime, terms: NoticeTerms) -> Opening | None:
    """The window of everybody, where posting opens it; None where a mail has to. No `closes_at` with 0 days."""
    if terms.by_email:
        return None
    if not terms.may_object:
        return Opening(posted_at, None, None)
    closing = deadline(posted_at, terms)
    return Opening(posted_at, closing.closes_at, counted(closing))


def counted(closing: Deadline) -> dict[str, object]:
    """How a closing instant was counted: what a notice keeps against later updates of zone and holiday tables. The rest
    stands in the version's terms, which never alter."""
    return {
        "last_day": closing.last_day.isoformat() if closing.last_day else None,
        "moved_past": [day.isoformat() for day in closing.moved_past],
    }
