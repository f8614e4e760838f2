"""Drafts and policies as legal's lists show them: what is open, how far it is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.functions import Count
from tortoise.queryset import QuerySet

from portal.store.answers import Objection
from portal.store.drafts import Approval, Draft, DraftClassification, DraftEditor
from portal.store.members import Membership
from portal.store.notices import Notice
from portal.store.policies import Policy, Version
from portal.store.publications import LIGHT
from portal.store.staff import Staff


@dataclass(frozen=True, slots=True)
class Overview:
    """A draft in short. `changes` is how many it makes, `editors` the staff ids that may not approve it."""

    id: int
    policy_id: int
    policy_title: str
    slug: str
    number: int
    base: int
    language: str
    digest: str
    edited_at: datetime
    author: str
    changes: int
    unclassified: int
    editors: frozenset[int]
    approved: bool

    @property
    def state(self) -> str:
        """A state of the component `layout.status`."""
        if self.approved:
            return "approved"
        return "in_review" if not self.unclassified and (self.changes or not self.base) else "draft"


def open_drafts() -> QuerySet[Draft]:
    """The one last edited first."""
    return Draft.filter(published_as=None, dropped_at=None).order_by("-edited_at", "-id")


async def overview(drafts: Sequence[Draft]) -> list[Overview]:
    """The drafts in short, in the same order."""
    ids = [draft.id for draft in drafts]
    policies = {row.id: row for row in await Policy.filter(id__in=[draft.policy_id for draft in drafts])}
    authors = {row.id: row.name for row in await Staff.filter(id__in=[draft.author_id for draft in drafts])}
    done = Counter(await DraftClassification.filter(draft_id__in=ids).values_list("draft_id", flat=True))
    editors = await DraftEditor.filter(draft_id__in=ids).values_list("draft_id", "staff_id")
    approvals = await Approval.filter(draft_id__in=ids).values_list("draft_id", "digest", "staff_id")
    found = []
    for draft in drafts:
        mine = frozenset(staff for draft_id, staff in editors if draft_id == draft.id)
        changes = len(draft.comparison["changes"]) if draft.comparison else 0
        found.append(
            Overview(
                id=draft.id,
                policy_id=draft.policy_id,
                policy_title=policies[draft.policy_id].title,
                slug=policies[draft.policy_id].slug,
                number=draft.base + 1,
                base=draft.base,
                language=draft.language,
                digest=draft.digest,
                edited_at=draft.edited_at,
                author=authors.get(draft.author_id, ""),
                changes=changes,
                unclassified=max(0, changes - done[draft.id]),
                editors=mine,
                approved=any(one[:2] == (draft.id, draft.digest) and one[2] not in mine for one in approvals),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class PolicyInShort:
    slug: str
    title: str
    newest: Version | None
    draft: Overview | None
    members: int


async def policies_in_short() -> list[PolicyInShort]:
    """Every policy by its title."""
    newest = {row.policy_id: row for row in await Version.all().order_by("number").only(*LIGHT)}
    drafts = {one.policy_id: one for one in await overview(await open_drafts())}
    members = dict(await Membership.all().annotate(n=Count("id")).group_by("policy_id").values_list("policy_id", "n"))
    return [
        PolicyInShort(row.slug, row.title, newest.get(row.id), drafts.get(row.id), members.get(row.id, 0))
        for row in await Policy.all().order_by("title")
    ]


async def counted(version_ids: Sequence[int]) -> tuple[dict[int, int], dict[int, int]]:
    """Version row id -> number of notices, and of objections."""
    notices = Notice.filter(version_id__in=list(version_ids)).annotate(n=Count("id")).group_by("version_id")
    objections = Objection.filter(version_id__in=list(version_ids)).annotate(n=Count("id")).group_by("version_id")
    return (
        dict(await notices.values_list("version_id", "n")),
        dict(await objections.values_list("version_id", "n")),
    )
