"""What the portal recorded besides: sign-ins, mails, events. These lists may be long, and are read piece by piece."""

from collections.abc import AsyncIterator

from portal.store.access import MemberSession
from portal.store.events import Event
from portal.store.outbox import OutgoingMail
from portal.store.replies import replies_to
from portal.store.returned import ReturnedMatch
from portal.web.data import schema
from portal.web.data.schema import By, Part
from portal.web.data.whose import Whose, in_pieces

# Of an event's facts these say something to the member; the others are row ids.
FACTS = ("number", "closing", "purposes", "purpose", "changes", "way", "kind", "attempt", "side")
BY: dict[str, By] = {"member": "member", "staff": "staff", "token": "company_system"}


async def sign_ins(whose: Whose) -> AsyncIterator[Part]:
    async for row in in_pieces(MemberSession.filter(**whose.mine)):
        yield schema.SignIn(at=row.created_at, ends_at=row.expires_at, ended_at=row.ended_at)


async def mails(whose: Whose) -> AsyncIterator[Part]:
    async for row in in_pieces(OutgoingMail.filter(**whose.mine)):
        yield schema.Mail(kind=str(row.kind), written_at=row.created_at, state=row.state, accepted_at=row.accepted_at)


async def returned_mails(whose: Whose) -> AsyncIterator[Part]:
    """What they said is not in it: it lies in the inbox, and is erased there."""
    became = {one.returned_id: one for one in await replies_to(whose.record.member.id)}
    async for match in in_pieces(ReturnedMatch.filter(**whose.mine).select_related("returned")):
        row, reply = match.returned, became.get(match.returned_id)
        yield schema.ReturnedMail(
            kind=str(row.kind),
            received_at=row.received_at,
            status=row.status,
            reason=row.reason,
            objection=reply.number or None if reply else None,
            refusal=reply.refusal if reply else "",
        )


async def events(whose: Whose) -> AsyncIterator[Part]:
    async for row in in_pieces(Event.filter(**whose.mine)):
        slug, number = whose.versions.get(row.version_id or 0, (whose.slugs.get(row.policy_id or 0), None))
        yield schema.Event(
            action=row.action,
            at=row.received_at,
            recorded_at=row.recorded_at,
            by=BY.get(row.actor.partition(":")[0], "portal"),
            policy=slug,
            version=number,
            facts={name: row.facts[name] for name in FACTS if name in row.facts},
        )
