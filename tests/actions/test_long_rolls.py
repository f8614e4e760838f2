"""Recipient rolls of very many members, and one that is frozen while imports go on in other processes."""

import asyncio
import sys
import tracemalloc
from hashlib import sha256
from pathlib import Path

import pytest

from portal.store.members import Membership
from portal.store.notices import Notice
from portal.store.policies import Version
from portal.store.recipient_roll import Counted
from portal.store.roll_rows import roll_rows
from tests.support.drafting import BY_MAIL, Office, office_with
from tests.support.many import many_members
from tests.support.rolls import counted, digest_of, roll_of
from tests.support.world import POSTED_2, events


@pytest.fixture
async def office(store: str) -> Office:
    return await office_with(BY_MAIL)


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
