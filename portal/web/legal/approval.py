"""Approval by a second person, of exactly what stands on the page."""

from collections import Counter
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.actions.approve import approve
from portal.actions.obstacles import obstacles
from portal.rules.errors import RuleBroken
from portal.rules.policy import NoticeTerms
from portal.store.draft_overview import Overview, overview
from portal.store.drafts import Approval, Draft, DraftTranslation
from portal.store.staff import Role, Staff
from portal.web.change_cards import split_minor
from portal.web.clock import at
from portal.web.compared import in_thread
from portal.web.forms import form_of
from portal.web.guards import actor
from portal.web.legal.matrix import Matrix, matrix_of
from portal.web.legal.of_draft import of_draft
from portal.web.legal.policies import may_write
from portal.web.legal.terms_form import purposes_in_words, terms_in_words
from portal.web.render import page, redirect
from portal.web.text import gettext as _
from portal.web.text import language_name


@of_draft(Role.LEGAL, Role.APPROVER)
async def show(request: Request, draft: Draft) -> Response:
    return await _page(request, draft, {})


@of_draft(Role.LEGAL, Role.APPROVER)
async def give(request: Request, draft: Draft) -> Response:
    """Refused with the reason where the draft was edited since the page was opened, or by the one who approves."""
    form = await form_of(request)
    if Role.APPROVER not in request.state.staff.roles:
        return await _page(request, draft, {"": _("Only somebody with the role approver can approve a draft.")}, 403)
    if not form.get("confirmed"):
        return await _page(request, draft, {"confirmed": _("Tick the box if you approve all of it.")})
    try:
        await approve(draft.id, str(form.get("digest", "")), by=actor(request), at=at(request))
    except RuleBroken as broken:
        return await _page(request, await Draft.get(id=draft.id), {"": _(broken.message)}, 409)
    return redirect(request, f"/staff/drafts/{draft.id}/approvals", _("The draft is approved."))


async def _page(request: Request, draft: Draft, errors: dict[str, str], status: int = 422) -> Response:
    short, matrix = (await overview([draft]))[0], await matrix_of(draft)
    approvals = await Approval.filter(draft_id=draft.id).order_by("-id").select_related("staff")
    standing = [one for one in approvals if one.digest == draft.digest and one.staff_id not in short.editors]
    outdated = next((one for one in approvals if one.digest != draft.digest), None)
    translations = await DraftTranslation.filter(draft_id=draft.id).order_by("language")
    names = await Staff.filter(id__in=short.editors).order_by("name").values_list("name", flat=True)
    main, minor = await _cards(matrix)
    return page(
        request,
        "publish/approvals.html",
        status if errors else 200,
        draft=short,
        text=draft.text,
        summary=draft.summary,
        digest=draft.digest,
        approvals=[_given(one) for one in standing],
        outdated=_given(outdated) if outdated else None,
        editors=list(names),
        translations=[language_name(row.language) for row in translations],
        translated=[{"name": language_name(r.language), "language": r.language, "text": r.text} for r in translations],
        terms=terms_in_words(NoticeTerms.from_json(draft.terms)),
        purposes=_purposes(matrix),
        cards=main,
        minor=minor,
        refusal=await _refusal(request, draft, short, [one.staff_id for one in standing]),
        errors=errors,
        may_publish=may_write(request),
    )


def _given(approval: Approval) -> dict[str, Any]:
    return {"name": approval.staff.name, "at": approval.approved_at}


async def _refusal(request: Request, draft: Draft, short: Overview, given_by: list[int]) -> str:
    """Why the one who reads the page cannot approve it, in words; nothing, where they can."""
    person = request.state.staff
    if Role.APPROVER not in person.roles:
        return _("Only somebody with the role approver can approve a draft.")
    if person.id in short.editors:
        return _("You worked on this draft: another person has to approve it.")
    if person.id in given_by:
        return _("You have approved it already.")
    for obstacle in await obstacles(draft):
        return _(obstacle.message)
    return ""


async def _cards(matrix: Matrix) -> tuple[list[Any], list[Any]]:
    if not matrix.changes:
        return [], []
    return await in_thread(lambda: split_minor([matrix.card(change) for change in matrix.changes]))


def _purposes(matrix: Matrix) -> list[dict[str, Any]]:
    touched = Counter(purpose for row in matrix.given.values() for purpose in row.purposes)
    rows = purposes_in_words(matrix.draft.treatments, matrix.draft.told_of, matrix.titles)
    return [row | {"changes": touched[row["key"]]} for row in rows]
