"""The recipient roll: who was owed a notice when a version was posted, fixed for good, for anybody to recompute."""

import asyncio
import sys
import tracemalloc
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import pytest
from tortoise import connections
from tortoise.exceptions import IntegrityError

from portal.actions.actor import SYSTEM
from portal.actions.members import import_members
from portal.actions.notice import record_bounce
from portal.actions.outcome import close_account
from portal.actions.publish import publish
from portal.rules.errors import RuleBroken
from portal.store import recipient_roll
from portal.store.connections import READER, transaction
from portal.store.members import Membership
from portal.store.notices import Notice
from portal.store.policies import Version
from portal.store.recipient_roll import Counted, RecipientRoll, counted_roll
from portal.store.roll_rows import roll_rows
from tests.support.drafting import BY_MAIL, ON_SITE, Office, office_with
from tests.support.many import many_members
from tests.support.world import DAY, JOINED, POSTED_2, SENT_2, accept, events, make_member

# printf '1\n2\n' | sha256sum; and of nothing at all.
OF_ONE_AND_TWO = "sha256:a6e2b7a040683432de03a18fd8a1939a2fdf82585b364bfc874bdd4095c4cae1"
OF_NOTHING = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
LATE = f"external_id,joined_at\nlate,{JOINED:%Y-%m-%dT%H:%M:%SZ}\n".encode()


@pytest.fixture
async def office(store: str) -> Office:
    return await office_with(BY_MAIL)


def digest_of(members: Iterable[int]) -> str:
    """As the documentation says."""
    return "sha256:" + sha256("".join(f"{number}\n" for number in sorted(members)).encode()).hexdigest()


async def roll_of(version: Version) -> RecipientRoll:
    return await RecipientRoll.get(version_id=version.id)


async def counted(roll: RecipientRoll) -> Counted:
    return await counted_roll(connections.get(READER), roll.version_id, roll.last_notice_id)


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
    await make_member(office.policy, "too late", POSTED_2)
    await close_account(closed.id, by=SYSTEM, at=JOINED + DAY)
    roll = await roll_of(await office.publish())
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


async def test_a_long_roll_passes_by_and_is_never_held_whole(office: Office) -> None:
    """Of a hundred thousand members the row ids alone would take 9 MB, as rows of Python's."""
    many = 100_000
    await many_members(office.policy, many)
    roll = await roll_of(await office.publish())
    assert (roll.members, roll.digest) == (many, digest_of(range(1, many + 1)))
    tracemalloc.start()
    try:
        assert await counted(roll) == Counted(many, roll.digest)
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
        tracemalloc.reset_peak()
        numbers = sha256()
        async for rows in roll_rows(roll):
            numbers.update("".join(f"{row.member_id}\n" for row in rows).encode())
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert f"sha256:{numbers.hexdigest()}" == roll.digest


async def test_far_apart_numbers_are_all_found(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.store.roll_rows.CHUNK", 3)
    for first in (1, 9, 1_000, 5_000_000_000):
        await many_members(office.policy, 7, first=first)
    roll = await roll_of(await office.publish())
    found = [row.member_id async for rows in roll_rows(roll) for row in rows]
    assert found == [*range(1, 8), *range(9, 16), *range(1_000, 1_007), *range(5_000_000_000, 5_000_000_007)]
    assert roll.digest == digest_of(found)


RACER = """
import asyncio, sys, time
from datetime import datetime
from pathlib import Path
from portal.actions import members
from portal.actions.actor import Actor
from portal.actions.members import import_members
from portal.actions.publish import publish
from portal.store import connect, disconnect

url, start, at, what, draft = sys.argv[1:]
at = datetime.fromisoformat(at)
members.CHUNK = 20

async def race():
    await connect(url)
    print("ready", flush=True)
    while not Path(start).exists():
        time.sleep(0.002)
    if what == "publish":
        await publish(int(draft), by=Actor("staff", 1), at=at)
    else:
        rows = [f"{what}{i},2026-01-10T00:00:00Z" for i in range(400)]
        await import_members("\\n".join(["external_id,joined_at", *rows]).encode(), by=Actor("staff", 1), at=at)
    await disconnect()

asyncio.run(race())
"""


async def test_imports_at_the_same_instant_are_on_the_roll_or_after_it(
    store: str, office: Office, tmp_path: Path
) -> None:
    draft, start = await office.ready(), tmp_path / "start"
    racers = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", RACER, store, str(start), POSTED_2.isoformat(), what, str(draft.id)),
            stdout=asyncio.subprocess.PIPE,
        )
        for what in ("a", "publish", "b")
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert await racer.stdout.readline() == b"ready\n"
    start.touch()
    assert [await racer.wait() for racer in racers] == [0, 0, 0]

    version = await Version.get(number=2)
    roll, [_, published] = await roll_of(version), await events("version.published")
    assert await Notice.filter(version_id=version.id).count() == await Membership.all().count() == 800
    on_it = [row.member_id for row in await Membership.filter(sequence__lt=published.id)]
    assert (roll.members, roll.digest) == (len(on_it), digest_of(on_it))
    assert (published.facts["notices"], published.facts["roll"]) == (roll.members, roll.digest)
    assert await counted(roll) == Counted(roll.members, roll.digest)
