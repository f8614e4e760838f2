"""What a version means for the member, purpose by purpose: by doing nothing, and by objecting."""

from dataclasses import dataclass

from portal.rules.governing import governing
from portal.rules.policy import Treatment
from portal.web.dates import instant
from portal.web.member.case import Case
from portal.web.member.consequence import frozen, terms_before
from portal.web.member.deadline import until
from portal.web.text import gettext as _


@dataclass(frozen=True, slots=True)
class Meaning:
    """One purpose that the version touches. `objecting` is empty where there is nothing to object to (any more)."""

    purpose: str
    title: str
    about: str
    treatment: str
    as_it_stands: str
    objecting: str
    opted_out: bool


def meanings(case: Case) -> list[Meaning]:
    """For every purpose touched; those that close an account last, as the least common choice."""
    order = [Treatment.SEPARABLE, Treatment.OPT_IN, Treatment.INSEPARABLE]
    touched = sorted(case.ruled.touched, key=lambda p: (order.index(case.ruled.treatments[p]), case.title_of(p)))
    return [_meaning(case, purpose, case.ruled.treatments[purpose]) for purpose in touched]


def _meaning(case: Case, purpose: str, treatment: Treatment) -> Meaning:
    named = case.purposes.get(purpose)
    return Meaning(
        purpose=purpose,
        title=case.title_of(purpose),
        about=named.about if named else "",
        treatment=str(treatment),
        as_it_stands=_as_it_stands(case, purpose, treatment),
        objecting=_by_objecting(case, treatment) if case.refusal is None else "",
        opted_out=purpose in case.standing.opted_out,
    )


def _as_it_stands(case: Case, purpose: str, treatment: Treatment) -> str:
    """What applies as things stand: the same as by doing nothing from here on."""
    objection = case.standing.objections.get(case.number)
    if objection is not None and objection.closing:
        return _(
            "All your data stays under %(before)s until we close the account, or you take your objection back.",
            before=terms_before(case.number),
        )
    if objection is not None and purpose in objection.purposes:
        return frozen(case, objection, case.title_of(purpose))
    if treatment is Treatment.OPT_IN:
        return _without_consent(case, purpose)
    if objection is None and treatment is Treatment.SEPARABLE and case.ruled.terms.may_object:
        return _after_window(case, _later(case, purpose))
    return _from_effect(case, _later(case, purpose))


def _later(case: Case, purpose: str) -> int:
    """The later version that data collected now comes under; 0 where there is none yet."""
    posted = [version for version in case.facts.versions if version.posted_at <= case.now]
    governs = governing(posted, case.standing, purpose, case.now, case.now).version or 0
    return governs if governs > case.number else 0


def _after_window(case: Case, later: int) -> str:
    """Data for a separable purpose waits for the answer."""
    closes_at, words = case.window.closes_at, {"before": terms_before(case.number), "number": case.number}
    if closes_at is None:
        return _(
            "We go on under %(before)s until a notice has reached you and your time to object is over. "
            "Then version %(number)s applies, also to what we already hold.",
            **words,
        )
    words |= {"until": until(case, closes_at)}
    if case.now < closes_at:
        return _(
            "We go on under %(before)s until %(until)s. Then version %(number)s applies, also to what we already hold.",
            **words,
        )
    if later:
        return _(
            "From %(until)s version %(number)s applied, also to what we already held. Now version %(later)s applies.",
            **words,
            later=later,
        )
    return _("Since %(until)s version %(number)s applies, also to what we already hold.", **words)


def _from_effect(case: Case, later: int) -> str:
    effective_at, number = case.window.effective_at, case.number
    if effective_at is None:
        return _(
            "Version %(number)s will apply, also to what we already hold, from the moment your notice reaches you. "
            "Until then %(before)s applies.",
            number=number,
            before=terms_before(number),
        )
    if later:
        return _(
            "From %(instant)s version %(number)s applied to you, also to what we already held. Now version %(later)s "
            "applies.",
            number=number,
            instant=instant(effective_at, case.zone),
            later=later,
        )
    return _(
        "Version %(number)s applies to you since %(instant)s, also to what we already hold.",
        number=number,
        instant=instant(effective_at, case.zone),
    )


def _without_consent(case: Case, purpose: str) -> str:
    if case.standing.consents.get(purpose, 0) >= case.number:
        return _("You said yes, so version %(number)s applies, also to what we already hold.", number=case.number)
    return _(
        "What we already hold stays under %(before)s unless you say yes. What we collect once version %(number)s "
        "applies to you comes under version %(number)s.",
        before=terms_before(case.number),
        number=case.number,
    )


def _by_objecting(case: Case, treatment: Treatment) -> str:
    if treatment is Treatment.SEPARABLE:
        return _(
            "What we already hold stays under %(before)s. Your account stays open.", before=terms_before(case.number)
        )
    if treatment is Treatment.INSEPARABLE:
        return _("Your account will be closed.")
    return ""
