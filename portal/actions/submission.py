"""What reached us in another way than through the portal: written down with whoever sent it, how, when, and files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.record import record
from portal.actions.remark import remark
from portal.actions.submitted_file import Examined, write_files
from portal.rules.errors import RuleBroken
from portal.store.answers import Way
from portal.store.members import Membership, Remark
from portal.store.submissions import ENTERED_WAYS, Submission, SubmissionKind


@dataclass(frozen=True, slots=True)
class Arrival:
    """A letter, a call, a visit or a mail, as ops describe it.

    `received_at` (UTC): when it arrived. `reference`: where it is kept. `representative`: who asked in the member's
    name, empty for the member. `remark`: what else is to be known. `reason`: how ops know that the member wants it.
    """

    way: Way
    received_at: datetime
    reference: str
    representative: str = ""
    remark: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What a submission led to. `number`: the receipt's."""

    kind: SubmissionKind
    number: str
    purpose: str = ""
    objection_id: int | None = None
    declaration_id: int | None = None
    request_id: int | None = None


async def write_submission(
    member_id: int, about: About, arrival: Arrival, files: Sequence[Examined], *, by: Actor, at: datetime
) -> Submission:
    """Writes it down with its files, in the transaction of what it led to, the member being locked.

    Raises RuleBroken: `staff_only`, `way_wanted`, `note_wanted`, `in_the_future`, `before_joining`.
    """
    staff_id = await _checked(member_id, arrival, by, at)
    sequence = await record(
        "submission.entered",
        by,
        at,
        received_at=arrival.received_at,
        member_id=member_id,
        kind=str(about.kind),
        number=about.number,
        way=str(arrival.way),
        files=[file.digest for file in files],
    )
    reference = await Remark.create(member_id=member_id, text=arrival.reference.strip(), recorded_at=at)
    submission = await Submission.create(
        member_id=member_id,
        number=about.number,
        kind=about.kind,
        way=arrival.way,
        staff_id=staff_id,
        purpose=about.purpose,
        objection_id=about.objection_id,
        declaration_id=about.declaration_id,
        request_id=about.request_id,
        representative_id=await remark(member_id, arrival.representative, at),
        reference_id=reference.id,
        remark_id=await remark(member_id, arrival.remark, at),
        received_at=arrival.received_at,
        recorded_at=at,
        sequence=sequence,
    )
    await write_files(submission, files)
    return submission


async def _checked(member_id: int, arrival: Arrival, by: Actor, at: datetime) -> int:
    """The id of the member of staff who enters it."""
    if by.staff_id is None:
        raise RuleBroken("staff_only", "Only staff enter what came by letter or call.")
    if arrival.way not in ENTERED_WAYS:
        raise RuleBroken("way_wanted", "Choose how it came.", field="way")
    if not arrival.reference.strip():
        raise RuleBroken("note_wanted", "Enter a reference by which it can be found again.", field="note")
    if arrival.received_at > at:
        raise RuleBroken("in_the_future", "This is still to come.", field="received_at")
    joined = await Membership.filter(member_id=member_id).order_by("joined_at").first()
    if joined is not None and arrival.received_at < joined.joined_at:
        raise RuleBroken("before_joining", "The member had not joined by then.", field="received_at")
    return by.staff_id
