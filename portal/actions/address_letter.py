"""The two mails about a change of address: to the new one, which proves it, and to the old one, which may say no."""

from datetime import datetime
from typing import Any

from portal.actions.address_change import is_waiting
from portal.actions.request_rows import zone_for
from portal.keys import Keys
from portal.mail.compose import Letter, Sender
from portal.store.address_changes import AddressChange
from portal.store.contacts import masked
from portal.store.outbox import MailKind, OutgoingMail


async def address_letter(mail: OutgoingMail, keys: Keys, sender: Sender, at: datetime) -> Letter | None:
    """The letter; None where the change is over. To the new address it names nobody: a stranger may read there."""
    change = await AddressChange.get(id=int(mail.about["change"]))
    if not await is_waiting(change, at):
        return None
    new = mail.kind is MailKind.NEW_ADDRESS
    token = keys.address_link(change.member_id, change.id, new=new)
    told: dict[str, Any] = {
        "link": f"{sender.portal}/address/{token}",
        "expires_at": change.expires_at,
        "asked_at": change.received_at,
        "zone": await zone_for(change.member_id),
        "alone": change.old_address_id is None,
        "new_address": masked(change.address),
    }
    return Letter(str(mail.kind), told)
