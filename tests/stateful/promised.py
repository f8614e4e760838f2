"""What the rules promise: every event that the portal accepted, played by the rules anew for each question.

Nothing here looks at a row. A scenario knows one instant of each event, the one that counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.rules.governing import Answer
from portal.rules.policy import NoticeTerms, Treatment, Version
from portal.rules.scenario import Played, play
from portal.rules.scenario_file import Event, Member, Question, Scenario
from portal.rules.window import Window, deadline

EVERYWHERE = {"closed", "opted_out", "opted_in"}


@dataclass
class RuledPolicy:
    """A policy's versions, with the row ids that addresses name, and what happened under it, by its order.

    `written`: the sections that each version changed.
    """

    slug: str
    id: int
    terms: NoticeTerms
    treatments: dict[str, Treatment]
    versions: list[Version] = field(default_factory=list)
    version_ids: dict[int, int] = field(default_factory=dict)
    written: list[list[str]] = field(default_factory=list)
    happened: dict[int, Event] = field(default_factory=dict)

    def version(self, number: int) -> Version:
        return self.versions[number - 1]


class Promised:
    """All policies and members of one life. Events are kept by their order, which decides between equal instants."""

    def __init__(self) -> None:
        self.policies: dict[str, RuledPolicy] = {}
        self.members: dict[str, datetime] = {}
        self._order = 0

    def next_order(self) -> int:
        self._order += 1
        return self._order

    def happen(self, slug: str, event: Event, order: int = 0) -> int:
        """The event, also in all other policies where it counts in all; gives its order."""
        order = order or self.next_order()
        for policy in self.policies.values():
            if policy.slug == slug or event.type in EVERYWHERE:
                policy.happened[order] = event
        return order

    def never_happened(self, slug: str, orders: Sequence[int]) -> None:
        for order in orders:
            del self.policies[slug].happened[order]

    def play(self, slug: str, *more: Event, questions: Sequence[Question] = ()) -> Played:
        """What it all comes to, and what else were to happen after it."""
        policy = self.policies[slug]
        events = [policy.happened[order] for order in sorted(policy.happened)]
        members = tuple(Member(name, joined_at) for name, joined_at in self.members.items())
        return play(Scenario(tuple(policy.versions), members, (*events, *more), tuple(questions)))

    def refusal(self, slug: str, *events: Event) -> str | None:
        """Why the rules would refuse one of the events, after all that has happened; None where they do not."""
        rejected = self.play(slug, *events).rejected
        return rejected[0].why if rejected else None

    def answers(self, slug: str, questions: Sequence[Question]) -> list[Answer]:
        played = self.play(slug, questions=questions)
        assert played.rejected == [], "what was accepted once is accepted whenever it is played"
        return played.answers

    def windows(self, slug: str) -> dict[tuple[str, int], Window]:
        """(member, version) -> the window, where the version concerns the member."""
        return {(member, number): found for member, number, found in self.play(slug).windows}

    def unbounced(self, slug: str, member: str, number: int) -> list[int]:
        """The sendings of a notice that have not come back, 1 = the first; a bounce that names none is the latest's."""
        sent, back = 0, set[int]()
        for _order, event in sorted(self.policies[slug].happened.items()):
            if (event.member, event.version) != (member, number):
                continue
            if event.type == "sent":
                sent += 1
            elif event.type == "bounced":
                back.add(event.sending or max(set(range(1, sent + 1)) - back))
        return sorted(set(range(1, sent + 1)) - back)

    def due_at(self, slug: str, member: str, number: int, received_at: datetime) -> datetime:
        """When a closing objection falls due."""
        closes_at = self.windows(slug)[member, number].closes_at
        return closes_at or deadline(received_at, self.policies[slug].version(number).terms).closes_at

    def deadlines(self) -> list[datetime]:
        """When windows close, the earliest first."""
        ends = {window.closes_at for slug in self.policies for window in self.windows(slug).values()}
        return sorted(end for end in ends if end is not None)

    def opted_out(self, member: str, purpose: str) -> bool:
        """Whether the member's last word on the purpose was to stop it."""
        last = self.last_turn(member, purpose)
        return last is not None and last[2] == "opted_out"

    def last_turn(self, member: str, purpose: str) -> tuple[datetime, int, str] | None:
        """The last word on the purpose: its instant, its order, and which it was."""
        policy = next(iter(self.policies.values()))
        turns = [
            (event.at, order, event.type)
            for order, event in policy.happened.items()
            if event.member == member and event.purpose == purpose and event.type in ("opted_out", "opted_in")
        ]
        return max(turns, default=None)

    def closed_at(self, member: str) -> datetime | None:
        policy = next(iter(self.policies.values()))
        mine = (event for event in policy.happened.values() if event.member == member)
        return next((event.at for event in mine if event.type == "closed"), None)

    def closed(self, member: str) -> bool:
        return self.closed_at(member) is not None

    def telling_instants(self, slug: str, member: str, now: datetime) -> list[datetime]:
        """Instants of collection at which the answer may differ, and their neighbours, up to now."""
        events = self.policies[slug].happened.values()
        told = {event.at for event in events if event.member == member and event.type in ("objected", "sent", "seen")}
        told |= {version.posted_at for version in self.policies[slug].versions} | {self.members[member]}
        near = {instant + timedelta(seconds=by) for instant in told for by in (-1, 0, 1)}
        return sorted({instant for instant in near if instant <= now} | {now})

    def last_instant(self, member: str) -> datetime:
        """Of the member's joining and of all that happened to them: what is entered later must lie behind it."""
        policies = self.policies.values()
        mine = [event.at for policy in policies for event in policy.happened.values() if event.member == member]
        return max([self.members[member], *mine])
