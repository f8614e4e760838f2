"""Plays a scenario: a policy, its versions, members, events, questions; the answers by the very rules of the portal."""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime

from portal.rules import objection as objecting
from portal.rules.errors import RuleBroken
from portal.rules.governing import Answer, governing
from portal.rules.policy import Version
from portal.rules.scenario_file import Event, Member, Question, Scenario
from portal.rules.standing import NOTHING, Standing, joined_on
from portal.rules.window import Delivery, Window


@dataclass(frozen=True, slots=True)
class Rejection:
    """An objection or a withdrawal that was refused, and why."""

    at: datetime
    member: str
    version: int
    why: str


@dataclass(slots=True)
class Played:
    """What a scenario comes to: windows after all events, what was rejected, the answers in the questions' order."""

    windows: list[tuple[str, int, Window]] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


def play(scenario: Scenario) -> Played:
    """Events in order of their instant, equal ones in file order; a question sees every event at or before its own."""
    played = Played()
    standings = {member.id: _newcomer(member, scenario.versions) for member in scenario.members}
    waiting = deque(sorted(scenario.events, key=lambda event: event.at))
    answers: dict[int, Answer] = {}
    for i, question in sorted(enumerate(scenario.questions), key=lambda pair: pair[1].at):
        while waiting and waiting[0].at <= question.at:
            _happen(waiting.popleft(), scenario, standings, played)
        answers[i] = _answer(question, scenario, standings)
    for event in waiting:
        _happen(event, scenario, standings, played)
    played.answers = [answers[i] for i in sorted(answers)]
    played.windows = [
        (member_id, version.number, standing.window(version))
        for member_id, standing in standings.items()
        for version in scenario.versions
        if standing.concerned_by(version)
    ]
    return played


def _newcomer(member: Member, versions: tuple[Version, ...]) -> Standing:
    on = joined_on(member.joined_at, versions) if member.joined_on is None else member.joined_on
    return Standing(joined_at=member.joined_at, joined_on=on)


def _answer(question: Question, scenario: Scenario, standings: dict[str, Standing]) -> Answer:
    standing = standings[question.member]
    return governing(scenario.versions, standing, question.purpose, question.collected_at, question.at)


def _happen(event: Event, scenario: Scenario, standings: dict[str, Standing], played: Played) -> None:
    version = scenario.version(event.version)
    try:
        standings[event.member] = _after(event, version, standings[event.member])
    except RuleBroken as refused:
        played.rejected.append(Rejection(event.at, event.member, event.version or 0, refused.code))


def _after(event: Event, version: Version | None, standing: Standing) -> Standing:
    """The member's standing after the event. Raises RuleBroken for an objection or a withdrawal that is refused."""
    match event.type:
        case "objected":
            filed = objecting.file(version, standing, event.at, event.changes)
            return replace(standing, objections={**standing.objections, event.version or 0: filed})
        case "withdrawn":
            objecting.withdraw(version, standing)
            left = {number: kept for number, kept in standing.objections.items() if number != event.version}
            return replace(standing, objections=left)
        case "closed":
            return standing if standing.closed_at else replace(standing, closed_at=event.at)
        case "opted_out":
            return replace(standing, opted_out=standing.opted_out | {event.purpose or ""})
        case "opted_in":
            return replace(standing, opted_out=standing.opted_out - {event.purpose or ""})
    if version is None or not takes_effect(version, standing, event.at):
        return standing
    if event.type == "consented":
        newest = max(standing.consents.get(event.purpose or "", 0), version.number)
        return replace(standing, consents={**standing.consents, event.purpose or "": newest})
    delivery = _delivered(event, standing.deliveries.get(version.number, NOTHING))
    return replace(standing, deliveries={**standing.deliveries, version.number: delivery})


def takes_effect(version: Version, standing: Standing, at: datetime) -> bool:
    """Whether a sending, refusal, bounce, sight or consent counts: the version is posted, concerns the member, and the
    account is open."""
    return standing.closed_at is None and version.posted_at <= at and standing.concerned_by(version)


def _delivered(event: Event, delivery: Delivery) -> Delivery:
    match event.type:
        case "sent":
            return replace(delivery, sent=(*delivery.sent, event.at))
        case "refused":
            return replace(delivery, refused=True)
        case "bounced":
            marked = delivery.bounce_of(event.sending)
            return delivery if marked is None else replace(delivery, bounced=delivery.bounced | {marked})
    return delivery if delivery.seen_at else replace(delivery, seen_at=event.at)
