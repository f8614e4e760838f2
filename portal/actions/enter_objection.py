"""What ops do for a member who wrote, called or came: an objection, its end, a confirmation; and the submission of it.

Both are one transaction. What the rules say of the deed holds as if the member had done it at `received_at`; who asked
by letter is known to be the member by ops' word, which takes a reason where the rules ask for a confirmation.
"""

from collections.abc import Sequence
from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.amendment import amend_objection
from portal.actions.declaration import confirm_declaration
from portal.actions.declare import take_back
from portal.actions.objection import confirm, file_objection
from portal.actions.submission import About, Arrival, write_submission
from portal.actions.submitted_file import Files
from portal.rules.errors import RuleBroken
from portal.store.answers import Confirmation, ConfirmationWay, Objection
from portal.store.connections import transaction
from portal.store.declarations import Declaration
from portal.store.locks import lock_member
from portal.store.submissions import Submission, SubmissionKind

OPS = ConfirmationWay.OPS


async def enter_objection(
    member_id: int,
    version_id: int,
    change_keys: Sequence[str],
    arrival: Arrival,
    files: Files = (),
    *,
    by: Actor,
    at: datetime,
) -> Submission:
    """An objection; the rest as `file_objection` and `write_submission`, also what they raise."""
    async with transaction():
        objection = await file_objection(
            member_id,
            version_id,
            change_keys,
            way=arrival.way,
            by=by,
            at=at,
            received_at=arrival.received_at,
            reason=arrival.reference,
        )
        about = About(SubmissionKind.OBJECTION, objection.number, objection_id=objection.id)
        return await write_submission(member_id, about, arrival, files, by=by, at=at)


async def enter_amendment(
    objection_id: int, change_keys: Sequence[str], arrival: Arrival, files: Files = (), *, by: Actor, at: datetime
) -> Submission:
    """Another objection in the place of one: both halves, or neither. Raises as `amend_objection` besides."""
    async with transaction():
        amended = await amend_objection(
            objection_id,
            change_keys,
            way=arrival.way,
            by=by,
            at=at,
            received_at=arrival.received_at,
            reason=arrival.reference,
        )
        about = About(SubmissionKind.OBJECTION, amended.number, objection_id=amended.id)
        return await write_submission(amended.member_id, about, arrival, files, by=by, at=at)


async def enter_withdrawal(
    objection_id: int, arrival: Arrival, files: Files = (), *, by: Actor, at: datetime
) -> Submission:
    """An objection taken back; when its window is over that takes `arrival.reason`. Raises as `take_back` besides."""
    async with transaction():
        declared = await take_back(
            objection_id,
            way=arrival.way,
            known_as=OPS,
            by=by,
            at=at,
            received_at=arrival.received_at,
            reason=arrival.reason,
        )
        objection = await Objection.get(id=objection_id)
        about = About(
            SubmissionKind.WITHDRAWAL,
            declared.number if declared else objection.number,
            objection_id=objection_id,
            declaration_id=declared.id if declared else None,
        )
        return await write_submission(objection.member_id, about, arrival, files, by=by, at=at)


async def enter_confirmation(
    objection_id: int, arrival: Arrival, files: Files = (), *, by: Actor, at: datetime
) -> Submission:
    """A closing objection confirmed, with `arrival.reason`.

    Raises RuleBroken besides: `confirmed`, `before_objection`.
    """
    async with transaction():
        objection = await Objection.get(id=objection_id)
        await lock_member(objection.member_id)
        if await Confirmation.exists(member_id=objection.member_id, objection_id=objection_id):
            raise RuleBroken("confirmed", "This objection is confirmed already.")
        _not_before(objection.received_at, arrival)
        await confirm(objection_id, way=OPS, by=by, at=at, received_at=arrival.received_at, reason=arrival.reason)
        about = About(SubmissionKind.CONFIRMATION, objection.number, objection_id=objection_id)
        return await write_submission(objection.member_id, about, arrival, files, by=by, at=at)


async def enter_confirmed_declaration(
    declaration_id: int, arrival: Arrival, files: Files = (), *, by: Actor, at: datetime
) -> Submission:
    """The same for a declaration. Raises RuleBroken besides: `declaration_over`."""
    async with transaction():
        declaration = await Declaration.get(id=declaration_id)
        await lock_member(declaration.member_id)
        await declaration.refresh_from_db()
        if declaration.decided_at is not None:
            raise RuleBroken("declaration_over", "This was decided already.")
        _not_before(declaration.received_at, arrival)
        await confirm_declaration(declaration_id, way=OPS, by=by, at=at, reason=arrival.reason)
        about = About(SubmissionKind.CONFIRMATION, declaration.number, declaration_id=declaration_id)
        return await write_submission(declaration.member_id, about, arrival, files, by=by, at=at)


def _not_before(received_at: datetime, arrival: Arrival) -> None:
    if arrival.received_at < received_at:
        raise RuleBroken("before_objection", "What it confirms had not been received by then.", field="received_at")
