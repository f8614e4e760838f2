"""What staff entered for a member, as parts of the download, without the bytes of its files (decision 0027)."""

from collections import defaultdict
from collections.abc import AsyncIterator

from portal.store.submissions import Submission, SubmittedFile
from portal.web.data import schema
from portal.web.data.schema import Part
from portal.web.data.whose import Whose


async def submissions(whose: Whose) -> AsyncIterator[Part]:
    """With their files by name and digest. The reference, the remark and the representative's name are left out."""
    files = await _files(whose)
    for row in await Submission.filter(**whose.mine).order_by("received_at", "sequence"):
        yield schema.Submission(
            number=row.number,
            kind=str(row.kind),
            way=str(row.way),
            asked_by="representative" if row.representative_id else "member",
            purpose=row.purpose,
            received_at=row.received_at,
            recorded_at=row.recorded_at,
            files=tuple(files[row.id]),
        )


async def _files(whose: Whose) -> dict[int, list[schema.SubmittedFile]]:
    """Row id of a submission -> its files."""
    found: dict[int, list[schema.SubmittedFile]] = defaultdict(list)
    for row in await SubmittedFile.filter(**whose.mine).order_by("ordinal"):
        found[row.submission_id].append(
            schema.SubmittedFile(
                name=row.name,
                media_type=str(row.media_type),
                size=row.size,
                digest=row.digest,
                erased_at=row.erased_at,
            )
        )
    return found
