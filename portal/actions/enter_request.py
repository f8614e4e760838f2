"""What ops enter of a member's requests (see `enter_objection.py`)."""

from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.request import ask
from portal.actions.submission import About, Arrival, write_submission
from portal.actions.submitted_file import Files
from portal.store.connections import transaction
from portal.store.requests import RequestKind
from portal.store.submissions import Submission, SubmissionKind, files_of


async def enter_request(
    member_id: int, kind: RequestKind, arrival: Arrival, files: Files = (), *, by: Actor, at: datetime
) -> Submission:
    """A request; one that reminds of an open one is kept with that. The same twice is one. Raises as `ask` besides."""
    async with transaction():
        request = await ask(
            member_id,
            kind,
            way=arrival.way,
            by=by,
            at=at,
            received_at=arrival.received_at,
            reference=arrival.reference,
        )
        about = About(SubmissionKind(str(kind)), request.number, request_id=request.id)
        again = await _same(member_id, request.id, arrival, files)
        return again or await write_submission(member_id, about, arrival, files, by=by, at=at)


async def _same(member_id: int, request_id: int, arrival: Arrival, files: Files) -> Submission | None:
    """The submission that says the same with the same files: the button was pressed twice."""
    alike = Submission.filter(
        member_id=member_id, request_id=request_id, way=arrival.way, received_at=arrival.received_at
    )
    for one in await alike.select_related("reference"):
        kept = [file.digest for file in await files_of(one)]
        if one.reference.text == arrival.reference.strip() and kept == [file.digest for file in files]:
            return one
    return None
