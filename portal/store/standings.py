"""Facts out of rows, in the form the rules ask for: published versions, and a member's standing under a policy."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from weakref import WeakKeyDictionary

from tortoise.context import TortoiseContext, require_context
from tortoise.queryset import QuerySet

from portal.rules.policy import ClassifiedChange, NoticeTerms, treatments_from_json
from portal.rules.policy import Version as PublishedVersion
from portal.rules.standing import Objection as ObjectionInForce
from portal.rules.standing import Standing
from portal.rules.window import Delivery
from portal.store.answers import Consent, Direction, ObjectedChange, Objection, OptOut
from portal.store.connections import in_transaction
from portal.store.fact import Fact
from portal.store.members import Address, Membership
from portal.store.notices import Bounce, Notice, Refusal, Sending, Sight
from portal.store.outcomes import Closure
from portal.store.policies import Change, Classification, Version

Recorded = TypeVar("Recorded", bound=Fact)
OfNotice = TypeVar("OfNotice", Sending, Bounce, Refusal, Sight)

# A published version never alters, so it is kept for as long as the database is open.
_published: WeakKeyDictionary[TortoiseContext, dict[int, PublishedVersion]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of one member under one policy: `versions` by number, the standing, and row ids by number."""

    versions: tuple[PublishedVersion, ...]
    standing: Standing
    version_ids: dict[int, int]

    def version(self, number: int) -> PublishedVersion | None:
        return next((version for version in self.versions if version.number == number), None)


async def published_versions(policy_id: int) -> dict[int, PublishedVersion]:
    """Row id -> version as the rules see it, of one policy, in the order of their numbers."""
    rows = await Version.filter(policy_id=policy_id).order_by("number").only("id")
    kept = _published.setdefault(require_context(), {})
    loaded = await _load([row.id for row in rows if row.id not in kept])
    if not in_transaction():  # one that is rolled back gives its ids to others
        kept.update(loaded)
    return {row.id: kept.get(row.id) or loaded[row.id] for row in rows}


async def known(member_id: int, policy_id: int, as_of: datetime | None = None) -> Known:
    """What is known of the member under the policy; with `as_of` (UTC) only what was recorded by then.

    Raises tortoise's DoesNotExist where the member is not under the policy.
    """
    published = await published_versions(policy_id)
    membership = await Membership.get(member_id=member_id, policy_id=policy_id)
    numbers = {row_id: version.number for row_id, version in published.items()}
    closures = await _recorded(Closure.filter(member_id=member_id), as_of)
    standing = Standing(
        joined_at=membership.joined_at,
        joined_on=membership.joined_on,
        closed_at=closures[0].received_at if closures else None,
        deliveries=await deliveries(member_id, numbers, as_of),
        objections=await _objections(member_id, published, as_of),
        consents=await _consents(member_id, numbers, as_of),
        opted_out=await opted_out(member_id, as_of),
    )
    ids = {number: row_id for row_id, number in numbers.items()}
    return Known(tuple(published.values()), standing, ids)


async def opted_out(member_id: int, as_of: datetime | None = None) -> frozenset[str]:
    """The purposes the member has opted out of, in whatever policy."""
    last: dict[str, Direction] = {}
    for row in await _recorded(OptOut.filter(member_id=member_id), as_of):
        last[row.purpose] = row.direction
    return frozenset(purpose for purpose, direction in last.items() if direction is Direction.OUT)


async def _load(version_ids: list[int]) -> dict[int, PublishedVersion]:
    if not version_ids:
        return {}
    changes = await Change.filter(version_id__in=version_ids).order_by("ordinal")
    purposes = {row.change_id: row.purposes for row in await Classification.filter(change__version_id__in=version_ids)}
    return {
        row.id: PublishedVersion(
            number=row.number,
            posted_at=row.posted_at,
            changes=tuple(
                ClassifiedChange(change.key, frozenset(purposes.get(change.id, [])))
                for change in changes
                if change.version_id == row.id
            ),
            terms=NoticeTerms.from_json(row.terms),
            treatments=treatments_from_json(row.treatments),
        )
        for row in await Version.filter(id__in=version_ids)
    }


async def deliveries(member_id: int, numbers: Mapping[int, int], as_of: datetime | None = None) -> dict[int, Delivery]:
    """Version number -> what is known of the member's notice; `numbers` maps the versions' row ids to their numbers.

    A sending counts where it went to the last address that the member had given by its acceptance.
    """
    notices = await Notice.filter(member_id=member_id, version_id__in=list(numbers))
    found = await deliveries_of(member_id, notices, as_of)
    return {numbers[notice.version_id]: found[notice.id] for notice in notices}


async def deliveries_of(
    member_id: int, notices: Sequence[Notice], as_of: datetime | None = None
) -> dict[int, Delivery]:
    """The same for notices of that member that are at hand, by their row ids."""
    ids = [notice.id for notice in notices]
    sent = _by_notice(await _sendings(member_id, ids, as_of))
    bounced = _by_notice(await _recorded(Bounce.filter(member_id=member_id, notice_id__in=ids), as_of))
    refused = _by_notice(await _recorded(Refusal.filter(member_id=member_id, notice_id__in=ids), as_of))
    seen = _by_notice(await _recorded(Sight.filter(member_id=member_id, notice_id__in=ids), as_of))
    return {
        notice.id: Delivery(
            sent=tuple(sending.accepted_at for sending in sent[notice.id] if sending.accepted_at),
            bounced=_positions(sent[notice.id], {bounce.sending_id for bounce in bounced[notice.id]}),
            refused=bool(refused[notice.id]),
            seen_at=min((sight.received_at for sight in seen[notice.id]), default=None),
            closings={notice.opens_at: notice.closes_at} if notice.opens_at and notice.closes_at else {},
        )
        for notice in notices
    }


async def counted_sendings(notice: Notice, by: datetime) -> tuple[list[Sending], Delivery]:
    """The notice's sendings accepted by that instant (UTC), as rows and as the rules see them, bounces included."""
    rows = [row for row in await _sendings(notice.member_id, [notice.id], None) if _by(row.accepted_at, by)]
    bounces = await Bounce.filter(member_id=notice.member_id, notice_id=notice.id)
    marked = _positions(rows, {bounce.sending_id for bounce in bounces})
    return rows, Delivery(sent=tuple(row.accepted_at for row in rows if row.accepted_at), bounced=marked)


async def _sendings(member_id: int, notice_ids: list[int], as_of: datetime | None) -> list[Sending]:
    """The accepted sendings that count, in the order of their acceptance."""
    accepted = Sending.filter(member_id=member_id, notice_id__in=notice_ids, accepted_at__not_isnull=True)
    if as_of is not None:
        accepted = accepted.filter(recorded_at__lte=as_of)
    given = await _recorded(Address.filter(member_id=member_id), as_of)
    return [row for row in await accepted.order_by("accepted_at", "sequence") if _to_last_address(row, given)]


def _by(instant: datetime | None, limit: datetime) -> bool:
    return instant is not None and instant <= limit


async def _objections(
    member_id: int, published: dict[int, PublishedVersion], as_of: datetime | None
) -> dict[int, ObjectionInForce]:
    rows = await _recorded(Objection.filter(member_id=member_id, version_id__in=list(published)), as_of)
    in_force = [row for row in rows if not _withdrawn(row, as_of)]
    covered: dict[int, set[str]] = defaultdict(set)
    for link in await ObjectedChange.filter(
        member_id=member_id, objection_id__in=[row.id for row in in_force]
    ).prefetch_related("change"):
        version = published[link.change.version_id]
        covered[link.objection_id] |= version.objectable.get(link.change.key, frozenset())
    return {
        published[row.version_id].number: ObjectionInForce(row.received_at, frozenset(covered[row.id]), row.closing)
        for row in in_force
    }


async def _consents(member_id: int, numbers: dict[int, int], as_of: datetime | None) -> dict[str, int]:
    newest: dict[str, int] = {}
    for row in await _recorded(Consent.filter(member_id=member_id, version_id__in=list(numbers)), as_of):
        newest[row.purpose] = max(newest.get(row.purpose, 0), numbers[row.version_id])
    return newest


def _withdrawn(row: Objection, as_of: datetime | None) -> bool:
    recorded_at = row.withdrawn_recorded_at
    return recorded_at is not None and (as_of is None or recorded_at <= as_of)


async def _recorded(rows: QuerySet[Recorded], as_of: datetime | None) -> list[Recorded]:
    """The facts recorded by then, in the order of their instants, equal ones in the order of recording."""
    if as_of is not None:
        rows = rows.filter(recorded_at__lte=as_of)
    return await rows.order_by("received_at", "sequence")


def _by_notice(rows: Iterable[OfNotice]) -> dict[int, list[OfNotice]]:
    grouped: dict[int, list[OfNotice]] = defaultdict(list)
    for row in rows:
        grouped[row.notice_id].append(row)
    return grouped


def _to_last_address(sending: Sending, given: list[Address]) -> bool:
    """Whether it went to the last address given by then; a member who gives the same one again has given no other."""
    then = (sending.accepted_at or sending.started_at, sending.sequence or 0)
    by_then = [row.digest for row in given if (row.received_at, row.sequence) <= then]
    return not by_then or any(row.id == sending.address_id and row.digest == by_then[-1] for row in given)


def _positions(sendings: list[Sending], ids: set[int]) -> frozenset[int]:
    return frozenset(i for i, sending in enumerate(sendings) if sending.id in ids)
