"""The member saw a notice on the company's own site: `POST /api/v1/members/{id}/notices/{notice}/sight`."""

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal.actions.notice import record_seen
from portal.rules.errors import RuleBroken
from portal.rules.objection import Refusal, broken
from portal.rules.scenario_answer import zulu
from portal.store.notices import Notice, Sight, SightWay
from portal.store.policies import Version
from portal.store.publications import LIGHT
from portal.store.staff import Scope
from portal.web.api import Instant, bad_parameters, company_system
from portal.web.clock import at
from portal.web.company.asked import member_named
from portal.web.guards import actor


class SightGiven(BaseModel):
    """The body: when the member saw it. Left out: now."""

    model_config = ConfigDict(extra="forbid")

    seen_at: Instant | None = None


async def sight(request: Request) -> Response:
    """Records that the member saw it. 201; 200 where that was known already: the first sight is the one that is kept.

    409 `account_closed`; 404 `unknown_member` or `no_notice`; 415 for a body that is no JSON; 422 for an instant to
    come, or before the posting.
    """
    await company_system(request, Scope.NOTICES_WRITE)
    given = await _given(request)
    member = await member_named(request)
    notice = await _notice(member.id, request.path_params["notice"])
    version = await Version.get(id=notice.version_id).only(*LIGHT)
    now = at(request)
    seen_at = given.seen_at or now
    if seen_at > now:
        raise RuleBroken("bad_parameters", "seen_at: this instant is yet to come.", field="seen_at")
    if seen_at < version.posted_at:
        raise RuleBroken("bad_parameters", "seen_at: the version was not posted yet.", field="seen_at")
    known = await Sight.exists(member_id=member.id, notice_id=notice.id, way=SightWay.ACCOUNT)
    kept = await record_seen(member.id, version.id, by=actor(request), at=now, received_at=seen_at)
    if kept is None:
        raise broken(Refusal.ACCOUNT_CLOSED)
    return JSONResponse(await _told(member.external_id, kept), 200 if known else 201)


async def _given(request: Request) -> SightGiven:
    """The body, which may be empty. RuleBroken: `not_json`, `bad_parameters`."""
    body = await request.body()
    if not body:
        return SightGiven()
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RuleBroken("not_json", "Send the body as application/json, or none.")
    try:
        return SightGiven.model_validate_json(body)
    except ValidationError as bad:
        raise bad_parameters(bad) from bad


async def _notice(member_id: int, version_id: int) -> Notice:
    """Other members' notices are not found, like those that do not exist."""
    notice = await Notice.get_or_none(member_id=member_id, version_id=version_id)
    if notice is None:
        raise RuleBroken("no_notice", "The member has no such notice.", field="notice")
    return notice


async def _told(external_id: str, kept: Sight) -> dict[str, object]:
    """The sight, and the window as it is with it: a sight can open one."""
    notice = await Notice.get(id=kept.notice_id)
    return {
        "member": external_id,
        "notice": notice.version_id,
        "way": str(kept.way),
        "seen_at": zulu(kept.received_at),
        "recorded_at": zulu(kept.recorded_at),
        "opens_at": zulu(notice.opens_at),
        "closes_at": zulu(notice.closes_at),
    }
