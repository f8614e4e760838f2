"""Mail other than notices: written down in the transaction of what it tells, sent afterwards by a job."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from portal.rules.said import later
from portal.store.contacts import last_address
from portal.store.outbox import MailKind, OutgoingMail

NO_ADDRESS = later("no address")


async def queue_mail(
    kind: MailKind,
    *,
    member_id: int | None = None,
    staff_id: int | None = None,
    about: Mapping[str, int | str],
    at: datetime,
) -> OutgoingMail:
    """Writes down a mail to a member's last address, or to one of the staff. `about` holds ids only.

    One of kind `new_address` goes to the address of the change that `about` names.

    Its Message-ID is only a random token until the mail is first sent, when the sender's domain is added. Call it
    inside of the action's `transaction()`, and wake the jobs afterwards. It refuses nothing: a member without an
    address gets a row that has failed, with the reply `no address`, which ops sees.
    """
    to_change = kind is MailKind.NEW_ADDRESS  # which is none of the member's addresses yet
    address = await last_address(member_id) if member_id is not None and not to_change else None
    unreachable = member_id is not None and address is None and not to_change
    return await OutgoingMail.create(
        kind=kind,
        member_id=member_id,
        address_id=address.id if address else None,
        staff_id=staff_id,
        about=dict(about),
        state="failed" if unreachable else "queued",
        reply=NO_ADDRESS if unreachable else "",
        next_attempt_at=at,
        message_id=secrets.token_hex(16),
        created_at=at,
    )
