"""Who a member is and what they were told, as parts of the download."""

from collections.abc import AsyncIterator

from portal.store.address_changes import AddressChange
from portal.store.member_record import NoticeRecord
from portal.web.data import schema
from portal.web.data.schema import Part
from portal.web.data.whose import Whose
from portal.web.terms.known import terms_of


def person(whose: Whose) -> schema.Person:
    member = whose.record.member
    return schema.Person(
        customer_number=member.external_id,
        language=member.language,
        zone=member.zone,
        known_since=member.recorded_at,
    )


async def profiles(whose: Whose) -> AsyncIterator[Part]:
    for row in whose.record.profiles:
        yield schema.ProfileGiven(
            given_at=row.received_at,
            recorded_at=row.recorded_at,
            name=row.name,
            language=row.language,
            zone=row.zone,
        )


async def addresses(whose: Whose) -> AsyncIterator[Part]:
    for row in whose.record.addresses:
        yield schema.AddressGiven(given_at=row.received_at, recorded_at=row.recorded_at, address=row.address)


async def address_changes(whose: Whose) -> AsyncIterator[Part]:
    for row in await AddressChange.filter(**whose.mine).order_by("received_at", "sequence"):
        yield schema.AddressChangeAsked(
            asked_at=row.received_at,
            address=row.address,
            expires_at=row.expires_at,
            confirmed_at_new_address=row.new_confirmed_at,
            confirmed_at_old_address=row.old_confirmed_at,
            handed_to_staff_at=row.handed_at,
            ended_at=row.ended_at,
            ended_as=row.ended_as,
        )


async def memberships(whose: Whose) -> AsyncIterator[Part]:
    for row in whose.record.memberships:
        yield schema.Membership(
            policy=row.policy.slug,
            title=row.policy.title,
            joined_at=row.joined_at,
            joined_on_version=row.joined_on,
        )


async def terms(whose: Whose) -> AsyncIterator[Part]:
    for membership in whose.record.memberships:
        terms = terms_of(whose.record, membership, {}, whose.now)
        for purpose, line in sorted(
            ((purpose, line) for lane in terms.lanes for purpose in lane.purposes for line in lane.lines),
            key=lambda pair: (pair[0], pair[1].since),
        ):
            yield schema.Term(
                policy=membership.policy.slug,
                purpose=purpose,
                collected_from=line.since,
                collected_until=line.until,
                version=line.answer.version,
                allowed=line.answer.allowed,
                basis=str(line.answer.basis),
                because_of_version=line.answer.because_of,
            )


async def notices(whose: Whose) -> AsyncIterator[Part]:
    for one in reversed(whose.record.notices):
        yield _notice(whose, one)


def _notice(whose: Whose, one: NoticeRecord) -> schema.Notice:
    window = one.facts.standing.window(one.ruled)
    slug, number = whose.versions[one.version.id]
    return schema.Notice(
        policy=slug,
        version=number,
        posted_at=one.version.posted_at,
        state=str(one.notice.state),
        effective_at=window.effective_at,
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        sendings=tuple(
            schema.Sending(
                number=row.number,
                address=row.address.address,
                begun_at=row.started_at,
                state=str(row.state),
                attempts=row.attempts,
                accepted_at=row.accepted_at,
                reply=row.reply,
                came_back_at=bounce.received_at if (bounce := one.bounce_of(row)) else None,
            )
            for row in one.sendings
        ),
        refusals=tuple(schema.Refused(at=row.received_at, code=row.code) for row in one.refusals),
        sights=tuple(
            schema.Sight(at=row.received_at, recorded_at=row.recorded_at, way=str(row.way)) for row in one.sights
        ),
    )
