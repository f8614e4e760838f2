"""The mails about a member's request: its receipt, and what became of it."""

from typing import Any

from portal.actions.request_rows import zone_for
from portal.mail.compose import Letter, Sender
from portal.store.outbox import OutgoingMail
from portal.store.requests import MemberRequest
from portal.store.zones import zones_of


async def request_letter(mail: OutgoingMail, sender: Sender) -> Letter:
    """A receipt, or news: answered, refused or extended, with what ops told."""
    request = await MemberRequest.get(id=int(mail.about["request"])).select_related("answer", "extension")
    news = str(mail.about.get("news", ""))
    said = request.extension if news == "extended" else request.answer
    told: dict[str, Any] = {
        "request": request,
        "kind": str(request.kind),
        "zone": await zone_for(request.member_id),
        "due_zone": next(iter(await zones_of(request.member_id)), "UTC"),
        "news": news,
        "told": said.text if said else "",
        "link": f"{sender.portal}/account/requests/{request.number}",
    }
    return Letter(str(mail.kind), told)
