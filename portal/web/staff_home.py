"""What waits for the one who signed in, by role, and what happened last."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from portal.store.declaration_queue import open_declarations
from portal.store.draft_overview import Overview, open_drafts, overview
from portal.store.events import Event
from portal.store.holds import CampaignHold
from portal.store.notice_progress import progress_of
from portal.store.notices import Notice
from portal.store.objection_queue import Waiting, open_closings, open_freezes
from portal.store.policies import Version
from portal.store.returned import waiting_in_inbox
from portal.store.staff import Role, Staff
from portal.web.clock import at
from portal.web.guards import staff
from portal.web.happenings import QUIET, happenings
from portal.web.ops.requests import Part, part_of
from portal.web.render import page
from portal.web.text import gettext as _
from portal.web.text import ngettext

RECENT = 15


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits: `tone` is caution or danger where it presses."""

    text: str
    href: str
    tone: str = "neutral"


@staff()
async def show(request: Request) -> Response:
    person, now = request.state.staff, at(request)
    tasks = await _legal_tasks(person) + await _ops_tasks(person, now)
    events = await Event.exclude(action__in=QUIET).order_by("-id").limit(RECENT)
    return page(request, "staff/home.html", tasks=tasks, story=await happenings(events), name=person.name)


async def _legal_tasks(person: Staff) -> list[Task]:
    if not {Role.LEGAL, Role.APPROVER} & set(person.roles):
        return []
    return [task for draft in await overview(await open_drafts()) if (task := _draft_task(draft, person))]


def _draft_task(draft: Overview, person: Staff) -> Task | None:
    name = _("%(policy)s, version %(number)s", policy=draft.policy_title, number=draft.number)
    here = f"/staff/drafts/{draft.id}"
    legal, approver = Role.LEGAL in person.roles, Role.APPROVER in person.roles
    if draft.approved:
        return Task(_("Publish %(draft)s: it is approved", draft=name), f"{here}/publication") if legal else None
    if draft.unclassified:
        if not legal:
            return None
        text = ngettext(
            "Classify %(num)s change of %(draft)s",
            "Classify %(num)s changes of %(draft)s",
            draft.unclassified,
            draft=name,
        )
        return Task(text, f"{here}/changes?show=unclassified")
    if draft.changes or not draft.base:
        if approver and person.id not in draft.editors:
            return Task(_("Approve %(draft)s, as a second person", draft=name), f"{here}/approvals")
        return (
            Task(_("%(draft)s waits for approval by a second person", draft=name), f"{here}/approvals")
            if legal
            else None
        )
    return Task(_("Go on with the draft of %(draft)s", draft=name), here) if legal else None


async def _ops_tasks(person: Staff, now: datetime) -> list[Task]:
    if Role.OPS not in person.roles:
        return []
    waiting = Counter(closing.waiting(now) for closing in await open_closings())
    tasks = [
        _counted(
            waiting[Waiting.OVERDUE],
            "overdue",
            _("account is overdue for closing"),
            _("accounts are overdue for closing"),
            "danger",
        ),
        _counted(
            waiting[Waiting.DUE], "due", _("account is to be closed now"), _("accounts are to be closed now"), "caution"
        ),
        _counted(
            waiting[Waiting.UNCONFIRMED],
            "unconfirmed",
            _("closing objection is to be confirmed"),
            _("closing objections are to be confirmed"),
            "caution",
        ),
        _counted(
            await open_freezes().count(),
            "freezes",
            _("freeze is to be confirmed by the systems"),
            _("freezes are to be confirmed by the systems"),
        ),
    ]
    tasks += [await _declared(now), *await _requests(now), await _inbox()]
    return [*await _held(), *[task for task in tasks if task], *await _unreached()]


def _counted(number: int, show: str, one: str, many: str, tone: str = "neutral") -> Task | None:
    if not number:
        return None
    return Task(f"{number} {one if number == 1 else many}", f"/staff/objections?show={show}", tone)


async def _requests(now: datetime) -> list[Task | None]:
    """What members asked for: what is late presses most."""
    late = await part_of(Part.OVERDUE, now).count()
    rest = await part_of(Part.OPEN, now).count() - late
    return [
        Task(
            ngettext("%(num)s request is overdue", "%(num)s requests are overdue", late),
            "/staff/requests?show=overdue",
            "danger",
        )
        if late
        else None,
        Task(
            ngettext("%(num)s request is to be answered", "%(num)s requests are to be answered", rest),
            "/staff/requests?show=open",
        )
        if rest
        else None,
    ]


async def _declared(now: datetime) -> Task | None:
    """Answers that a member has not confirmed in the time that is theirs."""
    number = sum(one.for_ops(now) for one in await open_declarations())
    text = ngettext("%(num)s answer is to be confirmed", "%(num)s answers are to be confirmed", number)
    return Task(text, "/staff/declarations", "caution") if number else None


async def _inbox() -> Task | None:
    """Mail that came in and waits for somebody."""
    number = await waiting_in_inbox()
    text = ngettext("%(num)s mail waits in the inbox", "%(num)s mails wait in the inbox", number)
    return Task(text, "/staff/inbox", "caution") if number else None


async def _held() -> list[Task]:
    """Campaigns that go on only when somebody lets them."""
    holds = await CampaignHold.filter(lifted_at__isnull=True).order_by("-held_at")
    versions = Version.filter(id__in=[hold.version_id for hold in holds]).select_related("policy")
    return [
        Task(
            _("Sending of %(policy)s, version %(number)s is paused", policy=row.policy.title, number=row.number),
            f"/staff/notices/{row.id}",
            "caution",
        )
        for row in await versions.order_by("id").only("id", "number", "policy_id", "policy__title")
    ]


async def _unreached() -> list[Task]:
    """By version: whom a notice did not reach."""
    tasks = []
    told = await Notice.all().distinct().values("version_id")
    for version_id, progress in (await progress_of(sorted(row["version_id"] for row in told))).items():
        if progress.not_reached:
            text = ngettext(
                "%(num)s member was not reached by a notice",
                "%(num)s members were not reached by a notice",
                progress.not_reached,
            )
            tasks.append(Task(text, f"/staff/notices/{version_id}?state=not_reached#notices", "caution"))
    return tasks
