"""What was seen is counted the same from either end, and from the one that is shorter."""

from collections.abc import AsyncIterator

import pytest
from tortoise import connections

from portal.store import connect, disconnect
from portal.store.connections import READER, transaction
from portal.store.members import Member
from portal.store.notice_progress import SEEN, SEEN_AMONG, progress_of
from portal.store.notices import Notice, Sight, SightWay
from portal.store.policies import Version
from tests.support.world import POSTED_1, POSTED_2, SENT_2, make_member, make_policy, make_version


@pytest.fixture
async def versions(database_url: str) -> AsyncIterator[list[Version]]:
    """Two versions, each owed to four members."""
    await connect(database_url)
    policy = await make_policy()
    await make_version(policy, POSTED_1)
    for number in range(4):
        await make_member(policy, f"m{number}")
    yield [await make_version(policy, POSTED_2), await make_version(policy, SENT_2)]
    await disconnect()


async def see(version: Version, member: Member, *ways: SightWay) -> None:
    notice = await Notice.get(version_id=version.id, member_id=member.id)
    async with transaction():
        for way in ways:
            await Sight.create(
                member_id=member.id,
                notice_id=notice.id,
                way=way,
                received_at=SENT_2,
                recorded_at=SENT_2,
                sequence=0,
            )


async def seen(versions: list[Version]) -> list[int]:
    found = await progress_of([version.id for version in versions])
    return [found[version.id].seen for version in versions]


async def test_a_notice_that_was_seen_twice_counts_once_however_many_sights_there_are(versions: list[Version]) -> None:
    first, second = versions
    one, other, *_ = await Member.all().order_by("id")
    assert await seen(versions) == [0, 0]
    await see(first, one, SightWay.ACCOUNT, SightWay.LETTER)
    await see(second, other, SightWay.ACCOUNT)
    assert await seen(versions) == [1, 1]  # from the sights
    await see(first, one, *[SightWay.IN_PERSON] * 20)
    await see(first, other, SightWay.LETTER)
    assert await seen(versions) == [2, 1]  # from the notices
    assert await seen([second]) == [1]
    assert await seen([]) == []


@pytest.mark.database("sqlite")
async def test_sqlite_reads_the_shorter_end_and_finds_the_other_by_an_index(versions: list[Version]) -> None:
    async def plan(statement: str) -> str:
        asked = f"EXPLAIN QUERY PLAN {statement.format(versions=versions[0].id)}"
        return "\n".join(row["detail"] for row in await connections.get(READER).execute_query_dict(asked))

    assert "SEARCH n USING INTEGER PRIMARY KEY" in await plan(SEEN)
    assert "SEARCH g USING COVERING INDEX sight_of_notice (member_id=? AND notice_id=?)" in await plan(SEEN_AMONG)
