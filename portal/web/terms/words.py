"""What governs, and why, in words."""

from datetime import datetime

from portal.rules.governing import Answer, Basis
from portal.web.dates import instant, instant_bare
from portal.web.terms.known import Line, PolicyTerms
from portal.web.terms.lettering import unfolded
from portal.web.text import gettext as _


def version_name(number: int | None) -> str:
    """`Version 2`, or that there is none."""
    return _("Version %(number)s", number=number) if number else _("no version")


def basis_name(basis: Basis) -> str:
    """A word or two."""
    return unfolded(basis_in_bar(basis))


def basis_in_bar(basis: Basis) -> str:
    """The same, with soft hyphens where the language lets a long word break: bars of the picture are narrow."""
    return {
        Basis.IN_FORCE: _("in force"),
        Basis.OBJECTION: _("you objected"),
        Basis.WINDOW_OPEN: _("you can still object"),
        Basis.CONSENT_MISSING: _("no consent"),
        Basis.OPTED_OUT: _("opted out"),
        Basis.ACCOUNT_CLOSED: _("closed"),
    }[basis]


def legend(basis: Basis) -> str:
    """What such a part of the picture says."""
    return {
        Basis.IN_FORCE: _("In force for you"),
        Basis.OBJECTION: _("Kept under an earlier version, since you objected"),
        Basis.WINDOW_OPEN: _("Waits for your answer: you can still object"),
        Basis.CONSENT_MISSING: _("Kept under an earlier version, since you have not said yes"),
        Basis.OPTED_OUT: _("Not used, since you opted out"),
        Basis.ACCOUNT_CLOSED: _("Not used, since the account is closed"),
    }[basis]


def why(terms: PolicyTerms, answer: Answer) -> str:
    """A sentence on why that version governs."""
    number = answer.because_of
    match answer.basis:
        case Basis.OBJECTION if _closes(terms, number):
            return _(
                "You objected to version %(number)s, which closes your account. Until then nothing moves to it.",
                number=number,
            )
        case Basis.OBJECTION:
            return _("You objected to version %(number)s. It stays so until you take that back.", number=number)
        case Basis.WINDOW_OPEN:
            return _still_open(terms, number)
        case Basis.CONSENT_MISSING:
            return _("Version %(number)s needs your yes for this, and you have not given it.", number=number)
        case Basis.OPTED_OUT:
            return _("You opted out of this use, for all your data.")
        case Basis.ACCOUNT_CLOSED:
            return _("Your account is closed.")
        case _ if number:
            return _("Version %(number)s is in force for you.", number=number)
    return _("No version is in force for you yet.")


def collected(line: Line, zone: str, *, first: bool) -> str:
    """When the data was collected that the line is about."""
    since = instant_bare(line.since, zone)
    if line.until is None:
        if first:
            return _("all, since you joined on %(since)s", since=since)
        return _("after %(since)s, and from now on", since=since)
    until = instant_bare(line.until, zone)
    if first:
        return _("from joining on %(since)s until %(until)s", since=since, until=until)
    return _("after %(since)s, until %(until)s", since=since, until=until)


def described(terms: PolicyTerms) -> str:
    """The picture in sentences."""
    said = [
        _(
            "%(purpose)s: collected %(when)s: %(version)s, %(why)s.",
            purpose=lane.title,
            when=collected(line, terms.zone, first=i == 0),
            version=version_name(line.answer.version),
            why=basis_name(line.answer.basis),
        )
        for lane in terms.lanes
        for i, line in enumerate(lane.lines)
    ]
    return " ".join([*said, _("The tables below say the same, with all that happened.")])


def _closes(terms: PolicyTerms, number: int | None) -> bool:
    objection = terms.facts.standing.objections.get(number or 0)
    return objection is not None and objection.closing


def _still_open(terms: PolicyTerms, number: int | None) -> str:
    version = terms.facts.version(number or 0)
    closes_at: datetime | None = terms.facts.standing.window(version).closes_at if version else None
    if closes_at is None or version is None:
        return _(
            "You can still object to version %(number)s: a notice has yet to reach you, and then your time runs.",
            number=number,
        )
    return _(
        "You can still object to version %(number)s, until %(until)s.",
        number=number,
        until=instant(closes_at, version.terms.zone),
    )
