"""Legal takes a classification along: as a table, as a Word document, on paper."""

import csv
import io

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import Actor
from portal.actions.classify import classify
from portal.actions.draft_content import change_keys
from portal.rules.changes import ENGINE
from portal.store.drafts import Draft
from portal.store.policies import Policy
from portal.store.staff import Role, Staff
from portal.web.legal.exported import COLUMNS
from portal.web.spreadsheet import harmless
from tests.support.clock import Clock
from tests.support.drafting import TEXT_2, drafted
from tests.support.redlined import word_texts, words_of
from tests.web.conftest import SignIn

TEXT_3 = TEXT_2.replace("once a week", "every day").replace("for 60 days", "for 90 days")


@pytest.fixture
async def author(privacy: Policy) -> Actor:
    assert privacy
    return Actor("staff", (await Staff.get(name="Ann Author")).id)


@pytest.fixture
async def draft(privacy: Policy, author: Actor, clock: Clock) -> Draft:
    return await drafted(privacy, TEXT_3, by=author, at=clock())


@pytest.fixture
async def legal(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.LEGAL)


async def test_the_table_has_every_change_with_both_wordings_and_what_was_said(
    legal: AsyncClient, draft: Draft, author: Actor, clock: Clock
) -> None:
    news, _backups = change_keys(draft)
    await classify(draft.id, [news], ["marketing"], "=HYPERLINK(1)", by=author, at=clock())
    answer = await legal.get(f"/staff/drafts/{draft.id}/changes.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="privacy-2-3-draft.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbfnumber,")
    first, second = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert tuple(first) == COLUMNS
    assert (first["id"], first["purposes"], first["editorial"], first["classified_by"]) == (
        news,
        "marketing",
        "no",
        "Ann Author",
    )
    assert first["reason"] == "'=HYPERLINK(1)"
    assert "every day" in first["after"]
    assert "once a week" in first["before"]
    assert (second["purposes"], second["reason"], second["editorial"]) == ("", "", "")
    assert second["flags"] == "number"
    assert second["old_digest"].startswith("sha256:")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_begins_as_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"


async def test_the_word_document_holds_both_texts_and_what_was_said(
    legal: AsyncClient, draft: Draft, author: Actor, clock: Clock
) -> None:
    news, _backups = change_keys(draft)
    await classify(draft.id, [news], ["marketing"], "More mail.", by=author, at=clock())
    answer = await legal.get(f"/staff/drafts/{draft.id}/changes.docx")
    assert answer.headers["content-disposition"] == 'attachment; filename="privacy-2-3-draft.docx"'
    assert word_texts(answer.content, "del") == words_of(TEXT_3)
    assert sorted(word_texts(answer.content, "ins")) == sorted(words_of(TEXT_2))


async def test_the_page_to_print_has_the_digests_the_engine_and_room_to_sign(legal: AsyncClient, draft: Draft) -> None:
    page = (await legal.get(f"/staff/drafts/{draft.id}/changes/print")).text
    for words in (
        "Prepared by",
        "Approved by",
        f"engine {ENGINE}",
        "sha256:",
        "every day",
        "To classify",
        "<del>",
        "<ins>",
    ):
        assert words in page, words


async def test_a_published_version_is_taken_along_in_the_same_forms(legal: AsyncClient, privacy: Policy) -> None:
    base = f"/staff/policies/{privacy.slug}/versions/2"
    page = (await legal.get(base)).text
    for ending, name in ((".csv", "privacy-1-2.csv"), (".docx", "privacy-1-2.docx")):
        assert f'href="{base}/changes{ending}"' in page
        assert (await legal.get(f"{base}/changes{ending}")).headers["content-disposition"] == (
            f'attachment; filename="{name}"'
        )
    printed = (await legal.get(f"{base}/changes/print")).text
    assert "Because." in printed
    assert "Ben Approver" in printed


async def test_there_is_nothing_to_take_along_of_a_first_version_or_of_no_change(
    legal: AsyncClient, privacy: Policy, author: Actor, clock: Clock
) -> None:
    unchanged = await drafted(privacy, TEXT_2, by=author, at=clock())
    assert (await legal.get(f"/staff/drafts/{unchanged.id}/changes.csv")).status_code == 404
    for number in (1, 9):
        assert (await legal.get(f"/staff/policies/privacy/versions/{number}/changes.docx")).status_code == 404


async def test_only_legal_and_approvers_take_it_along(as_staff: SignIn, client: AsyncClient, draft: Draft) -> None:
    address = f"/staff/drafts/{draft.id}/changes.csv"
    assert (await (await as_staff(Role.APPROVER)).get(address)).status_code == 200
    assert (await (await as_staff(Role.OPS)).get(address)).status_code == 403
    assert (await client.get(address)).status_code in (303, 401)
