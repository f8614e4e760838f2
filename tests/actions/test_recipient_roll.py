"""The recipient roll: who was owed a notice when a version was posted, fixed for good, for anybody to recompute."""

import pytest
from tortoise.exceptions import IntegrityError

from portal.actions.actor import SYSTEM
from portal.actions.members import import_members
from portal.actions.notice import record_bounce
from portal.actions.outcome import close_account
from portal.actions.publish import publish
from portal.rules.errors import RuleBroken
from portal.store import recipient_roll
from portal.store.connections import transaction
from portal.store.notices import Notice
from portal.store.policies import Version
from portal.store.recipient_roll import Counted, RecipientRoll
from portal.store.roll_rows import roll_rows
from tests.support.drafting import BY_MAIL, ON_SITE, Office, office_with
from tests.support.rolls import counted, digest_of, roll_of
from tests.support.world import DAY, JOINED, POSTED_2, SENT_2, accept, events, make_member

# printf '1\n2\n' | sha256sum; and of nothing at all.
OF_ONE_AND_TWO = "sha256:a6e2b7a040683432de03a18fd8a1939a2fdf82585b364bfc874bdd4095c4cae1"
OF_NOTHING = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
LATE = f"external_id,joined_at\nlate,{JOINED:%Y-%m-%dT%H:%M:%SZ}\n".encode()


@pytest.fixture
async def office(store: str) -> Office:
    return await office_with(BY_MAIL)


async def test_two_members_have_the_digest_that_everybody_gets(office: Office) -> None:
    first, second = [await make_member(office.policy, name) for name in ("m1", "m2")]
    assert (first.id, second.id) == (1, 2)
    version = await office.publish()
    roll = await roll_of(version)
    assert (roll.members, roll.digest, roll.recorded_at) == (2, OF_ONE_AND_TWO, POSTED_2)
    assert roll.last_notice_id == (await Notice.get(member_id=2, version_id=version.id)).id
    assert await counted(roll) == Counted(2, OF_ONE_AND_TWO)


async def test_the_event_of_the_publication_carries_number_and_digest(office: Office) -> None:
    for name in ("m1", "m2"):
        await make_member(office.policy, name)
    await office.publish()
    [first, second] = await events("version.published")
    assert (first.facts["notices"], first.facts["roll"]) == (0, OF_NOTHING)
    assert (second.facts["notices"], second.facts["roll"]) == (2, OF_ONE_AND_TWO)


async def test_a_version_that_concerns_nobody_has_the_digest_of_nothing(office: Office) -> None:
    roll = await roll_of(await office.publish())
    assert (roll.members, roll.last_notice_id, roll.digest) == (0, 0, OF_NOTHING)
    assert await counted(roll) == Counted(0, OF_NOTHING)
    assert [rows async for rows in roll_rows(roll)] == []


async def test_a_version_told_on_the_site_only_has_a_roll_too(store: str) -> None:
    office = await office_with(ON_SITE)
    for name in ("m1", "m2"):
        await make_member(office.policy, name)
    assert (await roll_of(await office.publish())).digest == OF_ONE_AND_TWO


async def test_the_order_is_that_of_numbers_in_however_many_chunks(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = [(await make_member(office.policy, f"m{i}")).id for i in range(12)]
    roll = await roll_of(await office.publish())
    assert roll.digest == digest_of(members)
    for size in (1, 5, 12):
        monkeypatch.setattr(recipient_roll, "CHUNK", size)
        assert await counted(roll) == Counted(12, roll.digest)


async def test_only_those_whom_the_version_concerns_are_on_it(office: Office) -> None:
    here, closed = await make_member(office.policy, "here"), await make_member(office.policy, "closed")
    await close_account(closed.id, by=SYSTEM, at=JOINED + DAY)
    version = await office.publish()
    await make_member(office.policy, "too late", POSTED_2)
    roll = await roll_of(version)
    assert (roll.members, roll.digest) == (1, digest_of([here.id]))


async def test_who_is_entered_later_is_owed_a_notice_and_not_on_the_roll(office: Office) -> None:
    member = await make_member(office.policy, "m1")
    version = await office.publish()
    before = await roll_of(version)
    assert (await import_members(LATE, by=SYSTEM, at=POSTED_2 + DAY)).notices == 1
    assert await Notice.filter(version_id=version.id).count() == 2
    roll = await roll_of(version)
    assert (roll.members, roll.digest) == (before.members, before.digest) == (1, digest_of([member.id]))
    assert await counted(roll) == Counted(1, roll.digest)
    assert [[row.external_id for row in rows] async for rows in roll_rows(roll)] == [["m1"]]


async def test_whatever_becomes_of_the_notices_the_roll_counts_the_same(office: Office) -> None:
    members = [await make_member(office.policy, name) for name in ("m1", "m2", "m3")]
    version = await office.publish()
    for member in members[:2]:
        await accept(await Notice.get(member_id=member.id, version_id=version.id), SENT_2)
    await record_bounce(members[1].id, version.id, by=SYSTEM, at=SENT_2 + DAY)
    await close_account(members[2].id, by=SYSTEM, at=SENT_2 + DAY)
    roll = await roll_of(version)
    assert await counted(roll) == Counted(3, roll.digest)
    [rows] = [rows async for rows in roll_rows(roll)]
    assert [(row.external_id, row.state) for row in rows] == [("m1", "accepted"), ("m2", "bounced"), ("m3", "queued")]


async def test_a_notice_that_was_slipped_in_is_noticed(office: Office) -> None:
    await make_member(office.policy, "m1")
    version = await office.publish()
    late = await make_member(office.policy, "m2", POSTED_2 + DAY)
    async with transaction():
        await Notice.create(id=-1, member_id=late.id, version_id=version.id, state="posted", recorded_at=POSTED_2)
    roll = await roll_of(version)
    assert await counted(roll) == Counted(2, OF_ONE_AND_TWO) != Counted(roll.members, roll.digest)


@pytest.mark.parametrize("statement", ["UPDATE recipient_roll SET members = members", "DELETE FROM recipient_roll"])
async def test_the_database_refuses_to_alter_or_delete_a_roll(office: Office, statement: str) -> None:
    with pytest.raises(IntegrityError, match="never altered"):
        async with transaction() as connection:
            await connection.execute_query(statement)


async def test_the_database_refuses_a_second_roll_and_one_that_cannot_be(office: Office) -> None:
    kept = {"version_id": (await Version.get()).id, "digest": OF_NOTHING, "recorded_at": POSTED_2}
    for members, last in ((0, 0), (1, 0), (0, 1), (-1, 1)):
        with pytest.raises(IntegrityError):
            async with transaction():
                await RecipientRoll.create(members=members, last_notice_id=last, **kept)


async def test_a_publication_that_is_refused_leaves_no_roll(office: Office) -> None:
    draft = await office.drafted()
    with pytest.raises(RuleBroken):
        await publish(draft.id, by=office.lena, at=POSTED_2)
    assert await RecipientRoll.all().count() == 1
