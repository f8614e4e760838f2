"""Two members who were mailed a new version: one marketing, one service, one AI change, and one of wording only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette

from portal.actions.actor import Actor
from portal.actions.approve import approve
from portal.actions.classify import classify
from portal.actions.draft import DraftEdit, save_draft, start_draft
from portal.actions.publish import publish
from portal.actions.window import refresh_window
from portal.keys import Link
from portal.rules.policy import NoticeTerms, Treatment
from portal.store.connections import transaction
from portal.store.contacts import last_address
from portal.store.drafts import Draft
from portal.store.members import Member
from portal.store.notices import Notice, NoticeState, Sending, SendingState
from portal.store.policies import Policy, Version
from tests.support.drafting import BY_MAIL, EDITORIAL, MARKETING, SERVICE, TREATMENTS, person, policy_of
from tests.support.drafting import TEXT_1 as WITHOUT_MODELS
from tests.support.world import make_member

MODELS = ("never", "only with your consent")
TEXT_1 = WITHOUT_MODELS.replace("## Contact", "## Models\n\nWe train models with your forms never.\n\n## Contact")
TEXT_2 = TEXT_1.replace(*MARKETING).replace(*SERVICE).replace(*EDITORIAL).replace(*MODELS)
PURPOSES = {"News": ["marketing"], "Service": ["service"], "Models": ["ai_training"]}
REASON = "It says what it says."

POSTED_1 = datetime.fromisoformat("2026-01-05T09:00:00Z")
JOINED = datetime.fromisoformat("2026-01-10T00:00:00Z")
POSTED_2 = datetime.fromisoformat("2026-03-01T09:00:00Z")
SENT_2 = datetime.fromisoformat("2026-03-01T09:05:00Z")
NEVER = timedelta(days=3000)
CLOSES_2 = datetime.fromisoformat("2026-03-21T23:00:00Z")


@dataclass
class Noticed:
    """`member` and `other` are under the policy; `keys` maps a section's name to the key of its change."""

    app: Starlette
    policy: Policy
    version: Version
    member: Member
    other: Member
    keys: dict[str, str]

    def token(self, member: Member | None = None, **said: Any) -> str:
        """The token of a mailed link: as the member would get it, or with something else in it."""
        whose = member or self.member
        usual = {
            "member_id": whose.id,
            "version_id": self.version.id,
            "epoch": whose.link_epoch,
            "issued_on": SENT_2.date(),
        }
        token: str = self.app.state.keys.notice_link(Link(**(usual | said)))
        return token

    def by_link(self, member: Member | None = None) -> str:
        """The address of a member's notice, by the mailed link."""
        return f"/n/{self.token(member)}"

    @property
    def in_account(self) -> str:
        return f"/account/notices/{self.version.id}"


async def noticed_world(
    app: Starlette,
    terms: NoticeTerms = BY_MAIL,
    *,
    treatments: Mapping[str, Treatment] = TREATMENTS,
    mailed: bool = True,
) -> Noticed:
    """The world at the tests' first instant; with `mailed` both members' servers have accepted the notice.

    Without, the notices wait for an hour that no test reaches: the application's own jobs would send them at once.
    """
    author, approver = await person("Ann Author", POSTED_1), await person("Ben Approver", POSTED_1)
    policy = await policy_of(terms, treatments=treatments, by=author, at=POSTED_1 - timedelta(days=1))
    await _published(policy, TEXT_1, POSTED_1, author, approver)
    member = await make_member(policy, "m1", JOINED, "maria@example.org")
    other = await make_member(policy, "m2", JOINED, "noah@example.net")
    async with transaction():  # so that the application's jobs see no notice before what follows is true of it
        version, keys = await _published(policy, TEXT_2, POSTED_2, author, approver)
        if mailed:
            for told in (member, other):
                await accept(told, version, SENT_2)
        else:
            await Notice.filter(version_id=version.id).update(next_attempt_at=POSTED_2 + NEVER)
    return Noticed(app, policy, version, member, other, keys)


async def send_all(noticed: Noticed) -> None:
    """The hour of the waiting notices has come; returns when the application's jobs have tried each."""
    version_id = noticed.version.id
    async with transaction():
        await Notice.filter(version_id=version_id, next_attempt_at__isnull=False).update(next_attempt_at=POSTED_2)
    await noticed.app.state.jobs.idle()


async def publish_next(noticed: Noticed, text: str, at: datetime) -> tuple[Version, dict[str, str]]:
    """Another version of the world's policy, and section -> key of its changes; its notices wait."""
    author, approver = await person("Cleo Author", at), await person("Dan Approver", at)
    async with transaction():
        version, keys = await _published(noticed.policy, text, at, author, approver)
        await Notice.filter(version_id=version.id).update(next_attempt_at=at + NEVER)
    return version, keys


async def accept(member: Member, version: Version, at: datetime) -> Sending:
    """The member's mail server accepted the notice."""
    async with transaction():
        notice = await Notice.get(member_id=member.id, version_id=version.id)
        address = await last_address(member.id)
        assert address is not None
        sending = await Sending.create(
            member_id=member.id,
            notice_id=notice.id,
            number=1 + await Sending.filter(member_id=member.id, notice_id=notice.id).count(),
            address_id=address.id,
            message_id=f"{member.id}-{version.id}",
            state=SendingState.ACCEPTED,
            attempts=1,
            started_at=at,
            accepted_at=at,
            recorded_at=at,
            sequence=0,
        )
        await Notice.filter(id=notice.id).update(state=NoticeState.ACCEPTED, next_attempt_at=None)
        await refresh_window(member.id, version.id)
        return sending


async def _published(
    policy: Policy, text: str, at: datetime, author: Actor, approver: Actor
) -> tuple[Version, dict[str, str]]:
    drafted_at = at - timedelta(hours=1)
    draft = await start_draft(policy.id, by=author, at=drafted_at)
    draft = await save_draft(draft.id, DraftEdit(text=text, summary="News more often."), by=author, at=drafted_at)
    keys = _keys(draft)
    for section, key in keys.items():
        draft = await classify(draft.id, [key], PURPOSES.get(section, []), REASON, by=author, at=drafted_at)
    await approve(draft.id, draft.digest, by=approver, at=drafted_at)
    return await publish(draft.id, by=author, at=at), keys


def _keys(draft: Draft) -> dict[str, str]:
    """Section -> key of its change."""
    changes = draft.comparison["changes"] if draft.comparison else []
    return {change["section"][-1]: change["id"] for change in changes}
