"""Pages of one draft."""

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.store.drafts import Draft
from portal.store.policies import Policy
from portal.store.staff import Role
from portal.web.guards import View, staff
from portal.web.render import redirect
from portal.web.text import gettext as _

DraftView = Callable[[Request, Draft], Awaitable[Response]]


def of_draft(*roles: Role) -> Callable[[DraftView], View]:
    """For staff with one of the roles. Gives the view the open draft that the address names.

    A published draft leads to its version, a dropped one to its policy: also after a form that was sent twice.
    """

    def made(view: DraftView) -> View:
        @staff(*roles)
        @wraps(view)
        async def of_open(request: Request) -> Response:
            draft = await Draft.get_or_none(id=request.path_params["id"])
            if draft is None:
                raise HTTPException(404)
            if draft.published_as is not None or draft.dropped_at is not None:
                return await _elsewhere(request, draft)
            return await view(request, draft)

        return of_open

    return made


async def _elsewhere(request: Request, draft: Draft) -> Response:
    policy = await Policy.get(id=draft.policy_id)
    if draft.published_as is not None:
        said = _("This draft is published: it became this version.")
        return redirect(request, f"/staff/policies/{policy.slug}/versions/{draft.published_as}", said)
    return redirect(request, f"/staff/policies/{policy.slug}", _("This draft was dropped."))
