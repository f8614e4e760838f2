"""Notices in a list, each with how far its mailing came and what went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.store.notices import Bounce, Notice, NoticeState, Refusal, Sending, Sight


@dataclass(frozen=True, slots=True)
class Attempted:
    """What is known of the mailing of one notice; `reason` is why it was not reached, in the server's words."""

    notice: Notice
    address: str
    attempts: int
    reason: str
    bounced: bool


async def attempted(notices: Sequence[Notice]) -> list[Attempted]:
    """The notices with their last sending and the reason of what went wrong."""
    ids = [notice.id for notice in notices]
    last: dict[int, Sending] = {}
    kept: set[int] = {row.notice_id for row in await Sight.filter(notice_id__in=ids)}
    bounces = await Bounce.filter(notice_id__in=ids).order_by("id").prefetch_related("remark")
    came_back = {row.sending_id for row in bounces}
    for sending in await Sending.filter(notice_id__in=ids).order_by("number").prefetch_related("address"):
        last[sending.notice_id] = sending
        if sending.accepted_at and sending.id not in came_back:
            kept.add(sending.notice_id)
    refused = {row.notice_id: row.code for row in await Refusal.filter(notice_id__in=ids).order_by("id")}
    reasons = {row.notice_id: row.remark.text if row.remark else "" for row in bounces}
    return [
        Attempted(
            notice=notice,
            address=tried.address.address if (tried := last.get(notice.id)) else "",
            attempts=tried.attempts if tried else 0,
            reason=reasons.get(notice.id, "") or (tried.reply if tried else "") or refused.get(notice.id, ""),
            bounced=notice.state is NoticeState.ACCEPTED and notice.id not in kept,
        )
        for notice in notices
    ]
