"""Policies: the list, one with its versions and what its next draft starts with, a new one."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.policy import change_policy_defaults, create_policy
from portal.actions.purposes import define_purpose
from portal.rules.errors import RuleBroken
from portal.rules.policy import NoticeTerms
from portal.store.draft_overview import counted, open_drafts, overview, policies_in_short
from portal.store.policies import Policy
from portal.store.publications import purpose_titles, versions_of
from portal.store.staff import Role
from portal.web.clock import at
from portal.web.forms import fields_of, form_of
from portal.web.guards import actor, staff
from portal.web.legal.terms_form import TypedTerms, purpose_fields, purposes_in_words, terms_in_words
from portal.web.render import page, redirect
from portal.web.text import gettext as _

USUAL = NoticeTerms().to_json()


@staff(Role.LEGAL, Role.APPROVER)
async def index(request: Request) -> Response:
    return page(request, "draft/policies.html", policies=await policies_in_short(), may_write=may_write(request))


@staff(Role.LEGAL, Role.APPROVER)
async def show(request: Request) -> Response:
    policy = await policy_by(request)
    versions = await versions_of(policy.id)
    notices, objections = await counted([row.id for row in versions])
    drafts = await overview(await open_drafts().filter(policy_id=policy.id))
    return page(
        request,
        "draft/policy.html",
        policy=policy,
        draft=drafts[0] if drafts else None,
        versions=[
            {
                "number": row.number,
                "posted_at": row.posted_at,
                "summary": row.summary,
                "notices": notices.get(row.id, 0),
                "objections": objections.get(row.id, 0),
            }
            for row in versions
        ],
        next_number=versions[0].number + 1 if versions else 1,
        terms=terms_in_words(NoticeTerms.from_json(policy.terms)),
        purposes=purposes_in_words(policy.treatments, policy.told_of, await purpose_titles()),
        may_write=may_write(request),
    )


@staff(Role.LEGAL)
async def defaults(request: Request) -> Response:
    """What the policy's next draft starts with."""
    policy = await policy_by(request)
    typed = TypedTerms.of(policy.terms, policy.treatments, policy.told_of)
    if request.method != "POST":
        return await _defaults_page(request, policy, policy.title, typed, {})
    form = await form_of(request)
    typed, title = TypedTerms.sent(form), str(form.get("title", "")).strip()
    read, errors = typed.read()
    if read is None:
        return await _defaults_page(request, policy, title, typed, errors)
    try:
        await change_policy_defaults(policy.id, read, title=title, by=actor(request), at=at(request))
    except RuleBroken as broken:
        return await _defaults_page(request, policy, title, typed, named(broken))
    return redirect(request, f"/staff/policies/{policy.slug}", _("The next draft will start with these."))


async def _defaults_page(
    request: Request, policy: Policy, title: str, typed: TypedTerms, errors: dict[str, str]
) -> Response:
    return page(
        request,
        "draft/policy_form.html",
        422 if errors else 200,
        policy=policy,
        values={"slug": policy.slug, "title": title, "language": policy.language},
        typed=typed,
        purposes=await purpose_fields(),
        errors=errors,
    )


@staff(Role.LEGAL)
async def new(request: Request) -> Response:
    """A policy without versions."""
    typed = TypedTerms.of(USUAL, {}, ())
    if request.method != "POST":
        return await _new_page(request, {"slug": "", "title": "", "language": "en"}, typed, {})
    form = await form_of(request)
    given, typed = fields_of(form), TypedTerms.sent(form)
    values = {name: given.get(name, "") for name in ("slug", "title", "language")}
    read, errors = typed.read()
    if read is None:
        return await _new_page(request, values, typed, errors)
    try:
        await create_policy(
            values["slug"], values["title"], read, language=values["language"], by=actor(request), at=at(request)
        )
    except RuleBroken as broken:
        return await _new_page(request, values, typed, named(broken))
    return redirect(request, f"/staff/policies/{values['slug']}", _("The policy is added. Start its first draft."))


async def _new_page(request: Request, values: dict[str, Any], typed: TypedTerms, errors: dict[str, str]) -> Response:
    return page(
        request,
        "draft/policy_form.html",
        422 if errors else 200,
        policy=None,
        values=values,
        typed=typed,
        purposes=await purpose_fields(),
        errors=errors,
    )


@staff(Role.LEGAL)
async def new_purpose(request: Request) -> Response:
    """A purpose for all of the company's policies."""
    if request.method != "POST":
        return page(request, "draft/purpose_form.html", values={"key": "", "title": "", "about": ""}, errors={})
    given = fields_of(await form_of(request))
    values = {name: given.get(name, "") for name in ("key", "title", "about")}
    try:
        await define_purpose(values["key"], values["title"], values["about"], by=actor(request), at=at(request))
    except RuleBroken as broken:
        return page(request, "draft/purpose_form.html", 422, values=values, errors=named(broken))
    return redirect(request, "/staff/policies", _("The purpose %(title)s is defined.", title=values["title"]))


async def policy_by(request: Request) -> Policy:
    """The policy that the address names. HTTPException 404 where there is none."""
    policy = await Policy.get_or_none(slug=request.path_params["slug"])
    if policy is None:
        raise HTTPException(404)
    return policy


def may_write(request: Request) -> bool:
    return Role.LEGAL in request.state.staff.roles


def named(broken: RuleBroken) -> dict[str, str]:
    """The refusal as an error of the field it names, or of the whole form."""
    return {str(broken.facts.get("field", "")): _(broken.message)}
