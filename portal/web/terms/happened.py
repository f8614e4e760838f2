"""What happened to a member under one policy: versions, notices, answers, in words, each at its instant."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.rules import objection as rules
from portal.rules.policy import Version
from portal.store.answers import Confirmation, Direction, Objection
from portal.store.member_record import MemberRecord, NoticeRecord
from portal.store.notices import SightWay
from portal.store.outcomes import Settlement
from portal.web.terms.known import PolicyTerms
from portal.web.text import gettext as _


@dataclass(frozen=True, slots=True)
class Happened:
    """`sign`: which mark the picture gives it. `href` leads to the receipt or notice that it is about."""

    at: datetime
    sign: str
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of a member's objections, by their row ids."""

    confirmed: Mapping[int, Confirmation]
    settled: Mapping[int, Settlement]


def happened(record: MemberRecord, followed: Followed, terms: PolicyTerms) -> list[Happened]:
    """In the order of the instants; what is still ahead has a later one than `terms.now`."""
    found = [
        _joined(terms),
        *_versions(terms),
        *[one for notice in _notices(record, terms) for one in _notice(notice)],
        *[one for objection in _objections(record, terms) for one in _objection(objection, followed, terms)],
        *_switches(record, terms),
    ]
    if record.closure is not None:
        found.append(Happened(record.closure.received_at, "closed", _("Your account was closed")))
    return sorted(found, key=lambda one: one.at)


def _joined(terms: PolicyTerms) -> Happened:
    number = terms.membership.joined_on
    words = _("You joined, on version %(number)s", number=number) if number else _("You joined, before version 1")
    return Happened(terms.membership.joined_at, "joined", words)


def _versions(terms: PolicyTerms) -> Iterator[Happened]:
    """Of the versions that concern the member: posting, taking effect, the end of the time to object."""
    standing = terms.facts.standing
    for version in terms.versions:
        if not standing.concerned_by(version):
            continue
        window, number = standing.window(version), version.number
        if window.effective_at == version.posted_at:
            yield Happened(
                version.posted_at, "effect", _("Version %(number)s posted, in effect for you", number=number)
            )
        else:
            yield Happened(version.posted_at, "posted", _("Version %(number)s posted", number=number))
            if window.effective_at:
                yield Happened(window.effective_at, "effect", _("Version %(number)s in effect for you", number=number))
        if window.closes_at and version.objectable and standing.closed_at is None:
            yield Happened(window.closes_at, "deadline", _end_of_time(version, window.closes_at, terms))


def _end_of_time(version: Version, closes_at: datetime, terms: PolicyTerms) -> str:
    if closes_at <= terms.now:
        return _("Your time to object to version %(number)s ended", number=version.number)
    return _("Your time to object to version %(number)s ends", number=version.number)


def _notices(record: MemberRecord, terms: PolicyTerms) -> list[NoticeRecord]:
    return [one for one in record.notices if one.version.policy_id == terms.policy.id]


def _notice(one: NoticeRecord) -> Iterator[Happened]:
    number, href = one.version.number, f"/account/notices/{one.version.id}"
    for sending in one.sendings:
        if sending.accepted_at:
            words = _("Your mail server accepted the notice of version %(number)s", number=number)
            yield Happened(sending.accepted_at, "sent", words, href)
    for bounce in one.bounces:
        yield Happened(bounce.received_at, "back", _("The notice of version %(number)s came back", number=number), href)
    for refusal in one.refusals:
        words = _("The notice of version %(number)s could not be delivered", number=number)
        yield Happened(refusal.received_at, "back", words, href)
    for sight in one.sights:
        words = {
            SightWay.ACCOUNT: _("You opened the notice of version %(number)s", number=number),
            SightWay.LETTER: _("The notice of version %(number)s reached you by letter", number=number),
            SightWay.IN_PERSON: _("The notice of version %(number)s was handed to you", number=number),
        }[sight.way]
        yield Happened(sight.received_at, "seen", words, href)


def _objections(record: MemberRecord, terms: PolicyTerms) -> list[Objection]:
    ids = set(terms.facts.version_ids.values())
    return [objection for objection in record.objections if objection.version_id in ids]


def _objection(objection: Objection, followed: Followed, terms: PolicyTerms) -> Iterator[Happened]:
    number = next(n for n, row_id in terms.facts.version_ids.items() if row_id == objection.version_id)
    href = f"/account/notices/{objection.version_id}/objections/{objection.number}"
    words = (
        _("You objected to version %(number)s; that closes your account", number=number)
        if objection.closing
        else _("You objected to version %(number)s", number=number)
    )
    yield Happened(objection.received_at, "answer", words, href)
    if confirmed := followed.confirmed.get(objection.id):
        words = _("Your objection to version %(number)s was confirmed", number=number)
        yield Happened(confirmed.received_at, "answer", words, href)
    if settled := followed.settled.get(objection.id):
        words = _("Our systems keep to your objection to version %(number)s", number=number)
        yield Happened(settled.received_at, "answer", words, href)
    if objection.withdrawn_at:
        words = _("You took your objection to version %(number)s back", number=number)
        yield Happened(objection.withdrawn_at, "answer", words, href)
    elif objection.closing and objection.id in followed.confirmed:
        yield from _closing_due(number, href, terms)


def _closing_due(number: int, href: str, terms: PolicyTerms) -> Iterator[Happened]:
    standing, version = terms.facts.standing, terms.facts.version(number)
    in_force = standing.objections.get(number)
    if version is None or in_force is None or standing.closed_at is not None:
        return
    due_at = rules.due_at(version, standing, in_force)
    if due_at > terms.now:
        yield Happened(due_at, "closed", _("Your account falls due for closing"), href)


def _switches(record: MemberRecord, terms: PolicyTerms) -> Iterator[Happened]:
    """Consents to this policy's versions, and opt-outs of its purposes, which hold in all policies."""
    titles = {purpose: title for lane in terms.lanes for purpose, title in zip(lane.purposes, lane.titles, strict=True)}
    for row in record.consents:
        if row.version.policy_id == terms.policy.id:
            words = _(
                "You said yes to %(purpose)s under version %(number)s",
                purpose=titles.get(row.purpose, row.purpose),
                number=row.version.number,
            )
            yield Happened(row.received_at, "answer", words)
    for one in record.opt_outs:
        if one.purpose in titles:
            out = one.direction is Direction.OUT
            words = _("You opted out of %(purpose)s") if out else _("You allowed %(purpose)s again")
            yield Happened(one.received_at, "answer", words % {"purpose": titles[one.purpose]})
