"""A scenario file played through the actions: versions are posted and events happen as rows in a database."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.actions.actor import Actor
from portal.actions.consent import opt_in, opt_out
from portal.actions.notice import record_bounce, record_refusal, record_seen
from portal.actions.objection import file_objection, withdraw
from portal.actions.outcome import close_account
from portal.rules import objection as rules
from portal.rules.errors import RuleBroken
from portal.rules.scenario import takes_effect
from portal.rules.scenario_answer import zulu
from portal.rules.scenario_file import Event, Scenario, read
from portal.rules.standing import joined_on
from portal.store.answers import Consent, Objection, Way
from portal.store.connections import transaction
from portal.store.members import Member
from portal.store.notices import Notice
from portal.store.outcomes import Closure
from portal.store.policies import Policy, Version
from portal.store.standings import known
from tests.support.world import accept, make_member, make_policy, make_version

FOLDER = Path(__file__).parents[1] / "rules" / "vectors"
VECTORS = {path: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
ABOUT_NOTICES = {"sent", "refused", "bounced", "seen"}


class Stage:
    """Where a scenario is played: versions are posted, and events happen, in the order of their instants."""

    def __init__(self, scenario: Scenario, policy: Policy, members: dict[str, Member]) -> None:
        self.scenario, self.policy, self.members = scenario, policy, members
        self.version_ids: dict[int, int] = {}
        self.rejected: list[tuple[datetime, str, int, str]] = []

    async def play(self, until: datetime | None, waiting: list[Event]) -> None:
        while waiting and (until is None or waiting[0].at <= until):
            event = waiting.pop(0)
            await self.post(event.at)
            await self.happen(event)
        await self.post(until)

    async def post(self, until: datetime | None) -> None:
        """Posts the versions whose time has come."""
        for version in self.scenario.versions[len(self.version_ids) :]:
            if until is None or version.posted_at <= until:
                row = await make_version(
                    self.policy,
                    version.posted_at,
                    {change.id: sorted(change.purposes) for change in version.changes},
                    terms=version.terms.to_json(),
                    treatments={name: str(treatment) for name, treatment in version.treatments.items()},
                )
                self.version_ids[version.number] = row.id

    async def happen(self, event: Event) -> None:
        member = self.members[event.member]
        version_id = self.version_ids.get(event.version or 0, -1)
        by = Actor("member", member.id)
        try:
            if event.type in ABOUT_NOTICES:
                await self.about_notice(event, member, version_id, by)
            elif event.type == "objected":
                self.know(event)
                await file_objection(member.id, version_id, event.changes, way=Way.LINK, by=by, at=event.at)
            elif event.type == "withdrawn":
                await self.take_back(member, version_id, by, event)
            elif event.type == "consented":
                await self.consent(event, member)
            elif event.type == "closed":
                await self.close(member, by, event)
            else:
                turn = opt_out if event.type == "opted_out" else opt_in
                await turn(member.id, event.purpose or "", way=Way.LINK, by=by, at=event.at)
        except RuleBroken as refused:
            if event.type in {"objected", "withdrawn"}:
                self.rejected.append((event.at, event.member, event.version or 0, refused.code))

    def know(self, event: Event) -> None:
        """A scenario knows a version before it is posted, and says "no right" first; the portal does not."""
        version = self.scenario.version(event.version)
        if version is not None and event.at < version.posted_at and not version.terms.may_object:
            raise rules.broken(rules.Refusal.NO_OBJECTION_RIGHT)

    async def about_notice(self, event: Event, member: Member, version_id: int, by: Actor) -> None:
        if event.type == "bounced":
            await record_bounce(member.id, version_id, sending=event.sending, by=by, at=event.at)
        elif event.type == "refused":
            await record_refusal(member.id, version_id, "5.1.1", by=by, at=event.at)
        elif event.type == "seen":
            await record_seen(member.id, version_id, by=by, at=event.at)
        elif not await Closure.exists(member_id=member.id):
            notice = await Notice.get_or_none(member_id=member.id, version_id=version_id)
            if notice is not None:
                await accept(notice, event.at)

    async def take_back(self, member: Member, version_id: int, by: Actor, event: Event) -> None:
        objection = await Objection.get_or_none(member_id=member.id, version_id=version_id, withdrawn_at__isnull=True)
        if objection is None:
            facts = await known(member.id, self.policy.id)
            rules.withdraw(facts.version(event.version or 0), facts.standing)
        else:
            await withdraw(objection.id, way=Way.LINK, by=by, at=event.at)

    async def consent(self, event: Event, member: Member) -> None:
        """As a row: scenarios consent to whatever they like, pages ask for opt-in purposes only."""
        facts = await known(member.id, self.policy.id)
        version = facts.version(event.version or 0)
        if version is None or not takes_effect(version, facts.standing, event.at):
            return
        fact = {"received_at": event.at, "recorded_at": event.at, "sequence": 0, "way": Way.LINK}
        async with transaction():
            await Consent.get_or_create(
                member_id=member.id,
                version_id=self.version_ids[version.number],
                purpose=event.purpose,
                defaults=fact,
            )

    async def close(self, member: Member, by: Actor, event: Event) -> None:
        await close_account(member.id, by=by, at=event.at)

    async def windows(self) -> list[dict[str, Any]]:
        told = []
        for name, member in self.members.items():
            for version in await Version.filter(policy_id=self.policy.id).order_by("number"):
                notice = await Notice.get_or_none(member_id=member.id, version_id=version.id)
                closed = await Closure.exists(member_id=member.id, received_at__lte=version.posted_at)
                if notice is not None and not closed:
                    told.append(
                        {
                            "member": name,
                            "version": version.number,
                            "effective_at": zulu(notice.effective_at),
                            "opens_at": zulu(notice.opens_at),
                            "closes_at": zulu(notice.closes_at),
                        }
                    )
        return told


async def staged(vector: dict[str, Any]) -> Stage:
    """The scenario's policy and members as rows; nothing has happened yet."""
    scenario = read(vector)
    treatments = {name: str(how) for version in scenario.versions for name, how in version.treatments.items()}
    policy = await make_policy(treatments=treatments)
    members = {
        one.id: await make_member(policy, one.id, one.joined_at, on=joined_on(one.joined_at, scenario.versions))
        for one in scenario.members
    }
    return Stage(scenario, policy, members)
