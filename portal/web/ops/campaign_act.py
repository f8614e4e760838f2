"""What ops does with a campaign: hold it, let it go on, try again what failed."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.actor import Actor
from portal.actions.hold import RETRIED, hold_campaign, resume_campaign, retry_failed
from portal.rules.errors import RuleBroken
from portal.store.campaigns import CampaignStatus, campaign_status
from portal.store.holds import CampaignHold
from portal.store.notices import NoticeState
from portal.store.policies import Version
from portal.store.publications import LIGHT
from portal.store.staff import Role
from portal.web.clock import at
from portal.web.guards import View, actor, staff
from portal.web.ops.act import Act, Input, Row, act_page, acted
from portal.web.ops.campaign import held_words, hold_reason
from portal.web.render import redirect
from portal.web.text import gettext as _
from portal.web.text import ngettext

Shown = Callable[[CampaignStatus], Awaitable[Act | str]]
Deed = Callable[[CampaignStatus, Mapping[str, Any], Actor, datetime], Awaitable[str]]


def campaign_act(shown: Shown) -> Callable[[Deed], View]:
    """Makes a view out of an act and the deed behind its button. `shown` may answer with why there is nothing to do."""

    def made(deed: Deed) -> View:
        @wraps(deed)
        @staff(Role.OPS)
        async def view(request: Request) -> Response:
            status, now = await _status(request), at(request)
            act = await shown(status)
            if isinstance(act, str):
                return redirect(request, here(status), act)
            if request.method != "POST":
                return act_page(request, act)
            return await acted(request, act, lambda given: deed(status, given, actor(request), now))

        return view

    return made


async def _status(request: Request) -> CampaignStatus:
    version_id = request.path_params["version_id"]
    light = Version.filter(id=version_id, mailed=True).select_related("policy")
    version = await light.only(*LIGHT, "policy__slug", "policy__title").first()
    if version is None:
        raise HTTPException(404)
    return await campaign_status(version, at(request))


def here(status: CampaignStatus) -> str:
    return f"/staff/notices/{status.version.id}"


def title_of(status: CampaignStatus) -> str:
    return _("%(policy)s, version %(number)s", policy=status.version.policy.title, number=status.version.number)


def _act(status: CampaignStatus, title: str, *, noun: str, rows: list[Row], **rest: Any) -> Act:
    return Act(
        title=title,
        caption=_("Notices"),
        trail=[(_("Notices"), "/staff/notices"), (title_of(status), here(status))],
        rows=[(_("Version"), title_of(status)), *rows],
        heading=_("What follows"),
        action=f"{here(status)}/{noun}",
        back=here(status),
        **rest,
    )


async def already_held(hold: CampaignHold) -> str:
    return _("Sending was paused already, %(by)s.", by=await held_words(hold))


async def hold_act(status: CampaignStatus) -> Act | str:
    if status.hold is not None:
        return await already_held(status.hold)
    return _act(
        status,
        _("Pause sending"),
        noun="hold",
        rows=[(_("Still to go"), ngettext("%(num)s notice", "%(num)s notices", status.to_go))],
        follows=[
            _("No further message is begun. Those that are just on their way come to their end."),
            _("What is owed stays owed: when sending is resumed, it goes on where it stopped."),
            _("Time to object runs on for those whose mail was accepted, and has not begun for the others."),
        ],
        inputs=[
            Input(
                "reason",
                _("Reason"),
                hint=_("For your colleagues, such as “the summary names the wrong date”. Name no member."),
            )
        ],
        label=_("Pause sending"),
    )


@campaign_act(hold_act)
async def hold(status: CampaignStatus, given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """Somebody presses the button; of two at once the second is told of the first."""
    try:
        await hold_campaign(status.version.id, by=by, reason=str(given.get("reason", "")), at=now)
    except RuleBroken as broken:
        if isinstance(first := broken.facts.get("hold"), CampaignHold):
            return await already_held(first)
        raise
    return _("Sending is paused.")


async def resume_act(status: CampaignStatus) -> Act | str:
    if status.hold is None:
        return _("Sending is not paused.")
    return _act(
        status,
        _("Resume sending"),
        noun="resumption",
        rows=[
            (_("Paused"), await held_words(status.hold)),
            (_("Reason"), hold_reason(status.hold)),
            (_("Still to go"), ngettext("%(num)s notice", "%(num)s notices", status.to_go)),
        ],
        follows=[_("What is due is sent at once, and whatever was deferred meanwhile with it.")],
        inputs=[],
        label=_("Resume sending"),
    )


@campaign_act(resume_act)
async def resumption(status: CampaignStatus, _given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """The hold is lifted; of two who lift it at once the second finds it done."""
    try:
        await resume_campaign(status.version.id, by=by, at=now)
    except RuleBroken as broken:
        if broken.code != "not_held":
            raise
        return _("Sending was resumed already.")
    return _("Sending is resumed.")


async def retry_act(status: CampaignStatus) -> Act | str:
    states = status.progress.states
    names = {
        NoticeState.FAILED: _("Failed (%(number)s)", number=states[NoticeState.FAILED]),
        NoticeState.UNKNOWN: _("Result unknown (%(number)s)", number=states[NoticeState.UNKNOWN]),
        NoticeState.REFUSED: _("Refused for good (%(number)s)", number=states[NoticeState.REFUSED]),
    }
    hints = {
        NoticeState.FAILED: _("The server did not take the message. Each is sent as a new message."),
        NoticeState.UNKNOWN: _(
            "Some may have arrived. They go out under the same Message-ID, so a double can be told."
        ),
        NoticeState.REFUSED: _("Only those whose member gave another address since."),
    }
    options = [(str(state), names[state], hints[state]) for state in RETRIED if states[state]]
    if not options:
        return _("Nothing is left to try again.")
    follows = [_("The chosen notices are queued again and sent as soon as a connection is free.")]
    if status.hold is not None:
        follows.append(_("Sending is paused, so they wait until it is resumed."))
    return _act(
        status,
        _("Try again"),
        noun="retries",
        rows=[],
        follows=follows,
        inputs=[Input("states", _("Which notices"), "checkboxes", options=options)],
        label=_("Try again"),
    )


@campaign_act(retry_act)
async def retries(status: CampaignStatus, given: Mapping[str, Any], by: Actor, now: datetime) -> str:
    """Ops mended what was wrong, and has the notices tried again."""
    known = [NoticeState(one) for one in given.get("states", []) if one in [str(state) for state in RETRIED]]
    if not known:
        raise RuleBroken("state_not_retried", _("Choose at least one."), field="states")
    number = await retry_failed(status.version.id, known, by=by, at=now)
    if not number:
        return _("Nothing was left to try again.")
    return ngettext("%(num)s notice is queued again.", "%(num)s notices are queued again.", number)
