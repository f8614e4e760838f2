"""A member's notices, for the company's own site: `GET /api/v1/members/{id}/notices`. Reading them records nothing."""

import json
from typing import Annotated
from urllib.parse import urlencode

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from portal.rules.scenario_answer import zulu
from portal.store.outcomes import Closure
from portal.store.staff import Scope
from portal.web.api import company_system, question
from portal.web.company.asked import Wanted, gives_links, link_of, member_named, notices_of
from portal.web.company.told import notice_json
from portal.web.company.unchanged import answered


class NoticesQuestion(Wanted):
    """The parameters; pages count from 1."""

    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20

    @property
    def first(self) -> int:
        return (self.page - 1) * self.per_page


async def notices(request: Request) -> Response:
    """The latest first. 200; 304 for one who has the answer; 401, 403, 404 and 422 as `docs/api.md` says.

    `link` is null but for a token with the scope notices:links.
    """
    await company_system(request, Scope.NOTICES_READ)
    asked = question(request, NoticesQuestion)
    member = await member_named(request)
    found = [case for case in await notices_of(request, member) if asked.takes(case)]
    pages = max(1, -(-len(found) // asked.per_page))
    closure = await Closure.get_or_none(member_id=member.id)
    told = {
        "member": member.external_id,
        "account_closed_at": zulu(closure.received_at) if closure else None,
        "page": asked.page,
        "pages": pages,
        "total": len(found),
        "notices": [
            notice_json(case, link_of(request, case)) for case in found[asked.first : asked.first + asked.per_page]
        ],
    }
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    answer = answered(request, body, "application/json", secret=gives_links(request))
    if links := _around(request, asked.page, pages):
        answer.headers["Link"] = links
    return answer


def _around(request: Request, page: int, pages: int) -> str:
    """The pages before and after (RFC 8288), as queries alone: behind a proxy this call may have another address."""
    near = {"prev": page - 1 if 1 < page <= pages + 1 else 0, "next": page + 1 if page < pages else 0}
    given = dict(request.query_params)
    return ", ".join(
        f'<?{urlencode(given | {"page": number})}>; rel="{name}"' for name, number in near.items() if number
    )
