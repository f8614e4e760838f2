"""The question the company's systems ask all day: which version governs this member's data for this purpose?"""

from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import DoesNotExist

from portal.rules.errors import RuleBroken
from portal.rules.governing import Answer, Basis, governing
from portal.rules.scenario_answer import zulu
from portal.store.members import Member
from portal.store.policies import Policy
from portal.store.standings import known

REASONS = {
    Basis.IN_FORCE: "Version {version} is in force for the member.",
    Basis.OBJECTION: "The member objected to version {because_of}: this data stays under version {version}.",
    Basis.WINDOW_OPEN: "The member may still object to version {because_of}; until then version {version} governs.",
    Basis.CONSENT_MISSING: "Version {because_of} needs the member's consent here; version {version} governs.",
    Basis.OPTED_OUT: "The member has opted out of this purpose.",
    Basis.ACCOUNT_CLOSED: "The member's account is closed.",
}


@dataclass(frozen=True, slots=True)
class TermsAnswer:
    """The rules' answer with what was asked; instants in UTC."""

    member: str
    policy: str
    purpose: str
    collected_at: datetime
    asked_at: datetime
    answer: Answer

    @property
    def reason(self) -> str:
        """One English sentence that says why."""
        return REASONS[self.answer.basis].format(
            version=self.answer.version or "none", because_of=self.answer.because_of
        )

    def to_json(self) -> dict[str, object]:
        """The answer as the API gives it; instants like `2026-03-22T04:00:00Z`."""
        return {
            "member": self.member,
            "policy": self.policy,
            "purpose": self.purpose,
            "collected_at": zulu(self.collected_at),
            "asked_at": zulu(self.asked_at),
            "version": self.answer.version,
            "allowed": self.answer.allowed,
            "basis": str(self.answer.basis),
            "because_of": self.answer.because_of,
            "reason": self.reason,
        }


async def governing_terms(
    external_id: str, slug: str, purpose: str, collected_at: datetime, *, at: datetime
) -> TermsAnswer:
    """Which version governs at `at`, by what was recorded by then (a past `at` asks as of that instant).

    Raises RuleBroken with a `field`: `unknown_member`, `unknown_policy`, `not_under_policy`, `unknown_purpose`.
    """
    member = await Member.get_or_none(external_id=external_id)
    if member is None:
        raise RuleBroken("unknown_member", "There is no member with this id.", field="member")
    policy = await Policy.get_or_none(slug=slug)
    if policy is None:
        raise RuleBroken("unknown_policy", "There is no such policy.", field="policy")
    try:
        facts = await known(member.id, policy.id, as_of=at)
    except DoesNotExist as absent:
        raise RuleBroken("not_under_policy", "The member is not under this policy.", field="policy") from absent
    if purpose not in policy.treatments and all(purpose not in version.treatments for version in facts.versions):
        raise RuleBroken("unknown_purpose", "The policy does not name this purpose.", field="purpose")
    posted = [version for version in facts.versions if version.posted_at <= at]
    answer = governing(posted, facts.standing, purpose, collected_at, at)
    return TermsAnswer(external_id, slug, purpose, collected_at, at, answer)
