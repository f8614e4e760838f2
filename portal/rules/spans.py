"""How the versions that govern a member's data divide the time of its collection (rules: "Which version governs")."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.rules.governing import Answer, governing
from portal.rules.policy import Version
from portal.rules.standing import Standing

_NEXT = timedelta(microseconds=1)
"""The rules know no finer instants."""


@dataclass(frozen=True, slots=True)
class Span:
    """Data collected from `since` to `until`, both included, has the same answer. The last span reaches to now."""

    since: datetime
    until: datetime
    answer: Answer


def spans(versions: Sequence[Version], standing: Standing, purpose: str, now: datetime) -> tuple[Span, ...]:
    """For one purpose: from joining to `now` without a gap, neighbours differing in the version or why."""
    starts = sorted({standing.joined_at, *_starts(versions, standing)})
    starts = [start for start in starts if standing.joined_at <= start <= now]
    found: list[Span] = []
    for start, following in zip(starts, [*starts[1:], now + _NEXT], strict=False):  # none before joining
        answer = governing(versions, standing, purpose, start, now)
        if found and found[-1].answer == answer:
            found[-1] = Span(found[-1].since, following - _NEXT, answer)
        else:
            found.append(Span(start, following - _NEXT, answer))
    return tuple(found)


def _starts(versions: Sequence[Version], standing: Standing) -> Iterator[datetime]:
    """The instants behind which an answer may differ: an objection's receipt, a version's taking effect."""
    for version in versions:
        if standing.concerned_by(version):
            effective = standing.window(version).effective_at
            objection = standing.objections.get(version.number)
            yield from (limit + _NEXT for limit in (effective, objection and objection.received_at) if limit)
