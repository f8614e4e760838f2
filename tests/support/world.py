"""A small world for tests of actions: policies, versions and members as rows, as an import of history leaves them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from portal.actions.window import refresh_window
from portal.rules.policy import NoticeTerms
from portal.rules.standing import joined_on
from portal.store.connections import transaction
from portal.store.contacts import address_digest
from portal.store.events import Event
from portal.store.members import Address, Member, Membership, Profile
from portal.store.notices import Notice, NoticeState, Sending, SendingState
from portal.store.outcomes import Closure
from portal.store.policies import Change, Classification, Policy, Purpose, Version, VersionText
from portal.store.standings import published_versions

TREATMENTS = {"marketing": "separable", "service": "inseparable", "ai_training": "opt_in"}
TERMS = {
    "channels": ["site", "account", "email"],
    "objection_days": 20,
    "day_count": "calendar",
    "zone": "America/New_York",
}


def at(text: str) -> datetime:
    """`2026-03-02 04:30` as an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


DAY = timedelta(days=1)
POSTED_1 = at("2026-01-05 09:00")
JOINED = at("2026-01-10 00:00")
POSTED_2 = at("2026-03-01 09:00")
SENT_2 = at("2026-03-02 04:30")
CLOSES_2 = at("2026-03-22 04:00")


async def make_policy(
    slug: str = "privacy", *, terms: object = None, treatments: Mapping[str, str] | None = None
) -> Policy:
    async with transaction():
        for key in treatments or TREATMENTS:
            if not await Purpose.exists(key=key):
                await Purpose.create(key=key, title=key.title(), about="")
        return await Policy.create(
            slug=slug,
            title=slug.title(),
            terms=terms or TERMS,
            treatments=treatments or TREATMENTS,
            told_of=[],
            created_at=POSTED_1,
        )


async def make_version(
    policy: Policy,
    posted_at: datetime,
    changes: Mapping[str, Sequence[str]] | None = None,
    *,
    terms: object = None,
    treatments: Mapping[str, str] | None = None,
    summary: str = "",
) -> Version:
    """The next version, with a notice for everybody whom it concerns, as a publication leaves them."""
    async with transaction():
        number = 1 + await Version.filter(policy_id=policy.id).count()
        kept = NoticeTerms.from_json(terms or policy.terms)
        version = await Version.create(
            policy_id=policy.id,
            number=number,
            language="en",
            digest=f"sha256:{number}",
            summary=summary or f"Version {number}",
            posted_at=posted_at,
            recorded_at=posted_at,
            terms=kept.to_json(),
            treatments=treatments or policy.treatments,
            told_of=[],
            author="Ann Author",
            approver="Ben Approver",
            mailed=kept.by_email,
        )
        await VersionText.create(
            version_id=version.id, language="en", text=f"Text {number}\n", digest=version.digest, authoritative=True
        )
        for ordinal, (key, purposes) in enumerate((changes or {}).items()):
            change = await Change.create(version_id=version.id, key=key, ordinal=ordinal, engine="1", record={})
            await Classification.create(change_id=change.id, purposes=list(purposes), reason="Because.")
        closed = await Closure.filter(received_at__lte=posted_at).values_list("member_id", flat=True)
        joined_before = Membership.filter(policy_id=policy.id, joined_at__lt=posted_at, joined_on__lt=number)
        for membership in await joined_before.exclude(member_id__in=list(closed)):
            await Notice.create(
                member_id=membership.member_id,
                version_id=version.id,
                state=NoticeState.QUEUED if version.mailed else NoticeState.POSTED,
                next_attempt_at=posted_at,
                recorded_at=posted_at,
            )
            await refresh_window(membership.member_id, version.id)
        return version


async def make_member(
    policy: Policy,
    external_id: str = "m1",
    joined_at: datetime = JOINED,
    address: str | None = "m1@example.org",
    on: int | None = None,
) -> Member:
    async with transaction():
        versions = (await published_versions(policy.id)).values()
        member, _ = await Member.get_or_create(external_id=external_id, defaults={"recorded_at": joined_at})
        fact = {"member_id": member.id, "received_at": joined_at, "recorded_at": joined_at, "sequence": 0}
        await Membership.create(
            policy_id=policy.id,
            joined_at=joined_at,
            joined_on=joined_on(joined_at, versions) if on is None else on,
            **fact,
        )
        if address and not await Address.exists(member_id=member.id):
            await Address.create(address=address, digest=address_digest(address), **fact)
            await Profile.create(name=external_id.title(), language="en", **fact)
        return member


async def events(action: str) -> list[Event]:
    """All events of one kind, in their order."""
    return await Event.filter(action=action).order_by("id")


async def accept(notice: Notice, accepted_at: datetime) -> Sending:
    """A sending that a receiving server accepted, with the window that follows."""
    async with transaction():
        address = await Address.filter(member_id=notice.member_id).order_by("-id").first()
        assert address is not None
        number = 1 + await Sending.filter(notice_id=notice.id).count()
        sending = await Sending.create(
            member_id=notice.member_id,
            notice_id=notice.id,
            number=number,
            address_id=address.id,
            message_id=f"message-{notice.id}-{number}",
            state=SendingState.ACCEPTED,
            attempts=1,
            started_at=accepted_at,
            accepted_at=accepted_at,
            recorded_at=accepted_at,
            sequence=0,
        )
        await Notice.filter(id=notice.id).update(state=NoticeState.ACCEPTED)
        await refresh_window(notice.member_id, notice.version_id)
        return sending
