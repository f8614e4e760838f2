"""Legal edits a draft: text, summary, translations, terms."""

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import Actor
from portal.actions.draft import DraftEdit, save_draft, start_draft
from portal.store.drafts import Draft, DraftClassification, DraftTranslation
from portal.store.events import Event
from portal.store.policies import Policy
from portal.store.staff import Role, Staff
from tests.support.clock import Clock
from tests.support.drafting import TEXT_2, classified
from tests.support.forms import Typed, form_on
from tests.web.conftest import SignIn

TEXT_3 = TEXT_2.replace("once a week", "every day")


@pytest.fixture
async def draft(privacy: Policy, clock: Clock) -> Draft:
    author = await Staff.get(name="Ann Author")
    return await start_draft(privacy.id, by=Actor("staff", author.id), at=clock())


@pytest.fixture
async def legal(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.LEGAL)


async def fields(client: AsyncClient, draft: Draft, **typed: Typed) -> dict[str, list[str]]:
    page = await client.get(f"/staff/drafts/{draft.id}")
    assert page.status_code == 200, page.text
    return form_on(page.text, f"/staff/drafts/{draft.id}", typed)


async def test_what_is_typed_is_saved_and_compared(legal: AsyncClient, draft: Draft) -> None:
    typed = await fields(
        legal, draft, text=TEXT_3.replace("\n", "\r\n"), summary="News every day.", objection_days="30"
    )
    answer = await legal.post(f"/staff/drafts/{draft.id}", data=typed)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/staff/drafts/{draft.id}")
    saved = await Draft.get(id=draft.id)
    assert (saved.text, saved.summary, saved.terms["objection_days"]) == (TEXT_3, "News every day.", 30)
    assert len(saved.comparison["changes"]) == 1
    assert "The draft is saved." in (await legal.get(f"/staff/drafts/{draft.id}")).text


async def test_saving_the_page_as_it_is_changes_nothing(legal: AsyncClient, draft: Draft) -> None:
    answer = await legal.post(f"/staff/drafts/{draft.id}", data=await fields(legal, draft))
    assert answer.status_code == 303
    assert (await Draft.get(id=draft.id)).digest == draft.digest
    assert await Event.filter(action="draft.edited").count() == 2  # those of the two versions before


async def test_a_file_replaces_the_text(legal: AsyncClient, draft: Draft) -> None:
    typed = await fields(legal, draft, text="Something else")
    upload = {"text_file": ("next.md", TEXT_3.encode(), "text/markdown")}
    assert (await legal.post(f"/staff/drafts/{draft.id}", data=typed, files=upload)).status_code == 303
    assert (await Draft.get(id=draft.id)).text == TEXT_3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b" \n", "The text is empty."),
        (b"Caf\xe9", "The text is not valid UTF-8"),
        (b"a" * 1_000_001, "The text is too large"),
    ],
)
async def test_a_bad_file_is_refused_and_what_was_typed_stays(
    legal: AsyncClient, draft: Draft, content: bytes, words: str
) -> None:
    typed = await fields(legal, draft, summary="A summary that took an hour.")
    answer = await legal.post(f"/staff/drafts/{draft.id}", data=typed, files={"text_file": ("x.md", content)})
    assert answer.status_code == 422
    assert words in answer.text
    assert "A summary that took an hour." in answer.text
    assert (await Draft.get(id=draft.id)).digest == draft.digest


async def test_every_wrong_field_is_named_and_nothing_is_saved(legal: AsyncClient, draft: Draft) -> None:
    typed = await fields(
        legal, draft, text=TEXT_3, objection_days="5", zone="Mars/Base", holidays="XX", new_language="de"
    )
    answer = await legal.post(f"/staff/drafts/{draft.id}", data=typed)
    assert answer.status_code == 422
    for words in (
        "Enter 0, or 10 days or more.",
        "Enter a time zone such as Europe/Berlin.",
        "Enter a country or region with known holidays",
        "A translation needs both its language and its text.",
        "every day",
        "Mars/Base",
    ):
        assert words in answer.text, words
    assert (await Draft.get(id=draft.id)).digest == draft.digest


async def test_a_translation_is_added_changed_and_removed(legal: AsyncClient, draft: Draft) -> None:
    here = f"/staff/drafts/{draft.id}"
    typed = await fields(legal, draft, new_language="de", new_translation="# Datenschutz\n")
    assert (await legal.post(here, data=typed)).status_code == 303
    assert (await DraftTranslation.get(draft_id=draft.id)).text == "# Datenschutz\n"
    typed = await fields(legal, draft, **{"translation-de": "# Datenschutzerklärung"})
    assert (await legal.post(here, data=typed)).status_code == 303
    assert (await DraftTranslation.get(draft_id=draft.id)).text == "# Datenschutzerklärung\n"
    typed = await fields(legal, draft, **{"translation-de": ""})
    assert (await legal.post(here, data=typed)).status_code == 303
    assert not await DraftTranslation.exists(draft_id=draft.id)


async def test_an_edit_in_between_is_shown_beside_ones_own_and_replaced_only_on_purpose(
    legal: AsyncClient, draft: Draft, clock: Clock
) -> None:
    here = f"/staff/drafts/{draft.id}"
    mine = await fields(legal, draft, text=TEXT_3, summary="Mine.")
    other = Actor("staff", (await Staff.get(name="Ben Approver")).id)
    theirs = TEXT_2.replace("for 60 days", "for 90 days")
    await save_draft(draft.id, DraftEdit(text=theirs, summary="Theirs."), by=other, at=clock())

    answer = await legal.post(here, data=mine)
    assert answer.status_code == 409
    for words in ("Ben Approver saved this draft while you were editing it", "every day", "Mine.", "Theirs.", "90"):
        assert words in answer.text, words
    assert (await Draft.get(id=draft.id)).summary == "Theirs."

    again = await legal.post(here, data=form_on(answer.text, here))
    assert again.status_code == 303
    saved = await Draft.get(id=draft.id)
    assert (saved.text, saved.summary) == (TEXT_3, "Mine.")


async def test_a_classification_in_between_is_no_conflict(legal: AsyncClient, draft: Draft, clock: Clock) -> None:
    other = Actor("staff", (await Staff.get(name="Ben Approver")).id)
    await save_draft(draft.id, DraftEdit(text=TEXT_3), by=other, at=clock())
    mine = await fields(legal, draft, summary="Mine.")
    await classified(await Draft.get(id=draft.id), by=other, at=clock())
    assert (await legal.post(f"/staff/drafts/{draft.id}", data=mine)).status_code == 303
    assert await DraftClassification.filter(draft_id=draft.id).count() == 1


async def test_an_approver_reads_the_draft_but_cannot_save(as_staff: SignIn, draft: Draft) -> None:
    approver = await as_staff(Role.APPROVER)
    typed = await fields(approver, draft, summary="Mine.")
    assert (await approver.post(f"/staff/drafts/{draft.id}", data=typed)).status_code == 403
    assert (await Draft.get(id=draft.id)).digest == draft.digest


@pytest.mark.parametrize("role", [Role.OPS, Role.ADMIN])
async def test_other_roles_see_no_draft(as_staff: SignIn, draft: Draft, role: Role) -> None:
    assert (await (await as_staff(role)).get(f"/staff/drafts/{draft.id}")).status_code == 403


async def test_a_draft_that_is_not_there_is_not_found(legal: AsyncClient) -> None:
    assert (await legal.get("/staff/drafts/999")).status_code == 404
