"""Anybody compares two versions of a policy."""

from datetime import timedelta

from httpx2 import AsyncClient

from portal.store.policies import Policy
from tests.support.clock import Clock
from tests.support.drafting import TEXT_2
from tests.support.publishing import publish_next

TEXT_3 = TEXT_2.replace("## Contact", "## Contact us").replace("with one click", "with a single click")
PARTS = TEXT_2.split("\n\n")
MOVED = "\n\n".join([*PARTS[:3], *PARTS[5:], *PARTS[3:5]])


async def test_neighbours_show_what_was_recorded_with_words_purposes_and_reasons(
    client: AsyncClient, privacy: Policy
) -> None:
    answer = await client.get(f"/policies/{privacy.slug}/versions/2/changes")
    assert '<del><span class="hidden">removed: </span>month' in answer.text
    assert '<ins><span class="hidden">added: </span>week' in answer.text
    assert '<span class="tag tag-separable">Marketing</span>' in answer.text
    assert '<span class="tag tag-editorial">Editorial</span>' in answer.text
    assert "Because." in answer.text
    assert "3 in the words, 0 moved, 0 of form only" in answer.text


async def test_the_address_without_since_and_with_the_neighbour_say_the_same(
    client: AsyncClient, privacy: Policy
) -> None:
    base = f"/policies/{privacy.slug}/versions/2/changes"
    assert (await client.get(base)).text == (await client.get(f"{base}?since=1")).text


async def test_versions_that_are_no_neighbours_are_compared_on_demand(
    client: AsyncClient, privacy: Policy, clock: Clock
) -> None:
    await publish_next(privacy, [TEXT_3], clock() + timedelta(days=1))
    answer = await client.get(f"/policies/{privacy.slug}/versions/3/changes?since=1")
    assert answer.status_code == 200
    assert "month" in answer.text
    assert "single" in answer.text
    assert "only the texts are compared" in answer.text
    assert "Because." not in answer.text


async def test_the_form_leads_to_the_page_whatever_the_order(client: AsyncClient, privacy: Policy) -> None:
    for query in ("since=1&to=2", "since=2&to=1"):
        answer = await client.get(f"/policies/{privacy.slug}/changes?{query}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/policies/privacy/versions/2/changes?since=1")


async def test_without_a_choice_the_form_itself_is_shown(client: AsyncClient, privacy: Policy) -> None:
    answer = await client.get(f"/policies/{privacy.slug}/changes")
    assert answer.headers["location"] == "/policies/privacy/versions"


async def test_a_version_compared_with_itself_is_equal(client: AsyncClient, privacy: Policy) -> None:
    answer = await client.get(f"/policies/{privacy.slug}/changes?since=2&to=2")
    assert answer.status_code == 303
    shown = await client.get(answer.headers["location"])
    assert "The texts are equal" in shown.text


async def test_the_first_version_changed_nothing(client: AsyncClient, privacy: Policy) -> None:
    answer = await client.get(f"/policies/{privacy.slug}/versions/1/changes")
    assert answer.status_code == 200
    assert "The first version changed nothing" in answer.text


async def test_since_has_to_name_a_version_that_is_not_later(client: AsyncClient, privacy: Policy) -> None:
    base = f"/policies/{privacy.slug}/versions"
    for address in (
        f"{base}/1/changes?since=2",
        f"{base}/2/changes?since=0",
        f"{base}/2/changes?since=x",
        f"{base}/9/changes",
        f"/policies/{privacy.slug}/changes?since=1",
        f"/policies/{privacy.slug}/changes?since=1&to=9",
    ):
        assert (await client.get(address)).status_code == 404, address


async def test_what_was_only_moved_takes_one_line(client: AsyncClient, privacy: Policy, clock: Clock) -> None:
    await publish_next(privacy, [MOVED], clock() + timedelta(days=1))
    answer = await client.get(f"/policies/{privacy.slug}/versions/3/changes")
    assert '<ul class="moves">' in answer.text
    assert 'class="change"' not in answer.text


async def test_changes_of_form_are_folded_and_counted(client: AsyncClient, privacy: Policy, clock: Clock) -> None:
    await publish_next(privacy, [TEXT_2.replace("one click.", "**one click**.")], clock() + timedelta(days=1))
    answer = await client.get(f"/policies/{privacy.slug}/versions/3/changes")
    assert "0 in the words, 0 moved, 1 of form only" in answer.text
    assert "1 change of form only" in answer.text
    assert 'class="change"' not in answer.text


async def test_what_was_too_large_to_compare_word_by_word_is_said(
    client: AsyncClient, privacy: Policy, clock: Clock
) -> None:
    long = [f"{TEXT_2}\n{'We keep records. ' * 5_000}{end}\n" for end in ("Always.", "For a while, at most.")]
    await publish_next(privacy, long, clock() + timedelta(days=1))
    answer = await client.get(f"/policies/{privacy.slug}/versions/4/changes")
    assert "too large to compare word by word" in answer.text
