"""Notices: each version's campaign, and whom it has not reached."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.store.error_groups import notices_of_error
from portal.store.holds import CampaignHold
from portal.store.member_search import found
from portal.store.members import Member
from portal.store.notice_attempts import attempted
from portal.store.notice_progress import NoticeList, notices_in, progress_of
from portal.store.notices import Notice
from portal.store.policies import Version
from portal.store.publications import LIGHT
from portal.store.staff import Role
from portal.web.guards import staff
from portal.web.ops.campaign import LIVE_POLICY, campaign, group_name
from portal.web.paging import paging
from portal.web.render import page
from portal.web.roll import roll_shown
from portal.web.text import gettext as _
from portal.web.text import number


@staff(Role.OPS)
async def index(request: Request) -> Response:
    """Every version that told somebody something, the newest first."""
    told = await Notice.all().distinct().values_list("version_id", flat=True)
    versions = Version.filter(id__in=list(told)).order_by("-posted_at", "-id")
    listed = paging(request.query_params, await versions.count(), 20)
    rows = await versions.offset(listed.first).limit(listed.size).only(*LIGHT)
    titles = await _titles(rows)
    progress = await progress_of([row.id for row in rows])
    on_hold = {hold.version_id for hold in await CampaignHold.filter(lifted_at__isnull=True)}
    return page(
        request,
        "staff/notices.html",
        versions=[
            {"row": row, "title": titles[row.id], "progress": progress[row.id], "held": row.id in on_hold}
            for row in rows
        ],
        page=listed.page,
        pages=listed.pages,
    )


@staff(Role.OPS)
async def of_version(request: Request) -> Response:
    """The campaign of one version and its notices; `?state=` or `?error=` chooses some."""
    light = Version.filter(id=request.path_params["version_id"]).select_related("policy")
    version = await light.only(*LIGHT, "policy__slug", "policy__title").first()
    if version is None:
        raise HTTPException(404)
    told = await campaign(request, version)
    progress, chosen = told["status"].progress, _chosen(request)
    group = next((one for one in told["groups"] if one.key == request.query_params.get("error")), None)
    listed = paging(request.query_params, group.number if group else progress.count(chosen))
    notices = (
        await notices_of_error(version.id, group, listed.first, listed.size)
        if group
        else await notices_in(version.id, chosen).offset(listed.first).limit(listed.size)
    )
    members = {one.member.id: one for one in await found(await Member.filter(id__in=[n.member_id for n in notices]))}
    base, asked = f"/staff/notices/{version.id}", f"error={group.key}" if group else f"state={chosen}"
    response = page(
        request,
        "staff/notices_of_version.html",
        version=version,
        progress=progress,
        campaign=told,
        roll=await roll_shown(request, version.id, progress),
        group_name=group_name,
        chosen="" if group else chosen,
        chosen_name=f"{group.code} {group_name(group)}" if group else state_name(chosen),
        explained="" if group else _explained(chosen),
        choices=[(one, f"{state_name(one)} ({number(progress.count(one))})") for one in NoticeList],
        rows=[{"tried": one, "member": members[one.notice.member_id]} for one in await attempted(notices)],
        page=listed.page,
        pages=listed.pages,
        page_base=f"{base}?{asked}&page=",
    )
    response.headers["Content-Security-Policy"] = LIVE_POLICY
    return response


def _chosen(request: Request) -> NoticeList:
    asked = request.query_params.get("state", "")
    return NoticeList(asked) if asked in list(NoticeList) else NoticeList.ALL


async def _titles(versions: list[Version]) -> dict[int, str]:
    rows = (
        await Version.filter(id__in=[row.id for row in versions])
        .select_related("policy")
        .only("id", "number", "policy__title")
    )
    return {row.id: _("%(policy)s, version %(number)s", policy=row.policy.title, number=row.number) for row in rows}


def state_name(chosen: NoticeList) -> str:
    names = {
        NoticeList.NOT_REACHED: _("Not reached"),
        NoticeList.BOUNCED: _("Came back"),
        NoticeList.REFUSED: _("Refused for good"),
        NoticeList.FAILED: _("Failed"),
        NoticeList.UNKNOWN: _("Result unknown"),
        NoticeList.DEFERRED: _("To be tried again"),
        NoticeList.QUEUED: _("Waiting to be sent"),
        NoticeList.SENDING: _("Being sent"),
        NoticeList.ACCEPTED: _("Accepted"),
        NoticeList.SEEN: _("Seen"),
        NoticeList.POSTED: _("Posted, no mail"),
        NoticeList.ALL: _("All"),
    }
    return names[chosen]


def _explained(chosen: NoticeList) -> str:
    """What the state means for the member, and for ops."""
    words = {
        NoticeList.NOT_REACHED: _(
            "These members do not know of the version. Correct the address, or deliver the notice on paper."
        ),
        NoticeList.BOUNCED: _(
            "The mail was accepted and came back. The version is in effect for them; their time to object stands open"
            " until they are reached."
        ),
        NoticeList.REFUSED: _(
            "No server will ever accept it there. The version is not in effect for them until they are reached."
        ),
        NoticeList.FAILED: _("Tried too often without a final answer. The version is not in effect for them."),
        NoticeList.UNKNOWN: _(
            "The connection broke before the server’s last word, so the mail may or may not have arrived."
        ),
        NoticeList.DEFERRED: _("The server asked to wait. It is tried again by itself."),
        NoticeList.ACCEPTED: _(
            "The member’s mail server took it: the version is in effect, and the time to object runs."
        ),
        NoticeList.SEEN: _("Opened in the account after signing in, or delivered by letter or in person."),
        NoticeList.POSTED: _("Told on the site or in the account; this version is not mailed."),
    }
    return words.get(chosen, "")
