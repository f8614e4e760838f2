"""A member's account: the policies they are under, their notices and answers, and what they stopped or allowed."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from portal.rules.governing import newest_in_effect
from portal.rules.policy import Version
from portal.rules.standing import Standing
from portal.store.answers import Way
from portal.store.members import Member, Membership
from portal.store.notices import SightWay
from portal.store.outcomes import Closure
from portal.store.policies import Policy
from portal.store.standings import known
from portal.web.clock import at
from portal.web.guards import signed_in_member
from portal.web.member.answer import Answer, answered
from portal.web.member.case import Case, cases_of
from portal.web.member.consent import switched
from portal.web.member.deadline import Deadline, deadline_of
from portal.web.member.reader import Reader, closed_account
from portal.web.member.switches import switches_of
from portal.web.render import page


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """A notice in the list: its deadline (None: nothing to object to), its answers, whether it was opened here."""

    case: Case
    deadline: Deadline | None
    answers: tuple[Answer, ...]
    seen: bool

    @property
    def waits(self) -> bool:
        """Whether an answer would still be in time, and none is in force."""
        return self.case.refusal is None


@dataclass(frozen=True, slots=True)
class UnderPolicy:
    """A policy the member is under; `in_force` is the number of the version that applies to them, 0: none yet."""

    policy: Policy
    joined_at: datetime
    joined_on: int
    in_force: int
    notices: tuple[ShownNotice, ...]

    @property
    def unseen(self) -> int:
        """How many notices were not opened in the account."""
        return sum(not notice.seen for notice in self.notices)


@signed_in_member
async def overview(request: Request) -> Response:
    """Everything at one glance."""
    member: Member = request.state.member
    if await Closure.exists(member_id=member.id):
        return await closed_account(request)
    now = at(request)
    memberships = await Membership.filter(member_id=member.id).select_related("policy")
    policies = [await _under(member, membership, now) for membership in memberships]
    policies.sort(key=lambda under: under.policy.title.casefold())
    notices = [notice for policy in policies for notice in policy.notices]
    return page(
        request,
        "account/overview.html",
        policies=policies,
        waiting=[notice for notice in notices if notice.waits],
        closing=[(notice, answer) for notice in notices for answer in notice.answers if answer.closes],
        switches=await switches_of(member, [membership.policy_id for membership in memberships]),
    )


@signed_in_member
async def opt_outs(request: Request) -> Response:
    """Turns a switch of the overview."""
    member: Member = request.state.member
    if await Closure.exists(member_id=member.id):
        return await closed_account(request)
    return await switched(request, member.id, Way.ACCOUNT, "/account#switches")


async def _under(member: Member, membership: Membership, now: datetime) -> UnderPolicy:
    facts = await known(member.id, membership.policy_id)
    cases = await cases_of(member, membership.policy_id, lambda row: _reader(member, row.id), now)
    posted = [version for version in facts.versions if version.posted_at <= now]
    return UnderPolicy(
        policy=membership.policy,
        joined_at=membership.joined_at,
        joined_on=membership.joined_on,
        in_force=_in_force(posted, facts.standing, now),
        notices=tuple(_shown(case) for case in cases),
    )


def _in_force(posted: list[Version], standing: Standing, now: datetime) -> int:
    """The number of the version that applies; an objection that closes the account holds back the version it is to."""
    closing = [number - 1 for number, objection in standing.objections.items() if objection.closing]
    return min([newest_in_effect(posted, standing, now), *closing])


def _reader(member: Member, version_id: int) -> Reader:
    return Reader(member, version_id, f"/account/notices/{version_id}", Way.ACCOUNT, signed_in=True)


def _shown(case: Case) -> ShownNotice:
    seen = case.sight is not None and case.sight.way is SightWay.ACCOUNT
    answers = tuple(answered(case, objection) for objection in case.objections)
    return ShownNotice(case, deadline_of(case), answers, seen)
