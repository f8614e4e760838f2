"""What governs a member's data under one policy, as the rules say it; nothing here decides anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.rules.governing import Answer
from portal.rules.policy import Version
from portal.rules.spans import spans
from portal.store.member_record import MemberRecord
from portal.store.members import Membership
from portal.store.policies import Policy, Purpose
from portal.store.standings import Known


@dataclass(frozen=True, slots=True)
class Line:
    """Data collected from `since` (UTC) to `until`, both included, has one answer; `until` None: to now and on."""

    since: datetime
    until: datetime | None
    answer: Answer


@dataclass(frozen=True, slots=True)
class Lane:
    """Purposes whose data is governed alike, by key and by title; their lines from joining on, the oldest first."""

    purposes: tuple[str, ...]
    titles: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        return ", ".join(self.titles)


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """A policy that the member is under. `zone`: in which its section tells the time. `versions`: posted by `now`."""

    policy: Policy
    membership: Membership
    facts: Known
    versions: tuple[Version, ...]
    lanes: tuple[Lane, ...]
    zone: str
    now: datetime


def terms_of(
    record: MemberRecord, membership: Membership, purposes: Mapping[str, Purpose], now: datetime
) -> PolicyTerms:
    """What holds at `now` by all that is recorded."""
    facts = record.facts[membership.policy_id]
    posted = tuple(version for version in facts.versions if version.posted_at <= now)
    titles = {purpose: purposes[purpose].title if purpose in purposes else purpose for purpose in purposes_of(posted)}
    return PolicyTerms(
        policy=membership.policy,
        membership=membership,
        facts=facts,
        versions=posted,
        lanes=lanes_of(titles, {purpose: lines_of(facts, posted, purpose, now) for purpose in titles}),
        zone=posted[-1].terms.zone if posted else str(membership.policy.terms.get("zone", "UTC")),
        now=now,
    )


def purposes_of(posted: Sequence[Version]) -> set[str]:
    """Whatever some posted version uses data for."""
    return {purpose for version in posted for purpose in version.treatments}


def lines_of(facts: Known, posted: Sequence[Version], purpose: str, now: datetime) -> tuple[Line, ...]:
    """The rules' spans for one purpose."""
    found = spans(posted, facts.standing, purpose, now)
    return tuple(
        Line(span.since, None if i == len(found) - 1 else span.until, span.answer) for i, span in enumerate(found)
    )


def lanes_of(titles: Mapping[str, str], lines: Mapping[str, tuple[Line, ...]]) -> tuple[Lane, ...]:
    """Purposes with the same lines side by side in one lane; the lanes with the most to tell first, then by title."""
    alike: dict[tuple[Line, ...], list[str]] = {}
    for purpose in sorted(titles, key=lambda purpose: titles[purpose].casefold()):
        alike.setdefault(lines[purpose], []).append(purpose)
    lanes = [Lane(tuple(named), tuple(titles[one] for one in named), found) for found, named in alike.items()]
    return tuple(sorted(lanes, key=lambda lane: (-len(lane.lines), lane.title.casefold())))
