"""What a member is asked a consent for, by all policies: a question each, without an answer filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.rules.policy import Treatment
from portal.store.policies import Purpose
from portal.web.terms.known import PolicyTerms


@dataclass(frozen=True, slots=True)
class Question:
    """`name` is the field's. `opted_out`: a yes lifts that. `before`: which version holds without a yes; 0: none."""

    name: str
    policy: str
    version: int
    version_id: int
    purpose: str
    title: str
    about: str
    before: int
    opted_out: bool


def questions_of(policies: Sequence[PolicyTerms], purposes: Mapping[str, Purpose]) -> list[Question]:
    """For each opt-in purpose, by its newest version: a yes to that covers the earlier ones."""
    return [question for terms in policies for question in _of_policy(terms, purposes)]


def _of_policy(terms: PolicyTerms, purposes: Mapping[str, Purpose]) -> list[Question]:
    standing = terms.facts.standing
    newest = {
        purpose: version
        for version in terms.versions
        if standing.concerned_by(version)
        for purpose in version.touched
        if version.treats(purpose, Treatment.OPT_IN)
    }
    return [
        Question(
            name=f"answer-{terms.facts.version_ids[version.number]}-{purpose}",
            policy=terms.policy.title,
            version=version.number,
            version_id=terms.facts.version_ids[version.number],
            purpose=purpose,
            title=purposes[purpose].title if purpose in purposes else purpose,
            about=purposes[purpose].about if purpose in purposes else "",
            before=version.number - 1,
            opted_out=purpose in standing.opted_out,
        )
        for purpose, version in sorted(newest.items())
        if standing.consents.get(purpose, 0) < version.number
    ]
