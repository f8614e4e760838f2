"""The queue of objections, in the parts that ops works through."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from portal.store.answers import Objection
from portal.store.declaration_queue import open_declarations
from portal.store.objection_queue import OpenClosing, Waiting, open_closings, open_freezes
from portal.store.policies import Version
from portal.store.staff import Role
from portal.web.clock import at
from portal.web.guards import staff
from portal.web.ops.objection_words import Told, due_words, tell
from portal.web.paging import paging
from portal.web.render import page
from portal.web.text import gettext as _

ALL = "all"


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of the queue; `rest` goes on with the address."""

    name: str
    label: str
    lead: str
    nothing: str
    count: int
    here: bool
    rest: str


@staff(Role.OPS)
async def index(request: Request) -> Response:
    """The part that `?show=` names, else the most pressing one; `?version=` keeps to one version."""
    now, version = at(request), await _only(request)
    closings = [one for one in await open_closings() if version is None or one.version_id == version.id]
    freezes = open_freezes() if version is None else open_freezes().filter(version_id=version.id)
    everything = Objection.all() if version is None else Objection.filter(version_id=version.id)
    parts = Counter(str(one.waiting(now)) for one in closings)
    parts |= {str(Waiting.FREEZES): await freezes.count(), ALL: await everything.count()}
    shown = _chosen(request, parts)
    listed = paging(request.query_params, parts[shown])
    if shown == ALL:
        rows = await everything.order_by("-id").offset(listed.first).limit(listed.size)
    elif shown == Waiting.FREEZES:
        rows = await freezes.offset(listed.first).limit(listed.size)
    else:
        here = [one for one in closings if one.waiting(now) == shown]
        rows = await _in_order(here[listed.first : listed.last])
    rest = f"&version={version.id}" if version else ""
    tabs = _tabs(parts, shown, rest)
    tab = next(tab for tab in tabs if tab.here)
    return page(
        request,
        "outcome/queue.html",
        lead=tab.lead,
        heading=tab.label,
        tabs=tabs,
        declared=len(await open_declarations()),
        chosen=shown,
        only=_("%(policy)s, version %(number)s", policy=version.policy.title, number=version.number) if version else "",
        rows=[_row(told, now, shown) for told in await tell(rows)],
        date_heading=_("Received") if shown in (ALL, Waiting.FREEZES) else _("Falls due"),
        empty={"title": _("Nothing here"), "text": tab.nothing},
        page=listed.page,
        pages=listed.pages,
        page_base=f"/staff/objections?show={shown}{rest}&page=",
    )


def _chosen(request: Request, parts: Counter[str]) -> str:
    asked = request.query_params.get("show", "")
    if asked in (*Waiting, ALL):
        return asked
    for_ops = [part for part in Waiting if part not in (Waiting.MEMBER, Waiting.CLOSING)]
    return next((str(part) for part in for_ops if parts[part]), ALL)


async def _only(request: Request) -> Version | None:
    asked = request.query_params.get("version", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        return None
    return await Version.get(id=int(asked)).select_related("policy")


async def _in_order(closings: Sequence[OpenClosing]) -> list[Objection]:
    found = {row.id: row for row in await Objection.filter(id__in=[one.id for one in closings])}
    return [found[one.id] for one in closings if one.id in found]


def _row(told: Told, now: datetime, shown: str) -> dict[str, object]:
    """The column of dates says when it falls due, where the part of the queue is one that is waited for."""
    due_at = told.due_at if told.open and shown not in (ALL, Waiting.FREEZES) else None
    return {
        "id": told.objection.id,
        "number": told.objection.number,
        "member_id": told.member.id,
        "external_id": told.member.external_id,
        "policy_title": told.policy.title,
        "version": told.version.number,
        "state": told.state(now),
        "late": told.late(now),
        "received_at": told.objection.received_at,
        "due_at": due_at,
        "due_words": due_words(due_at, now) if due_at else "",
        "zone": told.zone,
        "covers": told.covers,
    }


def _tabs(parts: Counter[str], shown: str, rest: str) -> list[Tab]:
    words = {
        Waiting.UNCONFIRMED: (
            _("To be confirmed"),
            _("They would close an account, and nobody known to be the member has confirmed them within 48 hours."),
            _("No objection has waited for its confirmation for more than 48 hours."),
        ),
        Waiting.OVERDUE: (
            _("Overdue"),
            _("These accounts should have been closed more than three days ago."),
            _("No account waits longer than it should."),
        ),
        Waiting.DUE: (
            _("Due"),
            _("The time to withdraw is over: these accounts are to be closed now."),
            _("No account is due for closing."),
        ),
        Waiting.MEMBER: (
            _("With the member"),
            _("They would close an account. The member was mailed a code, and has 48 hours to confirm."),
            _("No objection waits for a member to confirm it."),
        ),
        Waiting.CLOSING: (
            _("Not due yet"),
            _("Confirmed. The members can still withdraw; the account is closed when the time is over."),
            _("No confirmed objection waits for its day."),
        ),
        Waiting.FREEZES: (
            _("Freezes"),
            _("The company’s systems have to keep this data under the version before. Confirm that they do."),
            _("The systems are known to keep to every freeze."),
        ),
        ALL: (
            _("All"),
            _("Every objection ever received, the newest first."),
            _("No objection has been received yet."),
        ),
    }
    return [
        Tab(str(name), label, lead, nothing, parts[str(name)], str(name) == shown, rest)
        for name, (label, lead, nothing) in words.items()
    ]
