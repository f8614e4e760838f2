"""Which earlier versions some of a member's data is under, so that they can compare those with the one they read."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from portal.rules.spans import Span, spans
from portal.web.dates import instant
from portal.web.member.case import Case
from portal.web.text import gettext as _


@dataclass(frozen=True, slots=True)
class Governed:
    """Data under version `number`: a sentence a purpose, or a group of purposes that are alike."""

    number: int
    sentences: tuple[str, ...]


def governed(case: Case) -> tuple[Governed, ...]:
    """The versions older than the case's that govern data of the member now, the oldest first.

    Empty where that is only the version before, in whose light the notice tells its changes anyway.
    """
    held: dict[int, dict[datetime | None, list[str]]] = defaultdict(lambda: defaultdict(list))
    for purpose in sorted(case.ruled.treatments, key=case.title_of):
        for span in spans(
            [v for v in case.facts.versions if v.posted_at <= case.now], case.standing, purpose, case.now
        ):
            number = span.answer.version
            if number is not None and number < case.number:
                held[number][_until(span, case.now)].append(case.title_of(purpose))
    if set(held) <= {case.before}:
        return ()
    return tuple(Governed(number, _sentences(case, held[number])) for number in sorted(held))


def _until(span: Span, now: datetime) -> datetime | None:
    """None for data that is still collected."""
    return span.until if span.until < now else None


def _sentences(case: Case, by_end: dict[datetime | None, list[str]]) -> tuple[str, ...]:
    return tuple(
        _(
            "What we collected until %(until)s for %(purposes)s.",
            until=instant(end, case.zone),
            purposes=", ".join(names),
        )
        if end
        else _("What we hold for %(purposes)s.", purposes=", ".join(names))
        for end, names in by_end.items()
    )
