"""A proof of a draft's mail, to the one who asks for it."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.draft_content import lock_open_draft, staff_id
from portal.actions.outgoing import queue_mail
from portal.actions.record import record
from portal.store.connections import transaction
from portal.store.outbox import MailKind, OutgoingMail


async def send_proof(draft_id: int, *, by: Actor, at: datetime) -> OutgoingMail:
    """Writes down a mail as members would get it, to the actor. One that still waits to be sent is not doubled.

    Raises RuleBroken: `no_draft`, `draft_published`, `draft_dropped`, `staff_only`.
    """
    person = staff_id(by)
    async with transaction():
        draft = await lock_open_draft(draft_id)
        async for waiting in OutgoingMail.filter(kind=MailKind.PROOF, staff_id=person, state="queued", attempts=0):
            if waiting.about == {"draft": draft_id}:
                return waiting
        mail = await queue_mail(MailKind.PROOF, staff_id=person, about={"draft": draft_id}, at=at)
        await record("draft.proofed", by, at, policy_id=draft.policy_id, draft=draft_id, digest=draft.digest)
        return mail
