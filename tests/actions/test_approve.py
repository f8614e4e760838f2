"""Approving: a second person, the draft as it stands, and nothing unclassified."""

import asyncio

import pytest
from tortoise.exceptions import BaseORMException

from portal.actions.approve import approve
from portal.actions.classify import classify
from portal.actions.draft import DraftEdit, save_draft, start_draft
from portal.actions.draft_content import change_keys
from portal.rules.errors import RuleBroken
from portal.store.connections import transaction
from portal.store.drafts import Approval, Draft
from tests.support.drafting import TEXT_1, TEXT_2, Office, classified, office_with, person
from tests.support.world import DAY, POSTED_2, events

LATER = POSTED_2 - DAY


@pytest.fixture
async def office(store: str) -> Office:
    return await office_with()


@pytest.fixture
async def draft(office: Office) -> Draft:
    return await classified(await office.drafted(), by=office.lena, at=LATER)


async def test_a_second_person_approves_the_digest(office: Office, draft: Draft) -> None:
    approval = await approve(draft.id, draft.digest, by=office.tom, at=LATER)
    assert (approval.digest, approval.staff_id, approval.approved_at) == (draft.digest, office.tom.id, LATER)
    event = (await events("draft.approved"))[-1]
    assert event.facts == {"draft": draft.id, "digest": draft.digest}


async def test_approving_twice_is_approving_once(office: Office, draft: Draft) -> None:
    before = len(await events("draft.approved"))
    approvals = await asyncio.gather(*(approve(draft.id, draft.digest, by=office.tom, at=LATER) for _ in range(3)))
    assert len({approval.id for approval in approvals}) == 1
    assert len(await events("draft.approved")) == before + 1


async def test_the_author_cannot_approve(office: Office, draft: Draft) -> None:
    with pytest.raises(RuleBroken) as refused:
        await approve(draft.id, draft.digest, by=office.lena, at=LATER)
    assert refused.value.code == "own_draft"


async def test_who_classified_a_single_change_cannot_approve(office: Office) -> None:
    draft = await office.drafted()
    await classify(draft.id, change_keys(draft)[:1], [], "Because.", by=office.tom, at=LATER)
    draft = await classified(draft, by=office.lena, at=LATER)
    with pytest.raises(RuleBroken) as refused:
        await approve(draft.id, draft.digest, by=office.tom, at=LATER)
    assert refused.value.code == "own_draft"


async def test_the_database_itself_refuses_an_editors_approval(office: Office, draft: Draft) -> None:
    with pytest.raises(BaseORMException, match="cannot approve"):
        await approval_written(draft, office.lena.id)


async def approval_written(draft: Draft, staff_id: int | None) -> None:
    async with transaction():
        await Approval.create(draft_id=draft.id, digest=draft.digest, staff_id=staff_id, approved_at=LATER)


async def test_an_approval_of_what_was_edited_since_is_refused(office: Office, draft: Draft) -> None:
    await save_draft(draft.id, DraftEdit(summary="Something else."), by=office.lena, at=LATER)
    with pytest.raises(RuleBroken) as refused:
        await approve(draft.id, draft.digest, by=office.tom, at=LATER)
    assert refused.value.code == "draft_changed"
    assert not await Approval.exists(draft_id=draft.id)


async def test_an_unclassified_change_blocks(office: Office) -> None:
    draft = await office.drafted()
    await classify(draft.id, change_keys(draft)[1:], [], "Because.", by=office.lena, at=LATER)
    draft = await Draft.get(id=draft.id)
    with pytest.raises(RuleBroken) as refused:
        await approve(draft.id, draft.digest, by=office.tom, at=LATER)
    assert refused.value.code == "unclassified"
    assert refused.value.facts["changes"] == change_keys(draft)[:1]


async def test_a_text_equal_to_the_one_in_force_is_refused(office: Office) -> None:
    draft = await office.drafted(TEXT_1)
    with pytest.raises(RuleBroken) as refused:
        await approve(draft.id, draft.digest, by=office.tom, at=LATER)
    assert refused.value.code == "nothing_changed"


async def test_members_are_owed_a_summary(office: Office) -> None:
    draft = await start_draft(office.policy.id, by=office.lena, at=LATER)
    draft = await save_draft(draft.id, DraftEdit(text=TEXT_2), by=office.lena, at=LATER)
    draft = await classified(draft, by=office.lena, at=LATER)
    with pytest.raises(RuleBroken) as refused:
        await approve(draft.id, draft.digest, by=office.tom, at=LATER)
    assert refused.value.code == "summary_wanted"


async def test_the_digest_covers_text_summary_classification_terms_and_translations(office: Office) -> None:
    draft = await office.drafted()
    digests = [draft.digest]
    edits = [
        DraftEdit(summary="Other words."),
        DraftEdit(translations={"de": "Text\n"}),
        DraftEdit(told_of=("marketing",)),
        DraftEdit(text=TEXT_2 + "\nMore.\n"),
    ]
    digests += [(await save_draft(draft.id, edit, by=office.lena, at=LATER)).digest for edit in edits]
    keys = change_keys(await Draft.get(id=draft.id))
    for reason in ("Because.", "Therefore."):
        digests += [(await classify(draft.id, keys, [], reason, by=office.lena, at=LATER)).digest]
    assert len(set(digests)) == len(digests)


async def test_a_third_person_may_approve_after_the_second(office: Office, draft: Draft) -> None:
    await approve(draft.id, draft.digest, by=office.tom, at=LATER)
    await approve(draft.id, draft.digest, by=await person("Mirjam Wolters", LATER), at=LATER)
    assert await Approval.filter(draft_id=draft.id).count() == 2
