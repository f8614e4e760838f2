"""Drafts: the list, starting one, editing it, dropping it, a proof of its mail."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.actions.draft import drop_draft, save_draft, start_draft
from portal.actions.proof import send_proof
from portal.rules.errors import RuleBroken
from portal.rules.policy import NoticeTerms
from portal.store.draft_overview import open_drafts, overview
from portal.store.drafts import Draft
from portal.store.events import Event
from portal.store.publications import purpose_titles
from portal.store.staff import Role, Staff
from portal.web.clock import at
from portal.web.forms import form_of
from portal.web.guards import actor, staff
from portal.web.legal.editing import Difference, TypedDraft, differences, refusal_of
from portal.web.legal.of_draft import of_draft
from portal.web.legal.policies import may_write, policy_by
from portal.web.legal.terms_form import (
    TREATMENT,
    purpose_fields,
    terms_in_words,
    treatments_in_short,
)
from portal.web.render import page, redirect
from portal.web.text import gettext as _
from portal.web.text import language_name

TERMS = {"channels", "objection_days", "day_count", "zone", "holidays"}


@staff(Role.LEGAL, Role.APPROVER)
async def index(request: Request) -> Response:
    return page(request, "draft/drafts.html", drafts=await overview(await open_drafts()))


@staff(Role.LEGAL)
async def start(request: Request) -> Response:
    """A draft of the policy's next version; where one is open, that one."""
    policy = await policy_by(request)
    try:
        draft = await start_draft(policy.id, by=actor(request), at=at(request))
    except RuleBroken as broken:
        if broken.code != "draft_open":
            raise
        return redirect(request, f"/staff/drafts/{broken.facts['draft']}", _("A draft of this policy is open already."))
    return redirect(request, f"/staff/drafts/{draft.id}", _("The draft is started."))


@of_draft(Role.LEGAL, Role.APPROVER)
async def show(request: Request, draft: Draft) -> Response:
    typed = await TypedDraft.of(draft)
    return await _edit_page(request, draft, typed, typed.mark)


@of_draft(Role.LEGAL)
async def save(request: Request, draft: Draft) -> Response:
    form = await form_of(request)
    typed, saved = await TypedDraft.sent(form), await TypedDraft.of(draft)
    seen = str(form.get("seen", ""))
    await form.close()  # the uploaded file
    edit, errors = typed.edit()
    if seen != saved.mark and await _differences(saved, typed.with_file_as_text()):
        return await _conflict(request, draft, typed.with_file_as_text(), saved)
    if edit is None:
        return await _edit_page(request, draft, typed.with_file_as_text(), seen, errors)
    try:
        await save_draft(draft.id, edit, by=actor(request), at=at(request), seen=draft.digest)
    except RuleBroken as broken:
        if broken.code == "draft_changed":
            draft = await Draft.get(id=draft.id)
            return await _conflict(request, draft, typed.with_file_as_text(), await TypedDraft.of(draft))
        field = (
            "text_file"
            if typed.file is not None and broken.code.startswith("text_")
            else refusal_of(broken.facts, broken.code)
        )
        return await _edit_page(request, draft, typed.with_file_as_text(), seen, {field: _(broken.message)})
    return redirect(request, f"/staff/drafts/{draft.id}", _("The draft is saved."))


async def _conflict(request: Request, draft: Draft, typed: TypedDraft, saved: TypedDraft) -> Response:
    """Both are shown; what was typed stays in the fields, and is saved over the other only when it is sent again."""
    theirs = {"name": await _last_editor(draft), "fields": await _differences(saved, typed)}
    message = _("Somebody else saved this draft while you were editing it. Nothing of yours is saved yet.")
    return await _edit_page(request, draft, typed, saved.mark, {"": message}, theirs=theirs, status=409)


async def _differences(saved: TypedDraft, typed: TypedDraft) -> list[Difference]:
    """In a thread: two long texts may take a second, and others want to read meanwhile."""
    return await asyncio.to_thread(differences, saved, typed)


async def _last_editor(draft: Draft) -> str:
    of_policy = Event.filter(policy_id=draft.policy_id, member_id__isnull=True)
    async for event in of_policy.filter(action="draft.edited").order_by("-id").limit(20):
        if event.facts.get("draft") == draft.id:
            person = await Staff.get_or_none(id=int(event.actor.partition(":")[2] or 0))
            return person.name if person else ""
    return _("Somebody")


async def _edit_page(
    request: Request,
    draft: Draft,
    typed: TypedDraft,
    seen: str,
    errors: dict[str, str] | None = None,
    *,
    theirs: dict[str, Any] | None = None,
    status: int = 422,
) -> Response:
    terms = typed.terms
    return page(
        request,
        "draft/edit.html",
        status if errors else 200,
        draft=(await overview([draft]))[0],
        language=language_name(draft.language),
        values={
            "text": typed.text,
            "summary": typed.summary,
            "translations": typed.translations,
            "new_language": typed.new_language,
            "new_translation": typed.new_translation,
            "channels": terms.channels,
            "objection_days": terms.objection_days,
            "day_count": terms.day_count,
            "zone": terms.zone,
            "holidays": terms.holidays,
            "treatments": terms.treatments,
            "told_of": terms.told_of,
        },
        purposes=await purpose_fields(),
        terms_now=terms_in_words(NoticeTerms.from_json(draft.terms)),
        treatments_now=treatments_in_short(draft.treatments, await purpose_titles()),
        open_terms=bool(TERMS & set(errors or {})) or theirs is not None,
        open_treatments=any(name.startswith(TREATMENT) or name == "told_of" for name in errors or {})
        or theirs is not None,
        seen=seen,
        errors=errors or {},
        theirs=theirs,
        may_write=may_write(request),
        my_address=request.state.staff.email,
    )


@of_draft(Role.LEGAL)
async def removal(request: Request, draft: Draft) -> Response:
    short = (await overview([draft]))[0]
    if request.method != "POST":
        return page(request, "draft/removal.html", draft=short, errors={})
    if not (await form_of(request)).get("confirmed"):
        errors = {"confirmed": _("Tick the box if you mean it.")}
        return page(request, "draft/removal.html", 422, draft=short, errors=errors)
    await drop_draft(draft.id, by=actor(request), at=at(request))
    return redirect(request, f"/staff/policies/{short.slug}", _("The draft is dropped."))


@of_draft(Role.LEGAL, Role.APPROVER)
async def proof(request: Request, draft: Draft) -> Response:
    """The notice as members would get it, to the one who asks."""
    await send_proof(draft.id, by=actor(request), at=at(request))
    request.app.state.jobs.wake()
    said = _("A proof is on its way to %(address)s.", address=request.state.staff.email)
    return redirect(request, f"/staff/drafts/{draft.id}", said)
