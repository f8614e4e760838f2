"""A published version as staff see it: where the change is now, how far its notices have come, what was classified."""

from dataclasses import dataclass
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.rules.policy import NoticeTerms
from portal.store.notice_progress import Progress, progress_of
from portal.store.objection_queue import in_force_of
from portal.store.policies import Version
from portal.store.staff import Role
from portal.web import dates
from portal.web.change_cards import split_minor
from portal.web.clock import at
from portal.web.guards import staff
from portal.web.legal.policies import policy_by
from portal.web.legal.terms_form import terms_in_words
from portal.web.published import cards_of_version
from portal.web.render import page
from portal.web.roll import roll_shown
from portal.web.text import gettext as _
from portal.web.text import ngettext


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the change is: the name of a step, and what to say of each."""

    name: str
    items: list[tuple[str, str, str]]


@staff(Role.LEGAL, Role.APPROVER, Role.OPS)
async def show(request: Request) -> Response:
    policy = await policy_by(request)
    version = await Version.get_or_none(policy_id=policy.id, number=request.path_params["number"])
    if version is None:
        raise HTTPException(404)
    terms, progress = NoticeTerms.from_json(version.terms), (await progress_of([version.id]))[version.id]
    freezes, closings = await in_force_of(version.id)
    main, minor = split_minor(await cards_of_version(version))
    return page(
        request,
        "publish/version.html",
        policy=policy,
        version=version,
        notices=progress,
        stage=_stage(version, terms, progress, freezes + closings, at(request)),
        figures_of=_figures(request, version, progress, freezes, closings),
        terms=terms_in_words(terms),
        roll=await roll_shown(request, version.id, progress),
        cards=main,
        minor=minor,
        may_export=bool({Role.LEGAL, Role.APPROVER} & set(request.state.staff.roles)),
    )


def _figures(
    request: Request, version: Version, progress: Progress, freezes: int, closings: int
) -> list[tuple[int, str, str]]:
    """Linked for those who may follow the link."""
    ops = Role.OPS in request.state.staff.roles
    notices = f"/staff/notices/{version.id}" if ops else ""
    objections = f"/staff/objections?show=all&version={version.id}" if ops else ""
    figures = [(progress.total, ngettext("member concerned", "members concerned", progress.total), notices)]
    if progress.not_reached:
        figures.append((progress.not_reached, _("not reached"), f"{notices}?state=not_reached" if ops else ""))
    return [
        *figures,
        (freezes, ngettext("objection that freezes", "objections that freeze", freezes), objections),
        (closings, ngettext("objection that closes", "objections that close", closings), objections),
    ]


def _stage(version: Version, terms: NoticeTerms, progress: Progress, objections: int, now: datetime) -> Stage:
    """The earliest of the five steps that is not over."""
    waiting = progress.to_mail - progress.tried if terms.by_email else 0
    last = progress.last_close
    over = not terms.may_object or not progress.total or (last is not None and now >= last and not progress.without_end)
    name = "notice" if waiting else "outcome" if over else "objection"
    posted = dates.instant(version.posted_at, terms.zone)
    notice = (
        _("%(tried)s of %(all)s sent", tried=progress.tried, all=progress.to_mail)
        if progress.to_mail
        else _("on the site or in the account")
    )
    return Stage(
        name,
        [
            ("draft", _("Draft"), _("by %(name)s", name=version.author)),
            ("publish", _("Published"), posted),
            ("notice", _("Notice"), notice),
            ("objection", _("Objection"), _until(terms, last, objections)),
            ("outcome", _("Outcome"), ""),
        ],
    )


def _until(terms: NoticeTerms, last: datetime | None, objections: int) -> str:
    if not terms.may_object:
        return _("no right to object")
    received = ngettext("%(num)s in force", "%(num)s in force", objections)
    if last is None:
        return received
    return "; ".join((received, _("until %(when)s", when=dates.instant(last, terms.zone))))
