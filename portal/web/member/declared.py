"""What a member declared, in words: what it is, what follows from it, what became of it."""

from dataclasses import dataclass

from portal.rules.standing import Objection as Filed
from portal.store.answers import Objection
from portal.store.declarations import Decision, Declaration, DeclarationKind
from portal.web.member.case import Case
from portal.web.member.consequence import consequence_of
from portal.web.text import gettext as _


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration as its page tells it. `state`: unconfirmed, confirmed, dropped, rejected, overtaken.

    `confirms`: the words of the button.
    """

    declaration: Declaration
    state: str
    heading: str
    what: str
    follows: tuple[str, ...]
    objection: Objection | None
    title: str
    confirms: str


def declared(case: Case, declaration: Declaration) -> Declared:
    state = str(declaration.decided_as or "unconfirmed")
    objection = next((one for one in case.objections if one.id == declaration.objection_id), None)
    return Declared(
        declaration=declaration,
        state=state,
        heading=_heading(case, declaration),
        what=_what(case, declaration, objection),
        follows=tuple(_follows(case, declaration, objection)),
        objection=objection,
        title=case.title_of(declaration.purpose) if declaration.purpose else "",
        confirms=_confirms(declaration),
    )


def _confirms(declaration: Declaration) -> str:
    match declaration.kind:
        case DeclarationKind.WITHDRAWAL:
            return _("Confirm that I take it back")
        case DeclarationKind.OBJECTION:
            return _("Confirm my objection")
    return _("Confirm my yes")


def _heading(case: Case, declaration: Declaration) -> str:
    title = case.title_of(declaration.purpose) if declaration.purpose else ""
    match declaration.decided_as:
        case None:
            return _("We have received your answer")
        case Decision.DROPPED:
            return _("You left everything as it is")
        case Decision.REJECTED:
            return _("We could not accept this answer")
        case Decision.OVERTAKEN:
            return _overtaken(declaration)
    if declaration.kind is DeclarationKind.WITHDRAWAL:
        return _("You took your objection back")
    if declaration.kind is DeclarationKind.OBJECTION:
        return _("Your objection is confirmed")
    if declaration.kind is DeclarationKind.OPT_IN:
        return _("You allow %(purpose)s again", purpose=title)
    return _("You said yes to %(purpose)s", purpose=title)


def _overtaken(declaration: Declaration) -> str:
    if declaration.kind is DeclarationKind.OBJECTION:
        return _("You objected in another way already")
    return _("The objection was taken back already")


def _what(case: Case, declaration: Declaration, objection: Objection | None) -> str:
    title = case.title_of(declaration.purpose) if declaration.purpose else ""
    if declaration.kind is DeclarationKind.WITHDRAWAL:
        return _("You take objection %(number)s back.", number=objection.number if objection else "")
    if declaration.kind is DeclarationKind.OBJECTION:
        return _("By your reply to our mail you object to all changes that can be objected to.")
    if declaration.kind is DeclarationKind.OPT_IN:
        return _("You allow %(purpose)s again.", purpose=title)
    return _("Yes to %(purpose)s, for what we already hold.", purpose=title)


def _follows(case: Case, declaration: Declaration, objection: Objection | None) -> list[str]:
    if declaration.decided_as in (Decision.DROPPED, Decision.REJECTED, Decision.OVERTAKEN):
        return [_("Nothing follows from this answer.")]
    said = [_("Nothing changes before you confirm it. Then:")] if declaration.decided_as is None else []
    if declaration.kind is DeclarationKind.WITHDRAWAL:
        return [*said, *withdrawal_follows(case, objection)]
    if declaration.kind is DeclarationKind.OBJECTION:
        return [*said, *_objection_follows(case, declaration)]
    title = case.title_of(declaration.purpose)
    if declaration.kind is DeclarationKind.CONSENT:
        said.append(consent_follows(case, declaration.purpose))
    if declaration.kind is DeclarationKind.OPT_IN or declaration.purpose in case.standing.opted_out:
        said.append(_opt_out_follows(case, declaration, title))
    return said


def _objection_follows(case: Case, declaration: Declaration) -> list[str]:
    """The words of the review page, for all changes, as received when the reply came."""
    purposes = frozenset(purpose for touched in case.ruled.objectable.values() for purpose in touched)
    filed = Filed(declaration.received_at, purposes, case.ruled.closes(purposes))
    consequence = consequence_of(case, filed)
    return [f"{consequence.heading}.", *consequence.sentences, consequence.take_back]


def withdrawal_follows(case: Case, objection: Objection | None) -> list[str]:
    """What a withdrawal means that cannot be undone."""
    said = [_("Version %(number)s then applies at once, also to what we already hold.", number=case.number)]
    if case.newest > case.number:
        said.append(_("Later versions then do so, too, as far as they apply to you already."))
    if objection is not None and objection.closing:
        said.append(_("Your account stays open."))
    return said


def consent_follows(case: Case, purpose: str) -> str:
    """What a yes means."""
    return _(
        "For %(purpose)s version %(number)s applies also to what we already hold.",
        purpose=case.title_of(purpose),
        number=case.number,
    )


def _opt_out_follows(case: Case, declaration: Declaration, title: str) -> str:
    if declaration.decided_as is None:
        return _("Your opt-out of %(purpose)s ends, in all our policies.", purpose=title)
    if declaration.purpose in case.standing.opted_out:
        return _("You have opted out of %(purpose)s since then. That stands.", purpose=title)
    return _("Your opt-out of %(purpose)s has ended, in all our policies.", purpose=title)
