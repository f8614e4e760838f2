"""All that the pages of a notice tell: one member and one version, as known at one instant."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.actions.consent import purposes_to_opt_out_of
from portal.rules import objection as rules
from portal.rules.errors import RuleBroken
from portal.rules.policy import Treatment
from portal.rules.policy import Version as RuledVersion
from portal.rules.standing import NOTHING, Standing
from portal.rules.window import Delivery, Window
from portal.store.answers import Confirmation, Objection
from portal.store.contacts import last_address, masked
from portal.store.declarations import Declaration, DeclarationKind
from portal.store.members import Member, Membership
from portal.store.notices import Notice, Sight
from portal.store.policies import Policy, Purpose, Version
from portal.store.publications import LIGHT
from portal.store.standings import Known, known
from portal.web.member.reader import Reader

ReaderOf = Callable[[Version], Reader]


@dataclass(frozen=True, slots=True)
class Case:
    """`number` is the version's, `before` the one it follows (0: none). Objections and declarations: newest first."""

    reader: Reader
    policy: Policy
    row: Version
    notice: Notice
    facts: Known
    ruled: RuledVersion
    purposes: Mapping[str, Purpose]
    stoppable: frozenset[str]
    sight: Sight | None
    objections: tuple[Objection, ...]
    confirmed: frozenset[int]
    declarations: tuple[Declaration, ...]
    other_policies: tuple[Policy, ...]
    address: str
    now: datetime

    @property
    def number(self) -> int:
        return self.ruled.number

    @property
    def before(self) -> int:
        return self.ruled.number - 1

    @property
    def newest(self) -> int:
        """The policy's newest version that is posted."""
        return max(version.number for version in self.facts.versions if version.posted_at <= self.now)

    @property
    def zone(self) -> str:
        return self.ruled.terms.zone

    @property
    def standing(self) -> Standing:
        return self.facts.standing

    @property
    def delivery(self) -> Delivery:
        return self.standing.deliveries.get(self.number, NOTHING)

    @property
    def window(self) -> Window:
        return self.standing.window(self.ruled)

    @property
    def in_force(self) -> Objection | None:
        """The objection to this version that is in force."""
        return next((objection for objection in self.objections if objection.withdrawn_at is None), None)

    @property
    def open_withdrawal(self) -> Declaration | None:
        """What was declared about the objection in force, and waits for its confirmation."""
        return self.open_declaration("", DeclarationKind.WITHDRAWAL)

    @property
    def open_objection(self) -> Declaration | None:
        """The objection that came by a reply, and waits for its confirmation."""
        return self.open_declaration("", DeclarationKind.OBJECTION)

    def open_declaration(self, purpose: str, *kinds: DeclarationKind) -> Declaration | None:
        """What was declared about the purpose and waits, the newest; `kinds`: which, none for any."""
        waiting = self.open_declarations(purpose)
        return next((one for one in waiting if one.kind in (kinds or DeclarationKind)), None)

    def open_declarations(self, purpose: str) -> list[Declaration]:
        """All that was declared about the purpose and waits, the newest first."""
        return [one for one in self.declarations if one.purpose == purpose and one.decided_at is None]

    @property
    def amendable(self) -> bool:
        """Whether the objection in force can be changed to other changes."""
        may = self.in_force is not None and len(self.ruled.objectable) > 1
        return may and self.window.open_or_ahead(self.now)

    @property
    def refusal(self) -> str | None:
        """Why the member may not object now; None where they may."""
        try:
            rules.may_object(self.ruled, self.standing, self.now)
        except RuleBroken as broken:
            return broken.code
        return None

    @property
    def asked(self) -> tuple[str, ...]:
        """The opt-in purposes that this version asks a consent for."""
        return tuple(p for p in sorted(self.ruled.touched) if self.ruled.treats(p, Treatment.OPT_IN))

    def title_of(self, purpose: str) -> str:
        """The company's name for the purpose."""
        named = self.purposes.get(purpose)
        return named.title if named else purpose


async def case_of(reader: Reader, now: datetime) -> Case:
    """Loads it. Tortoise's DoesNotExist where the reader has no such notice: ask before."""
    row = await Version.get(id=reader.version_id).only(*LIGHT)
    member = await _of_member(reader.member)
    [case] = await _cases(member, [row], await known(reader.member.id, row.policy_id), lambda _row: reader, now)
    return case


async def cases_of(member: Member, policy_id: int, reader_of: ReaderOf, now: datetime) -> list[Case]:
    """A case for each notice the member has under the policy, the newest version first."""
    owed = await Notice.filter(member_id=member.id, version__policy_id=policy_id).values_list("version_id", flat=True)
    rows = await Version.filter(id__in=list(owed)).order_by("-number").only(*LIGHT)
    return await _cases(await _of_member(member), rows, await known(member.id, policy_id), reader_of, now)


@dataclass(frozen=True, slots=True)
class _OfMember:
    """What is the same in all cases of a member."""

    member: Member
    policies: tuple[Policy, ...]
    purposes: Mapping[str, Purpose]
    stoppable: frozenset[str]
    address: str


async def _of_member(member: Member) -> _OfMember:
    memberships = await Membership.filter(member_id=member.id).select_related("policy")
    last = await last_address(member.id)
    return _OfMember(
        member=member,
        policies=tuple(membership.policy for membership in memberships),
        purposes={purpose.key: purpose for purpose in await Purpose.all()},
        stoppable=await purposes_to_opt_out_of(member.id),
        address=masked(last.address) if last else "",
    )


async def _cases(
    of: _OfMember, rows: Sequence[Version], facts: Known, reader_of: ReaderOf, now: datetime
) -> list[Case]:
    mine: dict[str, Any] = {"member_id": of.member.id, "version_id__in": [row.id for row in rows]}
    notices = {notice.version_id: notice for notice in await Notice.filter(**mine)}
    objections = await Objection.filter(**mine).order_by("-received_at", "-sequence")
    sights = await Sight.filter(member_id=of.member.id, notice__version_id__in=mine["version_id__in"])
    confirmed = await Confirmation.filter(member_id=of.member.id)
    declarations = await Declaration.filter(**mine).order_by("-received_at", "-sequence")
    return [
        Case(
            reader=reader_of(row),
            policy=next(policy for policy in of.policies if policy.id == row.policy_id),
            row=row,
            notice=notices[row.id],
            facts=facts,
            ruled=next(version for version in facts.versions if version.number == row.number),
            purposes=of.purposes,
            stoppable=of.stoppable,
            sight=min(
                (sight for sight in sights if sight.notice_id == notices[row.id].id),
                key=lambda sight: (sight.received_at, sight.sequence),
                default=None,
            ),
            objections=tuple(objection for objection in objections if objection.version_id == row.id),
            confirmed=frozenset([confirmation.objection_id for confirmation in confirmed]),
            declarations=tuple(declared for declared in declarations if declared.version_id == row.id),
            other_policies=tuple(policy for policy in of.policies if policy.id != row.policy_id),
            address=of.address,
            now=now,
        )
        for row in rows
    ]
