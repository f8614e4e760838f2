"""Sending the mails that are not notices: the same claims, the same retries, and the row itself as the record."""

from datetime import UTC, datetime

from tortoise.expressions import Q

from portal.actions.actor import SYSTEM
from portal.actions.address_change import mail_not_delivered
from portal.actions.claim import LEASE, STOPPED
from portal.actions.record import record
from portal.mail.outcome import Outcome, Retries, Verdict
from portal.store.connections import transaction
from portal.store.outbox import OutgoingMail

WAITING = ("queued", "deferred", "unknown")
# When a mail is tried again that waits for ops: the column has no null.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def mail_due(at: datetime) -> Q:
    return Q(Q(state__in=WAITING, next_attempt_at__lte=at), Q(lease_until__isnull=True) | Q(lease_until__lte=at))


async def claim_mail(owner: str, at: datetime, limit: int) -> list[OutgoingMail]:
    """Takes up to `limit` due mails until the lease ends, the oldest first."""
    async with transaction():
        found = await OutgoingMail.filter(mail_due(at)).order_by("id").limit(limit).select_for_update(skip_locked=True)
        if found:
            await OutgoingMail.filter(id__in=[mail.id for mail in found]).update(owner=owner, lease_until=at + LEASE)
    return found


async def release_mail(ids: list[int], owner: str) -> None:
    """Gives back what was claimed and not begun."""
    if ids:
        async with transaction():
            await OutgoingMail.filter(id__in=ids, owner=owner, state__in=WAITING).update(owner=None, lease_until=None)


async def expire_mail(at: datetime, *, resend: bool) -> int:
    """Marks as unknown what was being sent when its lease ended: sent again under the same Message-ID, or held."""
    async with transaction():
        lost = OutgoingMail.filter(state="sending", lease_until__lte=at)
        changes = {"state": "unknown", "owner": None, "lease_until": None, "reply": STOPPED}
        return await lost.update(**changes, next_attempt_at=at if resend else NEVER)


async def begin_mail(mail: OutgoingMail, owner: str, at: datetime) -> bool:
    """Writes down that it is being sent now, under its Message-ID; False where the claim was lost."""
    mail.attempts += 1
    async with transaction():
        mine = OutgoingMail.filter(id=mail.id, owner=owner, lease_until__gt=at, state__in=WAITING)
        return bool(
            await mine.update(
                state="sending", lease_until=at + LEASE, attempts=mail.attempts, message_id=mail.message_id
            )
        )


async def record_mail_outcome(mail: OutgoingMail, outcome: Outcome, owner: str, at: datetime, retries: Retries) -> None:
    """Records what an attempt came to. Acceptance is recorded whoever has the claim now."""
    async with transaction():
        rows = OutgoingMail.filter(id=mail.id, accepted_at__isnull=True)
        state = "accepted"
        if outcome.verdict is Verdict.ACCEPTED:
            changed = await rows.update(state=state, accepted_at=at, reply=outcome.reply, owner=None, lease_until=None)
        else:
            state, then = _next(mail, outcome, at, retries)
            changed = await rows.filter(owner=owner).update(
                state=state, reply=outcome.reply, owner=None, lease_until=None, next_attempt_at=then
            )
        if changed:
            await record(
                f"mail.{outcome.verdict}",
                SYSTEM,
                at,
                member_id=mail.member_id,
                mail=mail.id,
                kind=str(mail.kind),
                attempt=mail.attempts,
                code=outcome.code,
            )
            if state in ("refused", "failed"):
                await mail_not_delivered(mail, at=at)


async def give_mail_back(mail: OutgoingMail, owner: str, at: datetime) -> None:
    """The relay could not be used: what was begun is undone, and charged no attempt."""
    async with transaction():
        await OutgoingMail.filter(id=mail.id, owner=owner, state="sending").update(
            state="deferred", attempts=mail.attempts - 1, owner=None, lease_until=None, next_attempt_at=at
        )


def _next(mail: OutgoingMail, outcome: Outcome, at: datetime, retries: Retries) -> tuple[str, datetime]:
    if outcome.verdict in (Verdict.REFUSED, Verdict.FAILED):
        return str(outcome.verdict), NEVER
    if outcome.verdict is Verdict.UNKNOWN:
        again = retries.next_attempt(mail.attempts, mail.created_at, at) if retries.resend_unknown else None
        return "unknown", again or NEVER
    if outcome.verdict is Verdict.NOT_SENT and mail.attempts == 1:
        return "deferred", at
    then = retries.next_attempt(mail.attempts, mail.created_at, at)
    return ("deferred", then) if then else ("failed", NEVER)
