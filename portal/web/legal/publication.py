"""Publishing: what it would set going, told before the button; then the button."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.actions.consequences import Consequences, consequences
from portal.actions.publish import publish
from portal.rules.errors import RuleBroken
from portal.store.draft_overview import Overview, overview
from portal.store.drafts import Draft
from portal.store.staff import Role
from portal.web import dates
from portal.web.clock import at
from portal.web.forms import form_of
from portal.web.guards import actor
from portal.web.legal.matrix import Matrix, matrix_of
from portal.web.legal.of_draft import of_draft
from portal.web.legal.policies import may_write
from portal.web.legal.terms_form import Row, terms_in_words, treatment_in_words
from portal.web.render import page, redirect
from portal.web.text import gettext as _
from portal.web.text import ngettext


@of_draft(Role.LEGAL, Role.APPROVER)
async def show(request: Request, draft: Draft) -> Response:
    return await _page(request, draft, {})


@of_draft(Role.LEGAL)
async def go(request: Request, draft: Draft) -> Response:
    """Publishes exactly what the page showed: a draft that was edited since is shown again."""
    form = await form_of(request)
    if not form.get("confirmed"):
        return await _page(request, draft, {"confirmed": _("Tick the box if you want to publish.")})
    if form.get("digest") != draft.digest:
        return await _page(request, draft, {"": _("The draft was edited since you opened this page.")}, 409)
    try:
        version = await publish(draft.id, by=actor(request), at=at(request))
    except RuleBroken as broken:
        return await _page(request, draft, {"": _(broken.message)}, 409)
    request.app.state.jobs.wake()
    short = (await overview([draft]))[0]
    said = _("Version %(number)s is published.", number=version.number)
    return redirect(request, f"/staff/policies/{short.slug}/versions/{version.number}", said)


async def _page(request: Request, draft: Draft, errors: dict[str, str], status: int = 422) -> Response:
    draft_in_short, matrix = (await overview([draft]))[0], await matrix_of(draft)
    told = await consequences(draft.id, at(request))
    return page(
        request,
        "publish/publication.html",
        status if errors else 200,
        draft=draft_in_short,
        blockers=_blockers(told, draft.id),
        figures_of=_figures(told),
        rows=_rows(told),
        outcomes=_outcomes(told, matrix),
        warnings=_warnings(told, draft_in_short),
        by_mail=told.mailed and told.reachable > 0,
        concerned=told.members,
        statement=_statement(told),
        may_publish=may_write(request),
        errors=errors,
    )


def _blockers(told: Consequences, draft_id: int) -> list[dict[str, str]]:
    here = f"/staff/drafts/{draft_id}"
    ways = {
        "text_empty": (here, _("Write the text")),
        "nothing_changed": (here, _("Edit the text")),
        "summary_wanted": (f"{here}#summary", _("Write the summary")),
        "unclassified": (f"{here}/changes?show=unclassified", _("Classify them")),
    }
    found = []
    for obstacle in told.obstacles:
        href, action = ways.get(obstacle.code, ("", ""))
        found.append({"text": _(obstacle.message), "href": href, "action": action})
    if not told.approved:
        text = _("Nobody has approved the draft as it stands now.")
        found.append({"text": text, "href": f"{here}/approvals", "action": _("To the approval")})
    return found


def _figures(told: Consequences) -> list[tuple[int, str]]:
    figures = [(told.members, ngettext("member concerned", "members concerned", told.members))]
    if told.mailed:
        figures.append((told.reachable, ngettext("told by mail", "told by mail", told.reachable)))
        without = told.members - told.reachable
        figures.append((without, _("without an address on file")))
    figures.append((told.changes, ngettext("change", "changes", told.changes)))
    return figures


def _rows(told: Consequences) -> list[Row]:
    rows: list[Row] = [(_("Posted"), _("at once; as of now, %(when)s", when=dates.instant(told.at, told.terms.zone)))]
    rows += terms_in_words(told.terms)
    if told.mailed and not told.terms.by_email:
        why = ", ".join(told.told_of)
        rows.append((_("Mail besides"), _("because of %(purposes)s; it does not count as a channel", purposes=why)))
    rows.append((_("Time to object"), _time_to_object(told)))
    return rows


def _time_to_object(told: Consequences) -> str:
    if told.closes_at is None:
        return _("There is no right to object; members are shown the opt-out.")
    if not told.freezes and not told.closes:
        return _("There is nothing to object to: no change touches a separable or inseparable purpose.")
    when = dates.instant(told.closes_at, told.terms.zone)
    if told.terms.by_email:
        return _(
            "Until %(when)s, for whom the mail reaches now; later for others, each from their own mail.", when=when
        )
    return _("Until %(when)s, for everybody.", when=when)


def _outcomes(told: Consequences, matrix: Matrix) -> list[dict[str, Any]]:
    given = [row.purposes for row in matrix.given.values()]
    rows = [
        {
            "title": matrix.titles.get(purpose, purpose),
            "changes": sum(purpose in purposes for purposes in given),
            "means": _no_right(told) or treatment_in_words(matrix.draft.treatments[purpose]),
        }
        for purpose in (*told.freezes, *told.closes, *told.asks)
    ]
    if told.editorial:
        means = _("Nothing: these changes are editorial.")
        rows.append({"title": _("No purpose"), "changes": told.editorial, "means": means})
    return rows


def _no_right(told: Consequences) -> str:
    return "" if told.terms.may_object else _("There is no right to object.")


def _warnings(told: Consequences, draft: Overview) -> list[str]:
    found = []
    if told.closes and told.terms.may_object:
        found.append(_("A member who objects to an inseparable purpose loses the account."))
    if told.terms.by_email and told.members > told.reachable:
        without = told.members - told.reachable
        found.append(
            ngettext(
                "The version takes no effect for %(num)s member without an address until told in another way.",
                "The version takes no effect for %(num)s members without an address until told in another way.",
                without,
            )
        )
    if draft.base and not told.changes:
        found.append(_("No word of the text is changed: only terms, treatments or translations are."))
    return found


def _statement(told: Consequences) -> str:
    if not told.members:
        return _("I want to publish version %(number)s. It concerns no member.", number=told.number)
    if told.mailed:
        return ngettext(
            "I want to publish version %(number)s and have %(num)s member told by mail.",
            "I want to publish version %(number)s and have %(num)s members told by mail.",
            told.reachable,
            number=told.number,
        )
    return ngettext(
        "I want to publish version %(number)s, which concerns %(num)s member.",
        "I want to publish version %(number)s, which concerns %(num)s members.",
        told.members,
        number=told.number,
    )
