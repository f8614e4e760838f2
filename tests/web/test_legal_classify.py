"""Legal says of each change what it touches, and why."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import Actor
from portal.actions.classify import classify
from portal.actions.draft_content import change_keys
from portal.actions.policy import create_policy
from portal.actions.purposes import Defaults
from portal.store.drafts import Draft, DraftClassification
from portal.store.policies import Policy
from portal.store.staff import Role, Staff
from tests.support.clock import Clock
from tests.support.drafting import BY_MAIL, TEXT_2, TREATMENTS, drafted, published
from tests.support.forms import Typed, form_on
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


def at(draft: Draft) -> str:
    return f"/staff/drafts/{draft.id}/changes"


async def fields(
    client: AsyncClient, draft: Draft, typed: Mapping[str, Typed], query: str = ""
) -> dict[str, list[str]]:
    page = await client.get(at(draft) + query)
    assert page.status_code == 200, page.text
    return form_on(page.text, at(draft), typed)


async def given(draft: Draft) -> dict[str, tuple[list[str], str]]:
    rows = await DraftClassification.filter(draft_id=draft.id)
    return {row.change_key: (row.purposes, row.reason) for row in rows}


async def test_rows_are_saved_with_purposes_and_reason(legal: AsyncClient, draft: Draft) -> None:
    news, backups = change_keys(draft)
    typed = await fields(
        legal,
        draft,
        {
            "act": "save",
            f"purposes-{news}": ["marketing"],
            f"reason-{news}": "More mail.",
            f"purposes-{backups}": ["editorial"],
            f"reason-{backups}": "A slip of the pen.",
        },
    )
    answer = await legal.post(at(draft), data=typed)
    assert (answer.status_code, answer.headers["location"]) == (303, at(draft))
    assert await given(draft) == {news: (["marketing"], "More mail."), backups: ([], "A slip of the pen.")}
    assert "2 changes are classified." in (await legal.get(at(draft))).text


async def test_before_and_after_stand_on_the_page(legal: AsyncClient, draft: Draft) -> None:
    page = (await legal.get(at(draft))).text
    for words in ("once a week", "every day", "<del>", "<ins>", "News", "0 of 2"):
        assert words in page, words


async def test_a_row_that_nobody_touched_stays_unclassified(legal: AsyncClient, draft: Draft) -> None:
    answer = await legal.post(at(draft), data=await fields(legal, draft, {"act": "save"}))
    assert answer.status_code == 303
    assert await given(draft) == {}
    assert "Nothing was filled in anew." in (await legal.get(at(draft))).text


@pytest.mark.parametrize(
    ("purposes", "reason", "words"),
    [
        ([], "Because.", "Choose the purposes that it touches, or editorial."),
        (["editorial", "marketing"], "Because.", "Choose purposes, or editorial, not both."),
        (["marketing"], "", "Say why"),
        (["marketing"], "x" * 2_001, "The reason is longer than 2,000 characters."),
        (["gossip"], "Because.", "This draft does not treat the purpose gossip."),
    ],
)
async def test_a_row_that_is_not_in_order_is_named_and_none_of_the_rows_is_lost(
    legal: AsyncClient, draft: Draft, purposes: list[str], reason: str, words: str
) -> None:
    news, backups = change_keys(draft)
    typed = await fields(
        legal,
        draft,
        {f"purposes-{news}": purposes, f"reason-{news}": reason, f"reason-{backups}": "", "act": "save"},
    )
    answer = await legal.post(at(draft), data=typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert reason in answer.text
    assert await given(draft) == {}


async def test_several_are_classified_at_once(legal: AsyncClient, draft: Draft) -> None:
    news, backups = change_keys(draft)
    bulk: dict[str, Typed] = {"act": "bulk", "bulk_purposes": ["service"], "bulk_reason": "All of it."}
    ticked = await fields(legal, draft, {**bulk, "ticked": [backups], "bulk_scope": "ticked"})
    assert (await legal.post(at(draft), data=ticked)).status_code == 303
    assert await given(draft) == {backups: (["service"], "All of it.")}
    everything = await fields(legal, draft, {**bulk, "bulk_scope": "matching"}, "?show=unclassified")
    answer = await legal.post(at(draft), data=everything)
    assert answer.headers["location"] == at(draft) + "?show=unclassified"
    assert set(await given(draft)) == {news, backups}


async def test_several_at_once_without_a_tick_are_refused_and_the_words_stay(legal: AsyncClient, draft: Draft) -> None:
    typed = await fields(
        legal,
        draft,
        {"act": "bulk", "bulk_scope": "ticked", "bulk_purposes": ["service"], "bulk_reason": "All."},
    )
    answer = await legal.post(at(draft), data=typed)
    assert answer.status_code == 422
    assert "Tick the changes that are meant, or choose all." in answer.text
    assert 'value="All."' in answer.text
    assert await given(draft) == {}


async def test_the_filters_choose(legal: AsyncClient, draft: Draft, author: Actor, clock: Clock) -> None:
    news, backups = change_keys(draft)
    await classify(draft.id, [news], ["marketing"], "More mail.", by=author, at=clock())
    for query, shown in (
        ("?show=unclassified", [backups]),
        ("?show=classified", [news]),
        ("?flag=number", [backups]),
        ("?purpose=marketing", [news]),
        ("?class=format", []),
        ("?class=%00&show=x&page=-1", []),
    ):
        page = (await legal.get(at(draft) + query)).text
        assert [key for key in (news, backups) if f'id="change-{key}"' in page] == shown, query


async def test_a_classification_in_between_is_shown_and_replaced_only_on_purpose(
    legal: AsyncClient, draft: Draft, author: Actor, clock: Clock
) -> None:
    news, _backups = change_keys(draft)
    mine = await fields(legal, draft, {f"purposes-{news}": ["service"], f"reason-{news}": "Mine.", "act": "save"})
    await classify(draft.id, [news], ["marketing"], "Theirs.", by=author, at=clock())
    answer = await legal.post(at(draft), data=mine)
    assert answer.status_code == 422
    for words in ("Somebody else classified this change meanwhile", "Theirs.", "Mine."):
        assert words in answer.text, words
    assert await given(draft) == {news: (["marketing"], "Theirs.")}
    await legal.post(at(draft), data=form_on(answer.text, at(draft), act="save"))
    assert await given(draft) == {news: (["service"], "Mine.")}


async def test_an_emptied_row_is_unclassified_again(
    legal: AsyncClient, draft: Draft, author: Actor, clock: Clock
) -> None:
    news, _backups = change_keys(draft)
    await classify(draft.id, [news], ["marketing"], "More mail.", by=author, at=clock())
    typed = await fields(legal, draft, {f"purposes-{news}": [], f"reason-{news}": "", "act": "save"})
    assert (await legal.post(at(draft), data=typed)).status_code == 303
    assert await given(draft) == {}


async def test_an_approver_sees_the_matrix_but_writes_nothing(as_staff: SignIn, draft: Draft) -> None:
    approver = await as_staff(Role.APPROVER)
    page = await approver.get(at(draft))
    assert page.status_code == 200
    assert "Save what is filled in" not in page.text
    assert (await approver.post(at(draft), data={"act": "save"})).status_code == 403
    assert (await (await as_staff(Role.OPS)).get(at(draft))).status_code == 403


SPELLED = "# Policy\n\n" + "\n\n".join(f"## Part {n}\n\nOur organisation keeps part {n}." for n in range(1, 5)) + "\n"


@pytest.fixture
async def respelled(app: Starlette, author: Actor, clock: Clock) -> Draft:
    """A policy whose next version spells one word otherwise in four places and adds a paragraph on backups."""
    assert app
    policy = await create_policy("terms", "Terms", Defaults(BY_MAIL, TREATMENTS, ()), by=author, at=clock())
    approver = Actor("staff", (await Staff.get(name="Ben Approver")).id)
    await published(policy, SPELLED, by=author, approver=approver, at=clock())
    text = SPELLED.replace("organisation", "organization") + "\nThe newsletter goes to **everybody**.\n"
    return await drafted(policy, text, by=author, at=clock() + timedelta(hours=1))


async def test_the_same_edit_in_many_places_is_one_row_and_classified_once(
    legal: AsyncClient, respelled: Draft
) -> None:
    first, *others, added = change_keys(respelled)
    page = (await legal.get(at(respelled))).text
    assert "5 changes in 2 rows" in page
    assert "4 changes of a kind" in page
    typed: dict[str, Typed] = {
        "act": "save",
        f"purposes-{first}": ["editorial"],
        f"reason-{first}": "One spelling for all.",
    }
    assert (await legal.post(at(respelled), data=await fields(legal, respelled, typed))).status_code == 303
    assert await given(respelled) == dict.fromkeys([first, *others], ([], "One spelling for all."))
    apart = (await legal.get(at(respelled) + "?by=change")).text
    assert "5 changes in 5 rows" in apart
    assert f'id="change-{added}"' in apart


async def test_a_suggestion_says_why_fills_the_fields_and_saves_nothing(legal: AsyncClient, draft: Draft) -> None:
    news, backups = change_keys(draft)
    page = (await legal.get(at(draft))).text
    assert "Suggestion: Marketing" in page
    assert "Because the last change of this section touched it: News" in page
    taken = await fields(legal, draft, {"act": f"take-{news}", f"reason-{backups}": "Typed before."})
    answer = await legal.post(at(draft), data=taken)
    assert answer.status_code == 200
    assert "Filled in, not saved yet." in answer.text
    assert "Typed before." in answer.text
    assert await given(draft) == {}
    filled = form_on(answer.text, at(draft), act="save")
    assert filled[f"purposes-{news}"] == ["marketing"]
    assert f"purposes-{backups}" not in filled


async def test_nothing_is_chosen_in_advance(legal: AsyncClient, draft: Draft) -> None:
    filled = await fields(legal, draft, {})
    assert not [name for name in filled if name.startswith("purposes-")]


async def test_words_and_sections_are_found_and_the_filters_count(legal: AsyncClient, draft: Draft) -> None:
    news, backups = change_keys(draft)
    page = (await legal.get(at(draft))).text
    for words in ("All changes (2)", "To classify (2)", "Numbers (1)", "News (1)", "Reworded (2)"):
        assert words in page, words
    for query, shown in (("?q=EVERY+day", [news]), ("?section=Service", [backups]), ("?kind=insert", [])):
        page = (await legal.get(at(draft) + query)).text
        assert [key for key in (news, backups) if f'id="change-{key}"' in page] == shown, query
