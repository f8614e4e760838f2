"""Classifying: purposes and a reason for every change; unclassified is not editorial."""

from typing import Any

import pytest

from portal.actions.classify import classify, unclassify
from portal.actions.draft_content import change_keys
from portal.rules.errors import RuleBroken
from portal.store.drafts import Draft, DraftClassification, DraftEditor
from tests.support.drafting import Office, office_with
from tests.support.world import DAY, POSTED_2, events

LATER = POSTED_2 - DAY


@pytest.fixture
async def office(store: str) -> Office:
    return await office_with()


@pytest.fixture
async def draft(office: Office) -> Draft:
    return await office.drafted()


async def test_several_changes_get_the_same_purposes_and_reason_at_once(office: Office, draft: Draft) -> None:
    keys = change_keys(draft)[:2]
    after = await classify(draft.id, keys, ["service", "marketing"], " Both.\r\nReally. ", by=office.lena, at=LATER)
    rows = await DraftClassification.filter(draft_id=draft.id)
    assert {row.change_key for row in rows} == set(keys)
    assert {(*row.purposes, row.reason) for row in rows} == {("marketing", "service", "Both.\nReally.")}
    assert after.digest != draft.digest
    [event] = await events("draft.classified")
    assert event.facts["changes"] == keys


async def test_editorial_is_a_classification_without_purposes_and_with_a_reason(office: Office, draft: Draft) -> None:
    [key, *_] = change_keys(draft)
    await classify(draft.id, [key], [], "A spelling mistake.", by=office.lena, at=LATER)
    row = await DraftClassification.get(draft_id=draft.id, change_key=key)
    assert (row.purposes, row.staff_id) == ([], office.lena.id)


async def test_a_second_classification_replaces_the_first(office: Office, draft: Draft) -> None:
    [key, *_] = change_keys(draft)
    await classify(draft.id, [key], [], "A spelling mistake.", by=office.lena, at=LATER)
    await classify(draft.id, [key], ["service"], "It is more than that.", by=office.tom, at=LATER)
    row = await DraftClassification.get(draft_id=draft.id, change_key=key)
    assert (row.purposes, row.reason, row.staff_id) == (["service"], "It is more than that.", office.tom.id)


async def test_the_same_classification_again_writes_nothing(office: Office, draft: Draft) -> None:
    [key, *_] = change_keys(draft)
    first = await classify(draft.id, [key], ["service"], "Because.", by=office.lena, at=LATER)
    again = await classify(draft.id, [key], ["service"], "Because.", by=office.tom, at=LATER + DAY)
    assert (first.digest, first.edited_at) == (again.digest, again.edited_at)
    assert not await DraftEditor.exists(draft_id=draft.id, staff_id=office.tom.id)


async def test_a_classification_can_be_taken_back(office: Office, draft: Draft) -> None:
    keys = change_keys(draft)
    await classify(draft.id, keys, ["service"], "Because.", by=office.lena, at=LATER)
    after = await unclassify(draft.id, keys, by=office.lena, at=LATER)
    assert after.digest == draft.digest
    assert await DraftClassification.filter(draft_id=draft.id).count() == 0
    assert (await unclassify(draft.id, keys, by=office.tom, at=LATER)).edited_at == after.edited_at


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"reason": ""}, "reason_wanted"),
        ({"purposes": [], "reason": " \n"}, "reason_wanted"),
        ({"reason": "x" * 2_001}, "reason_too_long"),
        ({"purposes": ["selling"]}, "unknown_purpose"),
        ({"keys": ["nowhere"]}, "unknown_change"),
        ({"keys": []}, "no_change_chosen"),
    ],
)
async def test_what_cannot_be_a_classification_is_refused(
    office: Office, draft: Draft, wrong: dict[str, Any], code: str
) -> None:
    given = {"keys": change_keys(draft), "purposes": ["service"], "reason": "Because."} | wrong
    with pytest.raises(RuleBroken) as refused:
        await classify(draft.id, **given, by=office.lena, at=LATER)
    assert refused.value.code == code
    assert await DraftClassification.filter(draft_id=draft.id).count() == 0


async def test_what_was_published_is_not_classified_again(office: Office) -> None:
    version = await office.publish()
    draft = await Draft.get(id=version.draft_id)
    with pytest.raises(RuleBroken) as refused:
        await classify(draft.id, change_keys(draft), [], "Never mind.", by=office.lena, at=POSTED_2 + DAY)
    assert refused.value.code == "draft_published"
