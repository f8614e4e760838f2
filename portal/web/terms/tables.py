"""The rows of the tables that say what the picture draws."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from portal.rules.policy import Version
from portal.store.member_record import MemberRecord, NoticeRecord
from portal.web.dates import instant_bare
from portal.web.terms.known import PolicyTerms
from portal.web.terms.words import collected, version_name, why
from portal.web.text import gettext as _


@dataclass(frozen=True, slots=True)
class GovernedRow:
    """Data for purposes that are governed alike, collected in one span of time; `basis` as in the picture's key."""

    title: str
    first: bool
    span: int
    collected: str
    number: int | None
    version: str
    allowed: bool
    basis: str
    why: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version and what was told of it; instants UTC, None where there is none (yet)."""

    number: int
    posted_at: datetime
    told: tuple[str, ...]
    effective_at: datetime | None
    closes_at: datetime | None
    answers: str
    href: str


def governed_rows(terms: PolicyTerms) -> Iterator[GovernedRow]:
    """The newest data of each purpose first."""
    for lane in terms.lanes:
        for i, line in reversed(list(enumerate(lane.lines))):
            answer = line.answer
            yield GovernedRow(
                title=lane.title,
                first=i == len(lane.lines) - 1,
                span=len(lane.lines),
                collected=collected(line, terms.zone, first=i == 0),
                number=answer.version,
                version=version_name(answer.version),
                allowed=answer.allowed,
                basis=str(answer.basis),
                why=why(terms, answer),
            )


def version_rows(record: MemberRecord, terms: PolicyTerms) -> Iterator[VersionRow]:
    """The version joined on and all that concern the member, the newest first."""
    standing = terms.facts.standing
    notices = {one.version.number: one for one in record.notices if one.version.policy_id == terms.policy.id}
    for version in reversed(terms.versions):
        if version.number == standing.joined_on:
            yield VersionRow(
                version.number, version.posted_at, (), standing.joined_at, None, _("You joined on it."), ""
            )
        elif standing.concerned_by(version):
            notice, window = notices.get(version.number), standing.window(version)
            yield VersionRow(
                number=version.number,
                posted_at=version.posted_at,
                told=tuple(_told(notice, terms)) if notice else (),
                effective_at=window.effective_at,
                closes_at=window.closes_at,
                answers=_answers(version),
                href=f"/account/notices/{notice.version.id}" if notice else "",
            )


def _told(notice: NoticeRecord, terms: PolicyTerms) -> Iterator[str]:
    """Each sending with its instant, where it went and what became of it; then sights."""
    for sending in notice.sendings:
        address = sending.address.address or _("an address that was erased")
        if sending.accepted_at is None:
            yield _("To %(address)s: not accepted (yet)", address=address)
            continue
        when = instant_bare(sending.accepted_at, terms.zone)
        bounce = notice.bounce_of(sending)
        if bounce is None:
            yield _("%(when)s to %(address)s", when=when, address=address)
        else:
            back = instant_bare(bounce.received_at, terms.zone)
            yield _("%(when)s to %(address)s, came back %(back)s", when=when, address=address, back=back)
    if not notice.version.mailed:
        yield _("On the site and in your account; not by mail")
    for sight in notice.sights:
        yield _("Seen %(when)s", when=instant_bare(sight.received_at, terms.zone))


def _answers(version: Version) -> str:
    """Why there is no time to object, where there is none."""
    if not version.terms.may_object:
        return _("no right to object")
    return "" if version.objectable else _("nothing to object to")
