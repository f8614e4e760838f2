"""Tokens with which the company's systems ask the API, for admins."""

from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from portal.actions.token import end_token, make_token
from portal.store.staff import ApiToken, Role, Scope
from portal.web.clock import at
from portal.web.forms import read
from portal.web.guards import actor, staff
from portal.web.render import page, redirect
from portal.web.text import gettext as _


class NewToken(BaseModel):
    name: str = Field(max_length=200)
    scopes: Annotated[list[Scope], Field(max_length=len(Scope))]


def scope_names() -> list[tuple[str, str, str]]:
    """(scope, its name, what a token with it may do)."""
    return [
        ("terms:read", _("Terms"), _("asks which version governs a member’s data")),
        ("notices:read", _("Notices"), _("reads a member’s notices, to show them in the account on your own site")),
        (
            "notices:links",
            _("Links"),
            _("gets a member’s own link with each notice: whoever has one can answer for the member"),
        ),
        (
            "notices:write",
            _("Sights"),
            _("records that a member has seen a notice, which can start their time to object"),
        ),
        (
            "opt_outs:links",
            _("Unsubscribing"),
            _("gets the link with which a member stops a purpose by a single click, for your own mails"),
        ),
    ]


@staff(Role.ADMIN)
async def tokens(request: Request) -> Response:
    return await _tokens_page(request, 200, {}, {})


@staff(Role.ADMIN)
async def add_token(request: Request) -> Response:
    """Makes a token and shows it, this once. No redirect: it would have to be kept somewhere in between."""
    form = await read(request, NewToken, lists=("scopes",))
    if form.values is None:
        return await _tokens_page(request, 422, form.errors, form.given)
    # Nothing ticked is the first one: what every token could before there were scopes.
    scopes = form.values.scopes or [Scope.TERMS_READ]
    row, token = await make_token(form.values.name, scopes, by=actor(request), at=at(request))
    return page(request, "staff/new_token.html", 201, row=row, token=token)


@staff(Role.ADMIN)
async def end(request: Request) -> Response:
    await ApiToken.get(id=request.path_params["id"])
    await end_token(request.path_params["id"], by=actor(request), at=at(request))
    return redirect(request, "/staff/tokens", _("The token no longer works."))


async def _tokens_page(request: Request, status: int, errors: dict[str, str], given: dict[str, Any]) -> Response:
    rows = await ApiToken.all().order_by("ended_at", "-id").select_related("staff")
    working = [row for row in rows if row.ended_at is None]
    ended = [row for row in rows if row.ended_at is not None]
    return page(
        request,
        "staff/tokens.html",
        status,
        working=working,
        ended=ended,
        errors=errors,
        name=given.get("name", ""),
        scopes=scope_names(),
        chosen=given.get("scopes", []),
    )
