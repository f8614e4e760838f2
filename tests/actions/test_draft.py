"""Drafting: started from the newest version, edited, compared, dropped."""

import asyncio

import pytest

from portal.actions.actor import SYSTEM
from portal.actions.classify import classify
from portal.actions.draft import DraftEdit, drop_draft, save_draft, start_draft
from portal.actions.draft_content import change_keys, content_of_draft
from portal.actions.policy import create_policy
from portal.actions.purposes import Defaults
from portal.rules.errors import RuleBroken
from portal.rules.policy import NoticeTerms, Treatment
from portal.store.drafts import Draft, DraftClassification, DraftEditor, DraftTranslation
from tests.support.drafting import (
    EDITORIAL,
    MARKETING,
    SERVICE,
    TEXT_1,
    TEXT_2,
    TREATMENTS,
    Office,
    classified,
    office_with,
    person,
)
from tests.support.world import DAY, POSTED_1, POSTED_2, events

LATER = POSTED_2 - DAY


@pytest.fixture
async def office(store: str) -> Office:
    return await office_with()


@pytest.fixture
async def draft(office: Office) -> Draft:
    return await start_draft(office.policy.id, by=office.lena, at=LATER)


async def test_a_draft_starts_with_the_newest_text_and_the_policys_terms(office: Office, draft: Draft) -> None:
    assert (draft.text, draft.base, draft.summary) == (TEXT_1, 1, "")
    assert draft.terms == office.policy.terms
    assert change_keys(draft) == []
    assert [row.staff_id for row in await DraftEditor.filter(draft_id=draft.id)] == [office.lena.id]


async def test_one_draft_of_a_policy_is_open_at_a_time(office: Office, draft: Draft) -> None:
    with pytest.raises(RuleBroken) as refused:
        await start_draft(office.policy.id, by=office.tom, at=LATER)
    assert refused.value.code == "draft_open"
    assert refused.value.facts["draft"] == draft.id


async def test_of_several_drafts_started_at_once_one_is_open(office: Office) -> None:
    outcomes = await asyncio.gather(
        *(start_draft(office.policy.id, by=office.lena, at=LATER) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Draft"] + ["RuleBroken"] * 3


async def test_after_one_was_dropped_another_can_be_started(office: Office, draft: Draft) -> None:
    await drop_draft(draft.id, by=office.lena, at=LATER)
    assert (await start_draft(office.policy.id, by=office.tom, at=LATER)).id != draft.id
    with pytest.raises(RuleBroken) as refused:
        await save_draft(draft.id, DraftEdit(text=TEXT_2), by=office.lena, at=LATER)
    assert refused.value.code == "draft_dropped"


async def test_saving_a_text_compares_it_with_the_version_before(office: Office, draft: Draft) -> None:
    saved = await save_draft(draft.id, DraftEdit(text=TEXT_2), by=office.lena, at=LATER)
    assert len(change_keys(saved)) == 3
    assert saved.digest != draft.digest
    event = (await events("draft.edited"))[-1]
    assert event.facts == {"draft": draft.id, "digest": saved.digest}


async def test_saving_what_stands_there_already_writes_nothing(office: Office, draft: Draft) -> None:
    again = await save_draft(draft.id, DraftEdit(text=TEXT_1, told_of=()), by=office.tom, at=LATER + DAY)
    assert (again.digest, again.edited_at) == (draft.digest, draft.edited_at)
    assert not await DraftEditor.exists(draft_id=draft.id, staff_id=office.tom.id)
    assert len(await events("draft.edited")) == 1  # of the first version's draft


async def test_an_edit_of_what_someone_else_has_edited_since_is_refused(office: Office, draft: Draft) -> None:
    await save_draft(draft.id, DraftEdit(summary="Other words."), by=office.tom, at=LATER)
    with pytest.raises(RuleBroken) as refused:
        await save_draft(draft.id, DraftEdit(text=TEXT_2), by=office.lena, at=LATER, seen=draft.digest)
    assert refused.value.code == "draft_changed"
    assert (await Draft.get(id=draft.id)).text == TEXT_1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "text_empty"),
        (" \n\t\n", "text_empty"),
        (b"caf\xe9\n", "text_not_utf8"),
        ("\ud800", "text_not_utf8"),
        ("x" * 1_000_001, "text_too_large"),
    ],
)
async def test_a_text_that_cannot_be_published_is_refused(
    office: Office, draft: Draft, text: str | bytes, code: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        await save_draft(draft.id, DraftEdit(text=text), by=office.lena, at=LATER)
    assert refused.value.code == code
    assert (await Draft.get(id=draft.id)).text == TEXT_1


async def test_a_text_is_kept_in_the_form_that_is_published(office: Office, draft: Draft) -> None:
    raw = b"\xef\xbb\xbf" + TEXT_2.rstrip().replace("\n", "\r\n").encode()
    assert (await save_draft(draft.id, DraftEdit(text=raw), by=office.lena, at=LATER)).text == TEXT_2


async def test_classifications_stay_with_the_changes_that_stay(office: Office, draft: Draft) -> None:
    draft = await save_draft(draft.id, DraftEdit(text=TEXT_2), by=office.lena, at=LATER)
    draft = await classified(draft, by=office.lena, at=LATER)
    without_editorial = TEXT_1.replace(*MARKETING).replace(*SERVICE)
    draft = await save_draft(draft.id, DraftEdit(text=without_editorial), by=office.lena, at=LATER)
    kept = await DraftClassification.filter(draft_id=draft.id)
    assert sorted(row.change_key for row in kept) == sorted(change_keys(draft))
    assert sorted(row.purposes for row in kept) == [["marketing"], ["service"]]


async def test_a_reworded_change_has_to_be_classified_again(office: Office, draft: Draft) -> None:
    draft = await save_draft(draft.id, DraftEdit(text=TEXT_1.replace(*SERVICE)), by=office.lena, at=LATER)
    draft = await classified(draft, by=office.lena, at=LATER)
    longer = TEXT_1.replace(SERVICE[0], "for 90 days")
    draft = await save_draft(draft.id, DraftEdit(text=longer), by=office.lena, at=LATER)
    assert await DraftClassification.filter(draft_id=draft.id).count() == 0


async def test_without_any_change_left_no_classification_is_left(office: Office, draft: Draft) -> None:
    draft = await save_draft(draft.id, DraftEdit(text=TEXT_1.replace(*EDITORIAL)), by=office.lena, at=LATER)
    await classified(draft, by=office.lena, at=LATER)
    await save_draft(draft.id, DraftEdit(text=TEXT_1), by=office.lena, at=LATER)
    assert await DraftClassification.filter(draft_id=draft.id).count() == 0


async def test_translations_are_added_replaced_and_removed(office: Office, draft: Draft) -> None:
    edit = DraftEdit(translations={"DE": "# Datenschutz\n", "fr": "# Vie privée"})
    draft = await save_draft(draft.id, edit, by=office.lena, at=LATER)
    digest = draft.digest
    draft = await save_draft(
        draft.id, DraftEdit(translations={"de": "# Datenschutzerklärung\n", "fr": ""}), by=office.lena, at=LATER
    )
    assert (await content_of_draft(draft)).translations == {"de": "# Datenschutzerklärung\n"}
    assert draft.digest != digest


@pytest.mark.parametrize("language", ["en", "EN", "English", "../de", ""])
async def test_a_translation_needs_another_language(office: Office, draft: Draft, language: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        await save_draft(draft.id, DraftEdit(translations={language: "Text\n"}), by=office.lena, at=LATER)
    assert refused.value.code == "language_form"
    assert await DraftTranslation.all().count() == 0


async def test_a_purpose_that_a_change_is_classified_under_stays_treated(office: Office, draft: Draft) -> None:
    draft = await save_draft(draft.id, DraftEdit(text=TEXT_2), by=office.lena, at=LATER)
    await classify(draft.id, change_keys(draft)[:1], ["marketing"], "Because.", by=office.lena, at=LATER)
    fewer = {purpose: how for purpose, how in TREATMENTS.items() if purpose != "marketing"}
    with pytest.raises(RuleBroken) as refused:
        await save_draft(draft.id, DraftEdit(treatments=fewer), by=office.lena, at=LATER)
    assert refused.value.code == "purpose_in_use"


async def test_only_defined_purposes_are_treated(office: Office, draft: Draft) -> None:
    more = {**TREATMENTS, "selling": Treatment.SEPARABLE}
    with pytest.raises(RuleBroken) as refused:
        await save_draft(draft.id, DraftEdit(treatments=more), by=office.lena, at=LATER)
    assert refused.value.code == "unknown_purpose"


async def test_only_treated_purposes_are_told_of(office: Office, draft: Draft) -> None:
    with pytest.raises(RuleBroken) as refused:
        await save_draft(draft.id, DraftEdit(told_of=("selling",)), by=office.lena, at=LATER)
    assert refused.value.code == "unknown_purpose"


async def test_drafts_are_the_work_of_people(office: Office) -> None:
    with pytest.raises(RuleBroken) as refused:
        await start_draft(office.policy.id, by=SYSTEM, at=LATER)
    assert refused.value.code == "staff_only"


@pytest.mark.parametrize("slug", ["", "Privacy", "a b", "-a", "a--b", "../up", "a" * 65])
async def test_a_slug_is_fit_for_addresses_and_folders(store: str, slug: str) -> None:
    lena = await person("Lena Hofer", POSTED_1)
    with pytest.raises(RuleBroken) as refused:
        await create_policy(slug, "Title", Defaults(NoticeTerms(), {}), by=lena, at=POSTED_1)
    assert refused.value.code == "slug_form"


async def test_a_slug_is_taken_once(office: Office) -> None:
    with pytest.raises(RuleBroken) as refused:
        await create_policy("privacy", "Title", Defaults(NoticeTerms(), {}), by=office.lena, at=LATER)
    assert refused.value.code == "slug_taken"
