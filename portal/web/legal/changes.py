"""The classification page: it shows the changes of a choice, and writes what was filled in, row by row or at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.classify import classify, unclassify
from portal.rules.changes import Change
from portal.rules.errors import RuleBroken
from portal.store.draft_overview import overview
from portal.store.drafts import Draft
from portal.store.staff import Role
from portal.web.clock import at
from portal.web.forms import form_of
from portal.web.guards import actor
from portal.web.legal.choice import EDITORIAL, Choice
from portal.web.legal.matrix import Matrix, Typed, matrix_of
from portal.web.legal.of_draft import of_draft
from portal.web.legal.policies import may_write
from portal.web.legal.rows import Filled, rows_of, suggested
from portal.web.paging import paging
from portal.web.render import page, redirect
from portal.web.text import gettext as _
from portal.web.text import ngettext

ROWS = 25
TAKE = "take-"
Alike = dict[tuple[tuple[str, ...], str], list[str]]


@dataclass
class Sent:
    """What was typed, kept for showing it again: fields and errors by row, the keys of each row's changes, and the
    fields of several at once."""

    typed: dict[str, Typed] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    ticked: list[str] = field(default_factory=list)
    taken: str = ""
    bulk: dict[str, Any] = field(
        default_factory=lambda: {"open": False, "scope": "ticked", "purposes": [], "reason": ""}
    )
    bulk_errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, form: FormData) -> "Sent":
        shown = [str(key) for key in form.getlist("shown")]
        return cls(
            typed={key: Typed.sent(form, key) for key in shown},
            keys={key: [str(one) for one in form.getlist(f"keys-{key}")] or [key] for key in shown},
            ticked=[str(key) for key in form.getlist("ticked")],
        )

    def meant(self) -> list[str]:
        """The changes of the rows that were ticked."""
        return [key for row in self.ticked for key in self.keys.get(row, [row])]


@of_draft(Role.LEGAL, Role.APPROVER)
async def show(request: Request, draft: Draft) -> Response:
    return await _page(request, await matrix_of(draft), request.query_params, Sent())


@of_draft(Role.LEGAL)
async def save(request: Request, draft: Draft) -> Response:
    """`act`: `save` writes each row that was filled in, `bulk` the same classification for several, `take-…` fills a
    row's fields with what is suggested for it and writes nothing."""
    form, matrix = await form_of(request), await matrix_of(draft)
    query = QueryParams(parse_qsl(str(form.get("query", ""))))
    sent, act = Sent.of(form), str(form.get("act", ""))
    if act.startswith(TAKE):
        _take(matrix, act.removeprefix(TAKE), sent)
        return await _page(request, matrix, query, sent, shown=True)
    if act == "bulk":
        written = await _save_bulk(request, matrix, form, query, sent)
    else:
        written = await _save_rows(request, matrix, form, sent)
    if sent.errors or sent.bulk_errors:
        return await _page(request, await matrix_of(draft), query, sent, shown=True)
    said = ngettext("%(num)s change is classified.", "%(num)s changes are classified.", written)
    return redirect(request, _address(draft, query), said if written else _("Nothing was filled in anew."))


def _take(matrix: Matrix, key: str, sent: Sent) -> None:
    """Fills the fields of a row; a reason that was typed stays."""
    change = next((one for one in matrix.changes if one.id == key), None)
    guess = matrix.suggested(change) if change else None
    if guess is None or key not in sent.typed:
        return
    proposed = suggested(matrix, guess).typed
    sent.typed[key] = Typed(proposed.chosen, sent.typed[key].reason or proposed.reason)
    sent.taken = key


async def _save_rows(request: Request, matrix: Matrix, form: FormData, sent: Sent) -> int:
    """Rows whose fields are as they were are left alone, whatever somebody else made of them meanwhile."""
    alike: Alike = defaultdict(list)
    emptied: list[str] = []
    for key, typed in sent.typed.items():
        keys, was = sent.keys[key], str(form.get(f"was-{key}", ""))
        now = {Typed.of(matrix.given.get(one)).mark for one in keys}
        if typed.mark == was or now == {typed.mark}:
            continue
        if not set(keys) <= matrix.keys:
            sent.errors[key] = _("The draft does not make this change any more.")
        elif now != {was}:
            sent.errors[key] = _(
                "Somebody else classified this change meanwhile, as shown above. Save again to replace it."
            )
        elif typed.empty:
            emptied += keys
        elif problem := typed.problem():
            sent.errors[key] = problem
        else:
            alike[typed.purposes, typed.reason] += keys
    if sent.errors:
        return 0
    return await _write(request, matrix, alike, emptied, sent)


async def _write(request: Request, matrix: Matrix, alike: Alike, emptied: list[str], sent: Sent) -> int:
    by, now, written = actor(request), at(request), 0
    rows = {key: row for row, keys in sent.keys.items() for key in keys}
    for (purposes, reason), keys in alike.items():
        try:
            await classify(matrix.draft.id, keys, purposes, reason, by=by, at=now)
            written += len(keys)
        except RuleBroken as broken:
            sent.errors |= {rows[key]: _(broken.message) for key in keys}
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
    keys = everything if scope == "matching" else [key for key in sent.meant() if key in matrix.keys]
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


async def _page(request: Request, matrix: Matrix, query: QueryParams, sent: Sent, *, shown: bool = False) -> Response:
    """With `shown` exactly the rows that were sent are shown again, wherever they would stand now."""
    choice, draft = Choice.of(query), (await overview([matrix.draft]))[0]
    matching = matrix.matching(choice)
    groups = matrix.grouped(matching, apart=choice.apart)
    listed = paging(query, len(groups), ROWS)
    here = _sent_again(matrix, sent.keys) if shown else groups[listed.first : listed.last]
    errors = {f"row-{key}": message for key, message in sent.errors.items()} | sent.bulk_errors
    filled = Filled(sent.typed if shown else {}, sent.errors, sent.ticked, sent.taken)
    return page(
        request,
        "draft/changes.html",
        422 if errors else 200,
        draft=draft,
        rows=await rows_of(matrix, here, filled),
        matching=len(matching),
        groups=len(groups),
        all_done=draft.changes > 0 and not draft.unclassified,
        chosen=choice,
        facets=matrix.facets,
        engine=matrix.comparison.engine if matrix.comparison else "",
        degraded=bool(matrix.comparison and matrix.comparison.degraded),
        purpose_choices=[*matrix.options, (EDITORIAL, _("None: editorial"))],
        bulk=sent.bulk,
        errors=errors,
        query=urlencode(list(query.multi_items())),
        page=listed.page,
        pages=listed.pages,
        page_base=_address(matrix.draft, query, without_page=True),
        may_write=may_write(request),
    )


def _sent_again(matrix: Matrix, keys: Mapping[str, Sequence[str]]) -> list[tuple[Change, ...]]:
    by_key = {change.id: change for change in matrix.changes}
    rows = (tuple(by_key[key] for key in row if key in by_key) for row in keys.values())
    return [row for row in rows if row]


def _address(draft: Draft, query: QueryParams, *, without_page: bool = False) -> str:
    kept = [(name, value) for name, value in query.multi_items() if name != "page" or not without_page]
    asked = urlencode([*kept, ("page", "")] if without_page else kept)
    return f"/staff/drafts/{draft.id}/changes" + (f"?{asked}" if asked else "")
