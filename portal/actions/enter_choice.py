"""What ops enter of a member's choices about purposes: an opt-out, its end, a consent (see `enter_objection.py`)."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.consent import opt_in, opt_out, purposes_that_need_consent
from portal.actions.declare import declare_consent, declare_opt_in
from portal.actions.outgoing import queue_mail
from portal.actions.receipt_number import receipt_number
from portal.actions.submission import About, Arrival, write_submission
from portal.actions.submitted_file import Files
from portal.rules.errors import RuleBroken
from portal.store.answers import ConfirmationWay
from portal.store.connections import transaction
from portal.store.declarations import Declaration
from portal.store.locks import lock_member
from portal.store.notices import Notice
from portal.store.outbox import MailKind
from portal.store.standings import opted_out
from portal.store.submissions import Submission, SubmissionKind

OPS = ConfirmationWay.OPS


async def enter_opt_out(
    member_id: int, purpose: str, arrival: Arrival, files: Files = (), *, by: Actor, at: datetime
) -> Submission:
    """A purpose stopped, with a receipt by mail. Raises RuleBroken besides: `no_effect`, and as `opt_out`."""
    async with transaction():
        if not await opt_out(member_id, purpose, way=arrival.way, by=by, at=at, received_at=arrival.received_at):
            raise RuleBroken("no_effect", "The member had opted out of it by then already.", field="purpose")
        about = About(SubmissionKind.OPT_OUT, receipt_number(), purpose=purpose)
        submission = await write_submission(member_id, about, arrival, files, by=by, at=at)
        await queue_mail(MailKind.OPT_OUT, member_id=member_id, about={"submission": submission.id}, at=at)
        return submission


async def enter_opt_in(
    member_id: int, purpose: str, arrival: Arrival, files: Files = (), *, by: Actor, at: datetime
) -> Submission:
    """An opt-out that ends; of a purpose that needs a consent it takes `arrival.reason`.

    Raises RuleBroken besides: `no_effect` where none was made by then that still stands, `reason_wanted`, and as
    `opt_in`.
    """
    async with transaction():
        await lock_member(member_id)
        stands = purpose in await opted_out(member_id)
        declared = await _declared_opt_in(member_id, purpose, arrival, by=by, at=at) if stands else None
        if stands and declared is None:
            await opt_in(member_id, purpose, way=arrival.way, by=by, at=at, received_at=arrival.received_at)
        # One that was made after the letter is the member's last word.
        if not stands or purpose in await opted_out(member_id):
            raise RuleBroken("no_effect", "No opt-out of it was made by then that still stands.", field="purpose")
        about = About(
            SubmissionKind.OPT_IN,
            declared.number if declared else receipt_number(),
            purpose=purpose,
            declaration_id=declared.id if declared else None,
        )
        submission = await write_submission(member_id, about, arrival, files, by=by, at=at)
        if declared is None:
            await queue_mail(MailKind.OPT_OUT, member_id=member_id, about={"submission": submission.id}, at=at)
        return submission


async def _declared_opt_in(
    member_id: int, purpose: str, arrival: Arrival, *, by: Actor, at: datetime
) -> Declaration | None:
    """Where the purpose needs a consent: by the newest notice of a version that asks for it."""
    if purpose not in await purposes_that_need_consent(member_id):
        return None
    if not arrival.reason.strip():
        raise RuleBroken("reason_wanted", "Say how you know that the member wants this.", field="reason")
    notices = Notice.filter(member_id=member_id).order_by("-version__posted_at", "-id").select_related("version")
    version = next((one.version for one in await notices if one.version.treatments.get(purpose) == "opt_in"), None)
    if version is None:
        return None
    return await declare_opt_in(
        member_id,
        version.id,
        purpose,
        way=arrival.way,
        known_as=OPS,
        by=by,
        at=at,
        received_at=arrival.received_at,
        reason=arrival.reason,
    )


async def enter_consent(
    member_id: int, version_id: int, purpose: str, arrival: Arrival, files: Files = (), *, by: Actor, at: datetime
) -> Submission:
    """A yes to an opt-in purpose of a version, with `arrival.reason`.

    Raises RuleBroken besides: `no_effect`, `not_asked`.
    """
    async with transaction():
        declared = await declare_consent(
            member_id,
            version_id,
            purpose,
            way=arrival.way,
            known_as=OPS,
            by=by,
            at=at,
            received_at=arrival.received_at,
            reason=arrival.reason,
        )
        if declared is None:
            raise RuleBroken("no_effect", "This consent is on record already.", field="purpose")
        about = About(SubmissionKind.CONSENT, declared.number, purpose=purpose, declaration_id=declared.id)
        return await write_submission(member_id, about, arrival, files, by=by, at=at)
