"""What changed between two versions of a policy: for neighbours as it was recorded, for others compared on demand."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.store.policies import Version
from portal.web.changes_view import changes_view
from portal.web.public.text import version_of
from portal.web.render import page


async def changes(request: Request) -> Response:
    """`?since=` names the older version; without it, the one before."""
    policy, newer, versions = await version_of(request)
    older = older_of(request, newer, versions)
    if older is None:
        return page(request, "public/first_version.html", policy=policy, version=newer)
    base = f"/policies/{policy.slug}/versions/{newer.number}/changes"
    view = await changes_view(request, base, older, newer, between(versions, older, newer))
    return page(request, "public/changes.html", policy=policy, versions=versions, view=view)


async def reading(request: Request) -> Response:
    """How to read a comparison, and how to check it."""
    return page(request, "public/reading.html")


def older_of(request: Request, newer: Version, versions: list[Version]) -> Version | None:
    """None for the first version, which changed nothing. HTTPException 404 where `since` names none, or a later one."""
    since = request.query_params.get("since", str(newer.number - 1))
    found = next((row for row in versions if str(row.number) == since and row.number <= newer.number), None)
    if found is None and "since" in request.query_params:
        raise HTTPException(404)
    return found


def between(versions: list[Version], older: Version, newer: Version) -> list[Version]:
    """The versions that lie between the two, in order."""
    return sorted((row for row in versions if older.number < row.number < newer.number), key=lambda row: row.number)
