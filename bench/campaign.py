"""A portal whose members are owed a notice: members by raw inserts, a sample's versions by the portal's actions."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path

from portal.actions.actor import Actor
from portal.actions.approve import approve
from portal.actions.classify import classify
from portal.actions.draft import DraftEdit, save_draft, start_draft
from portal.actions.draft_content import change_keys
from portal.actions.policy import create_policy
from portal.actions.publish import publish
from portal.actions.purposes import Defaults, define_purpose
from portal.rules.policy import NoticeTerms, Treatment
from portal.store.connections import transaction
from portal.store.drafts import Draft
from portal.store.policies import Policy
from portal.store.staff import Staff
from portal.store.statement import execute

SAMPLE = Path(__file__).resolve().parents[1] / "policies_history" / "contact-forms"
FIRST_VERSION = timedelta(days=30)
JOINED = timedelta(days=20)
"""Before the campaign: when the first version was posted, and when members joined."""

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT $1::bigint UNION ALL SELECT i + 1 FROM n WHERE i < $2::bigint)"
MEMBER = f"""{NUMBERS}
INSERT INTO member (id, external_id, language, link_epoch, recorded_at)
SELECT i, 'm' || i, 'en', 1, $3::timestamptz FROM n"""
MEMBERSHIP = f"""{NUMBERS}
INSERT INTO membership (member_id, policy_id, joined_at, joined_on, received_at, recorded_at, sequence)
SELECT i, $4::bigint, $3::timestamptz, 1, $3::timestamptz, $3::timestamptz, 0 FROM n"""
ADDRESS = f"""{NUMBERS}
INSERT INTO address (member_id, address, digest, received_at, recorded_at, sequence)
SELECT i, 'member' || i || '@example.org', 'sha256:' || i, $3::timestamptz, $3::timestamptz, 0 FROM n"""
PROFILE = f"""{NUMBERS}
INSERT INTO profile (member_id, name, language, received_at, recorded_at, sequence)
SELECT i, 'Member ' || i, 'en', $3::timestamptz, $3::timestamptz, 0 FROM n"""


class Company:
    """Two people, the sample's purposes, and as many policies as are made, each with its first version posted."""

    def __init__(self, author: Actor, approver: Actor, at: datetime) -> None:
        self.author = author
        self.approver = approver
        self.at = at
        self._members = 0

    async def policy(self, slug: str) -> Policy:
        sample = tomllib.loads((SAMPLE / "policy.toml").read_text(encoding="utf-8"))
        treatments = {key: Treatment(purpose["treatment"]) for key, purpose in sample["purposes"].items()}
        terms = {key: value for key, value in sample["notice"].items() if key != "told_of"}
        defaults = Defaults(NoticeTerms.from_json(terms), treatments)
        begin = self.at - FIRST_VERSION
        policy = await create_policy(slug, sample["title"], defaults, by=self.author, at=begin)
        await self.publish(policy, 1, begin)
        return policy

    async def publish(self, policy: Policy, number: int, at: datetime) -> None:
        draft = await self.approved_draft(policy, number, at)
        await publish(draft.id, by=self.author, at=at)

    async def approved_draft(self, policy: Policy, number: int, at: datetime) -> Draft:
        """That version of the sample, classified as there, ready to be published."""
        text = (SAMPLE / f"{number:04}.md").read_text(encoding="utf-8")
        record = tomllib.loads((SAMPLE / f"{number:04}.toml").read_text(encoding="utf-8"))
        known = {change["id"]: change for change in record.get("changes", [])}
        draft = await start_draft(policy.id, by=self.author, at=at)
        draft = await save_draft(draft.id, DraftEdit(text=text, summary=record["summary"]), by=self.author, at=at)
        for key in change_keys(draft):
            change = known[key]
            draft = await classify(draft.id, [key], change["purposes"], change["reason"], by=self.author, at=at)
        await approve(draft.id, draft.digest, by=self.approver, at=at)
        return draft

    async def enrol(self, policy: Policy, count: int, *, with_address: bool = True) -> None:
        """So many members more, under that policy since its first version."""
        first, last, joined = self._members + 1, self._members + count, self.at - JOINED
        self._members = last
        async with transaction() as connection:
            await execute(connection, MEMBER, [first, last, joined])
            await execute(connection, MEMBERSHIP, [first, last, joined, policy.id])
            for statement in (ADDRESS, PROFILE) if with_address else ():
                await execute(connection, statement, [first, last, joined])


async def found(at: datetime) -> Company:
    """A company in the empty database that is open; `at` (UTC) is when its campaign will begin."""
    begin = (at - FIRST_VERSION).replace(microsecond=0)
    people = []
    async with transaction():
        for name in ("Lena Hofer", "Tomasz Brandt"):
            email = f"{name.partition(' ')[0].lower()}@example.com"
            row = await Staff.create(
                email=email, name=name, password="-", roles=["legal", "approver"], created_at=begin
            )
            people.append(Actor("staff", row.id))
    sample = tomllib.loads((SAMPLE / "policy.toml").read_text(encoding="utf-8"))
    for key, purpose in sample["purposes"].items():
        await define_purpose(key, purpose["title"], by=people[0], at=begin)
    return Company(people[0], people[1], at.replace(microsecond=0))
