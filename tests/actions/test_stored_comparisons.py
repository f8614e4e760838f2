"""What was compared stays as it was recorded: a publication's own result, and those kept beside it."""

import asyncio

import pytest
from tortoise.exceptions import IntegrityError

from portal.actions.comparison import keep_comparison
from portal.actions.publish import publish
from portal.jobs.comparing import Comparer
from portal.rules.changes import ENGINE, compare
from portal.rules.errors import RuleBroken
from portal.store.comparisons import Wanted, stored_comparison, stored_engines, uncompared
from portal.store.connections import transaction
from portal.store.drafts import Draft
from portal.store.policies import StoredComparison, Version
from tests.support.drafting import TEXT_1, TEXT_2, Office, office_with
from tests.support.world import DAY, POSTED_2

TEXT_3 = TEXT_2.replace("once a week", "every day")
LATER = POSTED_2 + 60 * DAY


@pytest.fixture
async def office(store: str) -> Office:
    return await office_with()


async def _three_versions(office: Office) -> tuple[Version, Version, Version]:
    await office.publish()
    await office.publish(TEXT_3, LATER)
    first, second, third = await Version.filter(policy_id=office.policy.id).order_by("number")
    return first, second, third


async def _written(older: Version, newer: Version, record: object, engine: str = ENGINE) -> None:
    async with transaction():
        await StoredComparison.create(older_id=older.id, newer_id=newer.id, engine=engine, record=record, made_at=LATER)


async def test_a_publications_own_result_answers_for_neighbours(office: Office) -> None:
    first, second, _third = await _three_versions(office)
    assert await stored_engines(first, second) == (ENGINE,)
    found = await stored_comparison(first, second, ENGINE)
    assert found == compare(TEXT_1, TEXT_2)
    assert not await StoredComparison.all().exists()


async def test_the_job_keeps_every_pair_that_no_publication_compared_once(office: Office) -> None:
    first, _second, third = await _three_versions(office)
    assert await uncompared(10) == [Wanted(first.id, third.id)]
    await Comparer()(LATER)
    await Comparer()(LATER + DAY)
    assert await uncompared(10) == []
    [row] = await StoredComparison.all()
    assert (row.older_id, row.newer_id, row.engine, row.made_at) == (first.id, third.id, ENGINE, LATER)
    assert await stored_comparison(first, third, ENGINE) == compare(TEXT_1, TEXT_3)


async def test_two_at_once_keep_one_result(office: Office) -> None:
    first, _second, third = await _three_versions(office)
    wanted = Wanted(first.id, third.id)
    await asyncio.gather(*[keep_comparison(wanted, at=LATER) for _ in range(4)])
    assert await StoredComparison.all().count() == 1


async def test_a_newer_engine_adds_its_result_and_leaves_the_published_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, _third = await _three_versions(office)
    before = (await Version.get(id=second.id)).comparison
    monkeypatch.setattr("portal.store.comparisons.ENGINE", "999")
    wanted = await uncompared(10)
    assert {(pair.older_id, pair.newer_id) for pair in wanted} >= {(first.id, second.id)}
    await _written(first, second, before | {"engine": "999"}, engine="999")
    assert await stored_engines(first, second) == (ENGINE, "999")
    assert (await Version.get(id=second.id)).comparison == before


async def test_a_stored_result_is_never_altered(office: Office) -> None:
    first, _second, third = await _three_versions(office)
    await keep_comparison(Wanted(first.id, third.id), at=LATER)
    with pytest.raises(IntegrityError, match="a stored comparison is never altered"):
        async with transaction():
            await StoredComparison.all().update(engine="0")
    with pytest.raises(IntegrityError, match="a stored comparison is never altered"):
        async with transaction():
            await StoredComparison.all().delete()


async def test_a_result_of_other_texts_or_in_the_wrong_order_is_refused(office: Office) -> None:
    first, second, third = await _three_versions(office)
    right = compare(TEXT_1, TEXT_3).to_json()
    for older, newer, record in (
        (third, first, right),
        (first, second, right),
        (second, third, right),
        (first, third, compare(TEXT_3, TEXT_1).to_json()),
    ):
        with pytest.raises(IntegrityError, match="the older one first"):
            await _written(older, newer, record)


async def test_a_version_is_not_published_with_the_comparison_of_another_text(office: Office) -> None:
    draft = await office.ready()
    for wrong in (compare(TEXT_1, TEXT_3).to_json(), draft.comparison | {"delta": [[0, 10]]}):
        async with transaction():
            await Draft.filter(id=draft.id).update(comparison=wrong)
        with pytest.raises(RuleBroken) as refused:
            await publish(draft.id, by=office.lena, at=POSTED_2)
        assert refused.value.code in ("not_compared", "unclassified")


async def test_the_database_refuses_a_version_with_a_foreign_comparison(office: Office) -> None:
    await office.publish()
    second = await Version.get(policy_id=office.policy.id, number=2)
    with pytest.raises(IntegrityError, match="the comparison of its own text"):
        async with transaction():
            await Version.create(
                policy_id=second.policy_id,
                number=3,
                language="en",
                digest="sha256:another",
                summary="",
                posted_at=LATER,
                recorded_at=LATER,
                terms=second.terms,
                treatments=second.treatments,
                told_of=[],
                comparison=second.comparison,
                author="A",
                approver="B",
                mailed=False,
            )
