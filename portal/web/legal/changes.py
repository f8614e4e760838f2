"""The classification page: it shows the changes of a choice, and writes what was filled in, row by row or at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.classify import classify, unclassify
from portal.rules.errors import RuleBroken
from portal.store.draft_overview import overview
from portal.store.drafts import Draft
from portal.store.staff import Role
from portal.web.change_cards import class_name, flag_name
from portal.web.clock import at
from portal.web.forms import form_of
from portal.web.guards import actor
from portal.web.legal.matrix import EDITORIAL, ROWS, Choice, Matrix, Typed, matrix_of, rows_of
from portal.web.legal.of_draft import of_draft
from portal.web.legal.policies import may_write
from portal.web.paging import paging
from portal.web.render import page, redirect
from portal.web.text import gettext as _
from portal.web.text import ngettext


@dataclass
class Sent:
    """What was typed, kept for showing it again: fields and errors by change key, and the fields of several at once."""

    typed: dict[str, Typed] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    ticked: list[str] = field(default_factory=list)
    bulk: dict[str, Any] = field(
        default_factory=lambda: {"open": False, "scope": "ticked", "purposes": [], "reason": ""}
    )
    bulk_errors: dict[str, str] = field(default_factory=dict)


@of_draft(Role.LEGAL, Role.APPROVER)
async def show(request: Request, draft: Draft) -> Response:
    return await _page(request, await matrix_of(draft), request.query_params, Sent())


@of_draft(Role.LEGAL)
async def save(request: Request, draft: Draft) -> Response:
    """`act`: `save` writes each row that was filled in, `bulk` the same classification for several."""
    form, matrix = await form_of(request), await matrix_of(draft)
    query = QueryParams(parse_qsl(str(form.get("query", ""))))
    shown = [str(key) for key in form.getlist("shown")]
    sent = Sent(
        typed={key: Typed.sent(form, key) for key in shown}, ticked=[str(key) for key in form.getlist("ticked")]
    )
    if form.get("act") == "bulk":
        written = await _save_bulk(request, matrix, form, query, sent)
    else:
        written = await _save_rows(request, matrix, form, sent)
    if sent.errors or sent.bulk_errors:
        return await _page(request, await matrix_of(draft), query, sent, shown)
    said = ngettext("%(num)s change is classified.", "%(num)s changes are classified.", written)
    return redirect(request, _address(draft, query), said if written else _("Nothing was filled in anew."))


async def _save_rows(request: Request, matrix: Matrix, form: FormData, sent: Sent) -> int:
    """Rows whose fields are as they were are left alone, whatever somebody else made of them meanwhile."""
    alike: dict[tuple[tuple[str, ...], str], list[str]] = defaultdict(list)
    emptied: list[str] = []
    for key, typed in sent.typed.items():
        was, now = str(form.get(f"was-{key}", "")), Typed.of(matrix.given.get(key))
        if typed.mark in (was, now.mark):
            continue
        if key not in matrix.keys:
            sent.errors[key] = _("The draft does not make this change any more.")
        elif was != now.mark:
            sent.errors[key] = _(
                "Somebody else classified this change meanwhile, as shown above. Save again to replace it."
            )
        elif typed.empty:
            emptied.append(key)
        elif problem := typed.problem():
            sent.errors[key] = problem
        else:
            alike[typed.purposes, typed.reason].append(key)
    if sent.errors:
        return 0
    return await _write(request, matrix, alike, emptied, sent)


async def _write(
    request: Request,
    matrix: Matrix,
    alike: dict[tuple[tuple[str, ...], str], list[str]],
    emptied: list[str],
    sent: Sent,
) -> int:
    by, now, written = actor(request), at(request), 0
    for (purposes, reason), keys in alike.items():
        try:
            await classify(matrix.draft.id, keys, purposes, reason, by=by, at=now)
            written += len(keys)
        except RuleBroken as broken:
            sent.errors |= dict.fromkeys(keys, _(broken.message))
    if emptied:
        await unclassify(matrix.draft.id, emptied, by=by, at=now)
    return written + len(emptied)


async def _save_bulk(request: Request, matrix: Matrix, form: FormData, query: QueryParams, sent: Sent) -> int:
    typed = Typed(
        tuple(sorted(str(one) for one in form.getlist("bulk_purposes"))), str(form.get("bulk_reason", "")).strip()
    )
    scope = str(form.get("bulk_scope", "ticked"))
    sent.bulk = {"open": True, "scope": scope, "purposes": list(typed.chosen), "reason": typed.reason}
    everything = [change.id for change in matrix.matching(Choice.of(query))]
    keys = everything if scope == "matching" else [key for key in sent.ticked if key in matrix.keys]
    if not keys:
        sent.bulk_errors["bulk_scope"] = _("Tick the changes that are meant, or choose all.")
    if problem := typed.problem():
        sent.bulk_errors["bulk_reason" if typed.chosen and not typed.reason else "bulk_purposes"] = problem
    if sent.bulk_errors:
        return 0
    try:
        await classify(matrix.draft.id, keys, typed.purposes, typed.reason, by=actor(request), at=at(request))
    except RuleBroken as broken:
        sent.bulk_errors["bulk_reason" if broken.facts.get("field") == "reason" else ""] = _(broken.message)
        return 0
    return len(keys)


async def _page(
    request: Request, matrix: Matrix, query: QueryParams, sent: Sent, shown: Sequence[str] = ()
) -> Response:
    """With errors, exactly the rows that were sent are shown again, wherever they would stand now."""
    choice, draft = Choice.of(query), (await overview([matrix.draft]))[0]
    matching = matrix.matching(choice)
    listed = paging(query, len(matching), ROWS)
    here = (
        [change for change in matrix.changes if change.id in shown] if shown else matching[listed.first : listed.last]
    )
    errors = {f"row-{key}": message for key, message in sent.errors.items()} | sent.bulk_errors
    return page(
        request,
        "draft/changes.html",
        422 if errors else 200,
        draft=draft,
        rows=await rows_of(matrix, here, sent.typed if shown else {}, sent.errors, sent.ticked),
        matching=len(matching),
        all_done=draft.changes > 0 and not draft.unclassified,
        chosen=choice,
        classes=[(cls, class_name(cls)) for cls in dict.fromkeys(sorted(change.cls for change in matrix.changes))],
        flags=[(flag, flag_name(flag)) for flag in sorted({f for change in matrix.changes for f in change.flags})],
        purposes=matrix.options,
        purpose_choices=[*matrix.options, (EDITORIAL, _("None: editorial"))],
        bulk=sent.bulk,
        errors=errors,
        query=urlencode(list(query.multi_items())),
        page=listed.page,
        pages=listed.pages,
        page_base=_address(matrix.draft, query, without_page=True),
        may_write=may_write(request),
    )


def _address(draft: Draft, query: QueryParams, *, without_page: bool = False) -> str:
    kept = [(name, value) for name, value in query.multi_items() if name != "page" or not without_page]
    asked = urlencode([*kept, ("page", "")] if without_page else kept)
    return f"/staff/drafts/{draft.id}/changes" + (f"?{asked}" if asked else "")
