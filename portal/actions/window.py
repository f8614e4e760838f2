"""Keeping a notice's window: what the rules compute from its facts (rules: "When the window opens and closes")."""

from portal.actions.opening import counted
from portal.rules.policy import Version as PublishedVersion
from portal.rules.window import Delivery, Window, deadline, window
from portal.store.notices import Notice
from portal.store.policies import Version
from portal.store.standings import deliveries_of, published_versions


async def refresh_window(member_id: int, version_id: int) -> Window:
    """Recomputes `effective_at`, `opens_at` and `closes_at` of a notice and stores them, with how they were counted.

    Call it inside of the transaction that wrote a fact about the notice. A closing instant stays as it was first
    counted for its opening instant, whatever a newer holiday table says. Raises tortoise's DoesNotExist where there
    is no notice.
    """
    notice = await Notice.get(member_id=member_id, version_id=version_id)
    version = await Version.get(id=version_id).only("id", "policy_id")
    published = (await published_versions(version.policy_id))[version_id]
    known = await deliveries_of(member_id, [notice])
    found = move_window(notice, published, known[notice.id])
    await notice.save(update_fields=["effective_at", "opens_at", "closes_at", "counted"])
    return found


def move_window(notice: Notice, published: PublishedVersion, known: Delivery) -> Window:
    """Sets the window that follows from what is known of the notice; the caller saves the row."""
    found = window(published, known)
    if (notice.opens_at, notice.closes_at) != (found.opens_at, found.closes_at):
        notice.counted = counted_window(published, found)
    notice.effective_at, notice.opens_at, notice.closes_at = found.effective_at, found.opens_at, found.closes_at
    return found


def counted_window(published: PublishedVersion, found: Window) -> dict[str, object] | None:
    """How the window was counted; None where it does not close."""
    if found.opens_at is None or found.closes_at is None:
        return None
    return counted(deadline(found.opens_at, published.terms))
