"""The recipient roll of a version: what pages say of it, and the roll itself as a table."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from portal.store.notice_progress import Progress
from portal.store.policies import Version
from portal.store.recipient_roll import RecipientRoll, roll_of
from portal.store.roll_rows import OnRoll, roll_rows
from portal.store.staff import Role
from portal.web.guards import staff
from portal.web.spreadsheet import MARK, TYPE, lines

READERS = (Role.OPS, Role.LEGAL)
COLUMNS = ("member", "external_id", "state")


@dataclass(frozen=True, slots=True)
class RollShown:
    """`later`: members who are owed a notice and are not on the roll. `href` is empty for those who may not read it."""

    members: int
    later: int
    digest: str
    href: str


async def roll_shown(request: Request, version_id: int, progress: Progress) -> RollShown | None:
    """The roll as the template `staff/_roll.html` wants it; None where the version has none."""
    roll = await roll_of(version_id)
    if roll is None:
        return None
    may_read = bool(set(READERS) & set(request.state.staff.roles))
    href = f"/staff/notices/{version_id}/roll.csv" if may_read else ""
    return RollShown(roll.members, progress.total - roll.members, roll.digest, href)


@staff(*READERS)
async def table(request: Request) -> Response:
    """The roll as a file that grows as it is read, however long it is."""
    light = Version.filter(id=request.path_params["version_id"]).select_related("policy")
    version = await light.only("id", "number", "policy__slug").first()
    roll = await roll_of(version.id) if version else None
    if version is None or roll is None:
        raise HTTPException(404)
    named = {"Content-Disposition": f'attachment; filename="{file_name(version, roll)}"'}
    return StreamingResponse(as_csv(roll), media_type=TYPE, headers=named)


def file_name(version: Version, roll: RecipientRoll) -> str:
    """The digest is in the name: what the file holds can be checked as long as it is called so."""
    return f"{version.policy.slug}-{version.number}-roll-{roll.digest.replace(':', '-')}.csv"


async def as_csv(roll: RecipientRoll) -> AsyncIterator[bytes]:
    """The table in pieces, its header first."""
    yield MARK + lines([COLUMNS])
    async for rows in roll_rows(roll):
        yield lines(map(_cells, rows))


def _cells(row: OnRoll) -> tuple[object, ...]:
    return row.member_id, row.external_id, row.state
