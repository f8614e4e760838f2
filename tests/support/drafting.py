"""People who draft and approve, and the way from a text to a version, through the actions themselves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.actions.actor import Actor
from portal.actions.approve import approve
from portal.actions.classify import classify
from portal.actions.draft import DraftEdit, save_draft, start_draft
from portal.actions.draft_content import change_keys
from portal.actions.policy import create_policy
from portal.actions.publish import publish
from portal.actions.purposes import Defaults, define_purpose
from portal.rules.policy import Channel, NoticeTerms, Treatment
from portal.store.connections import transaction
from portal.store.drafts import Draft
from portal.store.policies import Policy, Version
from portal.store.staff import Staff
from tests.support.world import DAY, POSTED_1, POSTED_2

BY_MAIL = NoticeTerms(zone="Europe/Berlin")
ON_SITE = NoticeTerms(channels=frozenset({Channel.SITE}), zone="Europe/Berlin")
TREATMENTS = {
    "ai_training": Treatment.OPT_IN,
    "marketing": Treatment.SEPARABLE,
    "service": Treatment.INSEPARABLE,
}

TEXT_1 = """# Privacy policy

## News

We send you a newsletter once a month. You can stop it with one click.

## Service

Backups are kept for 30 days.

## Contact

We recieve mail at privacy@example.org.
"""
MARKETING = ("once a month", "once a week")
SERVICE = ("for 30 days", "for 60 days")
EDITORIAL = ("recieve", "receive")
TEXT_2 = TEXT_1.replace(*MARKETING).replace(*SERVICE).replace(*EDITORIAL)


async def person(name: str, at: datetime) -> Actor:
    """Someone with a staff account."""
    async with transaction():
        email = f"{name.split(maxsplit=1)[0].lower()}@example.org"
        row = await Staff.create(email=email, name=name, password="-", roles=["legal", "approver"], created_at=at)
    return Actor("staff", row.id)


async def policy_of(
    terms: NoticeTerms,
    told_of: tuple[str, ...] = (),
    *,
    treatments: Mapping[str, Treatment] = TREATMENTS,
    by: Actor,
    at: datetime,
) -> Policy:
    """A policy `privacy` with the purposes above and no version."""
    for key in TREATMENTS:
        await define_purpose(key, key.replace("_", " ").title(), by=by, at=at)
    return await create_policy("privacy", "Privacy policy", Defaults(terms, dict(treatments), told_of), by=by, at=at)


async def drafted(policy: Policy, text: str, *, by: Actor, at: datetime) -> Draft:
    """A draft with that text and a summary, its changes not yet classified."""
    draft = await start_draft(policy.id, by=by, at=at)
    return await save_draft(draft.id, DraftEdit(text=text, summary="What is new."), by=by, at=at)


async def classified(draft: Draft, *, by: Actor, at: datetime) -> Draft:
    """Every change classified by the words it holds: marketing, service, or editorial."""
    for key in change_keys(draft):
        draft = await classify(draft.id, [key], purposes_of(draft, key), "Because.", by=by, at=at)
    return draft


def purposes_of(draft: Draft, key: str) -> Collection[str]:
    [section] = [change["section"][-1] for change in draft.comparison["changes"] if change["id"] == key]
    return {"News": ["marketing"], "Service": ["service"]}.get(section, [])


async def ready(policy: Policy, text: str, *, by: Actor, approver: Actor, at: datetime) -> Draft:
    """A draft that is classified and approved."""
    draft = await classified(await drafted(policy, text, by=by, at=at), by=by, at=at)
    await approve(draft.id, draft.digest, by=approver, at=at)
    return draft


async def published(policy: Policy, text: str, *, by: Actor, approver: Actor, at: datetime) -> Version:
    """The text as the policy's next version, drafted an hour before."""
    draft = await ready(policy, text, by=by, approver=approver, at=at - timedelta(hours=1))
    return await publish(draft.id, by=by, at=at)


@dataclass
class Office:
    """Two people, Lena who drafts and Tom who approves, and a policy with one version."""

    lena: Actor
    tom: Actor
    policy: Policy

    async def publish(self, text: str = TEXT_2, posted_at: datetime = POSTED_2) -> Version:
        return await published(self.policy, text, by=self.lena, approver=self.tom, at=posted_at)

    async def ready(self, text: str = TEXT_2) -> Draft:
        """A draft that is approved."""
        return await ready(self.policy, text, by=self.lena, approver=self.tom, at=POSTED_2 - DAY)

    async def drafted(self, text: str = TEXT_2) -> Draft:
        """A draft that is not classified."""
        return await drafted(self.policy, text, by=self.lena, at=POSTED_2 - DAY)


async def office_with(terms: NoticeTerms = BY_MAIL, told_of: tuple[str, ...] = ()) -> Office:
    """Version 1 is published."""
    lena, tom = await person("Lena Hofer", POSTED_1), await person("Tom Brandt", POSTED_1)
    policy = await policy_of(terms, told_of, by=lena, at=POSTED_1 - DAY)
    await published(policy, TEXT_1, by=lena, approver=tom, at=POSTED_1)
    return Office(lena, tom, policy)
