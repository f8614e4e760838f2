"""What ops does with an answer that nobody has confirmed: find out whose it is, then confirm or reject it.

The confirmation itself has two pages, like all that ops enter for a member: `entering/declared.py`.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.actions.actor import Actor
from portal.actions.declaration import reject_declaration
from portal.store.declarations import DeclarationKind
from portal.store.staff import Role
from portal.web.clock import at
from portal.web.guards import View, actor, staff
from portal.web.ops.act import Act, Input, act_page, acted
from portal.web.ops.declaration_words import ToldDeclaration, declaration_rows
from portal.web.ops.declarations import told_declaration
from portal.web.render import redirect
from portal.web.text import gettext as _

HERE = "/staff/declarations"
Deed = Callable[[ToldDeclaration, str, Actor, datetime], Awaitable[str]]


def declaration_act(shown: Callable[[ToldDeclaration], Act]) -> Callable[[Deed], View]:
    """Makes a view out of an act and the deed behind its button, which answers with what to tell afterwards."""

    def made(deed: Deed) -> View:
        @wraps(deed)
        @staff(Role.OPS)
        async def view(request: Request) -> Response:
            told, now = await told_declaration(request), at(request)
            act = shown(told)
            if request.method == "POST":
                by = actor(request)
                return await acted(request, act, lambda given: deed(told, str(given.get("reason", "")), by, now))
            if not told.open:
                return redirect(request, act.back, _("That was decided already."))
            return act_page(request, act)

        return view

    return made


def confirmed_follows(told: ToldDeclaration) -> list[str]:
    """What a confirmation sets going."""
    if told.row.kind is DeclarationKind.WITHDRAWAL:
        first = _("The objection ends. The new version applies to the account from then on, to old data as well.")
    elif told.row.kind is DeclarationKind.OBJECTION:
        first = _(
            "The objection is in force, to all changes that can be objected to. It freezes; the account stays open."
        )
    else:
        first = _("The purpose is allowed from then on, as if the member had confirmed it.")
    return [
        first,
        _("The member gets a receipt of it by mail."),
        _("Confirming moves no date: the answer counts from the moment it was received."),
    ]


def confirmation_act(told: ToldDeclaration, follows: Sequence[str], inputs: Sequence[Input]) -> Act:
    """The form of a confirmation."""
    title = _("Confirm the answer")
    return _act(
        told, title, "confirmation", heading=_("What follows"), follows=follows, inputs=inputs, label=_("Continue")
    )


def rejection_act(told: ToldDeclaration) -> Act:
    hint = _("Such as: called back at the number in the contract, 14 March, spoke to the account’s owner.")
    title = _("Reject the answer")
    return _act(
        told,
        title,
        "rejection",
        heading=_("Everything stays as it is"),
        follows=[_("Reject it only where you know that it did not come from the member.")],
        inputs=[Input("reason", _("How you know that it did not come from the member"), "textarea", hint)],
        label=title,
        outcome="none",
    )


def _act(told: ToldDeclaration, title: str, noun: str, **rest: Any) -> Act:
    here = f"{HERE}/{told.row.id}"
    return Act(
        title=title,
        caption=_("Answer %(number)s", number=told.row.number),
        trail=[(_("Answers to be confirmed"), HERE), (told.row.number, here)],
        rows=declaration_rows(told),
        action=f"{here}/{noun}",
        back=here,
        **rest,
    )


@declaration_act(rejection_act)
async def rejection(told: ToldDeclaration, reason: str, by: Actor, now: datetime) -> str:
    """It did not come from the member."""
    await reject_declaration(told.row.id, by=by, at=now, reason=reason)
    return _("The answer is rejected.")
