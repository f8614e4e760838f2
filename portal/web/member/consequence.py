"""What follows from an objection to exactly these changes, in words (rules: "Treatments", "Objecting")."""

from dataclasses import dataclass
from datetime import datetime

from portal.rules import objection as rules
from portal.rules.standing import Objection
from portal.web.dates import instant
from portal.web.member.case import Case
from portal.web.text import gettext as _


@dataclass(frozen=True, slots=True)
class Consequence:
    """`outcome`: freeze or closure. `take_back`: by when. `due_at` (UTC): when the account would be closed."""

    outcome: str
    heading: str
    sentences: tuple[str, ...]
    take_back: str
    due_at: datetime | None = None


def consequence_of(case: Case, filed: Objection) -> Consequence:
    """The same words before the button, where the objection would be received now, and on the receipt."""
    if not filed.closing:
        take_back = _("You can take the objection back for as long as your account is open.")
        return Consequence("freeze", _("Your account stays open"), tuple(_of_freeze(case, filed)), take_back)
    due_at = rules.due_at(case.ruled, case.standing, filed)
    when = instant(due_at, case.zone)
    ahead = case.now < due_at
    return Consequence(
        outcome="closure",
        heading=_due_on(case, filed, when) if ahead else _due_since(case, filed, when),
        sentences=tuple(_of_closure(case, due_at)),
        take_back=_until(when) if ahead else _("You can take the objection back until we have closed the account."),
        due_at=due_at,
    )


def _due_on(case: Case, filed: Objection, when: str) -> str:
    if _is_confirmed(case, filed) is False:
        return _("Your account will be closed on %(instant)s, once the objection is confirmed", instant=when)
    return _("Your account will be closed on %(instant)s", instant=when)


def _due_since(case: Case, filed: Objection, when: str) -> str:
    """What is said after the day: nothing is closed before it is confirmed."""
    if _is_confirmed(case, filed):
        return _("Your account has been due for closing since %(instant)s", instant=when)
    return _("Your account will be closed once the objection is confirmed")


def _is_confirmed(case: Case, filed: Objection) -> bool | None:
    """Of an objection in force; None where this one is only thought of."""
    row = case.in_force
    if row is None or not row.closing or row.received_at != filed.received_at:
        return None
    return row.id in case.confirmed


def _until(when: str) -> str:
    return _(
        "You can take the objection back until %(instant)s, and after that for as long as we have not closed the "
        "account.",
        instant=when,
    )


def _of_freeze(case: Case, filed: Objection) -> list[str]:
    purposes = listed([case.title_of(purpose) for purpose in sorted(filed.purposes)])
    said = [frozen(case, filed, purposes)]
    earlier = _frozen_earlier(case, filed)
    if earlier:
        said.append(_("What an earlier objection of yours froze stays where it is, under %(terms)s.", terms=earlier))
    said.append(
        _(
            "What we collect later comes under version %(number)s. If you do not want that either, opt out of "
            "%(purposes)s.",
            number=case.number,
            purposes=purposes,
        )
    )
    return said


def frozen(case: Case, filed: Objection, purposes: str) -> str:
    """What a freeze holds, and under which version."""
    effective_at = case.window.effective_at
    if effective_at is None:
        return _(
            "For %(purposes)s, everything that we collect until version %(number)s applies to you stays under "
            "%(terms)s.",
            purposes=purposes,
            number=case.number,
            terms=terms_before(case.number),
        )
    return _(
        "For %(purposes)s, what we collected up to %(instant)s stays under %(terms)s, whatever we publish later.",
        purposes=purposes,
        instant=instant(max(filed.received_at, effective_at), case.zone),
        terms=terms_before(case.number),
    )


def _frozen_earlier(case: Case, filed: Objection) -> str:
    """The terms that an earlier freeze of the same purposes keeps, if there is one."""
    earlier = [
        number
        for number, objection in case.standing.objections.items()
        if number < case.number and not objection.closing and objection.purposes & filed.purposes
    ]
    return terms_before(min(earlier)) if earlier else ""


def _of_closure(case: Case, due_at: datetime) -> list[str]:
    when = instant(due_at, case.zone)
    said = [_("Until the account is closed, all your data stays under %(terms)s.", terms=terms_before(case.number))]
    if case.window.closes_at is None:
        said.append(
            _(
                "No notice has reached you yet, so the day is counted from your objection. If a notice reaches you "
                "before %(instant)s, the account is closed when your time to object ends.",
                instant=when,
            )
        )
    if case.other_policies:
        titles = listed([policy.title for policy in case.other_policies])
        said.append(_("You have one account with us. Closing it also ends: %(policies)s.", policies=titles))
    return said


def terms_before(number: int) -> str:
    """The version before that one, in words; before version 1 there was none."""
    return _("version %(number)s", number=number - 1) if number > 1 else _("the terms before version 1")


def listed(words: list[str]) -> str:
    """`Marketing`, `Marketing and Billing`, `Marketing, Billing and Security`."""
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s and %(last)s", first=", ".join(words[:-1]), last=words[-1])
