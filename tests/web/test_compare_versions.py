"""Anybody compares two versions of a policy."""

import re
from datetime import timedelta

import pytest
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
    assert '<span class="tag tag-editorial">Wording only</span>' in answer.text
    assert "Because." in answer.text
    assert "3 in the words, 0 moved, 0 of form only" in answer.text


async def test_the_address_without_since_and_with_the_neighbour_say_the_same(
    client: AsyncClient, privacy: Policy
) -> None:
    base = f"/policies/{privacy.slug}/versions/2/changes"
    pages = [(await client.get(address)).text.partition("<footer")[0] for address in (base, f"{base}?since=1")]
    assert "week" in pages[0]
    assert pages[0] == pages[1]


async def test_versions_that_are_no_neighbours_are_compared_on_demand(
    client: AsyncClient, privacy: Policy, clock: Clock
) -> None:
    await publish_next(privacy, [TEXT_3], clock() + timedelta(days=1))
    answer = await client.get(f"/policies/{privacy.slug}/versions/3/changes?since=1")
    assert answer.status_code == 200
    assert "month" in answer.text
    assert "single" in answer.text
    assert "here the texts are compared" in answer.text
    of_service = answer.text.partition("Backups are kept")[2].partition("</article>")[0]
    assert "Came with version 2." in of_service
    assert "Because." in of_service
    of_both = answer.text.partition("We send you a newsletter")[2].partition("</article>")[0]
    assert "Came with" not in of_both
    assert "Because." not in of_both


async def test_the_whole_text_shows_every_change_in_place_with_ways_to_its_neighbours(
    client: AsyncClient, privacy: Policy
) -> None:
    listed = (await client.get(f"/policies/{privacy.slug}/versions/2/changes")).text
    ids = re.findall(r'<article class="change" id="(change-[0-9a-f]+)"', listed)
    assert len(ids) == 3
    shown = (await client.get(f"/policies/{privacy.slug}/versions/2/changes?view=inline")).text
    assert [shown.count(f'id="{name}"') for name in ids] == [1, 1, 1]
    steps = re.findall(r'href="#(change-[0-9a-f]+)" aria-label="(Previous|Next) change"', shown)
    assert steps == [(ids[1], "Next"), (ids[0], "Previous"), (ids[2], "Next"), (ids[1], "Previous")]
    assert '<del><span class="hidden">removed: </span>month' in shown


async def test_side_by_side_folds_what_did_not_change_until_asked_for_all(client: AsyncClient, privacy: Policy) -> None:
    address = f"/policies/{privacy.slug}/versions/2/changes?view=side"
    shown = (await client.get(address)).text
    assert shown.count('class="side-change"') == 3
    assert '<details class="side-same">' in shown
    assert f'href="/policies/{privacy.slug}/versions/2/changes?view=side&amp;all=1"' in shown
    assert '<details class="side-same" open>' in (await client.get(f"{address}&all=1")).text


async def test_a_moved_paragraph_is_one_line_with_links_to_both_places(
    client: AsyncClient, privacy: Policy, clock: Clock
) -> None:
    await publish_next(privacy, [MOVED], clock() + timedelta(days=1))
    address = f"/policies/{privacy.slug}/versions/3/changes"
    listed, shown = (await client.get(address)).text, (await client.get(f"{address}?view=inline")).text
    targets = re.findall(r'href="[^"]*view=inline#(change-[0-9a-f]+(?:-from)?)"', listed.split('class="moves"')[1])
    assert targets
    assert all(shown.count(f'id="{target}"') == 1 for target in targets)
    assert {target.endswith("-from") for target in targets} == {True, False}


async def test_a_newer_engines_result_stands_beside_the_published_one(
    client: AsyncClient, privacy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.web.compared.ENGINE", "999")
    address = f"/policies/{privacy.slug}/versions/2/changes"
    published = (await client.get(address)).text
    assert "As it was compared when it was published" in published
    assert "Because." in published
    anew = (await client.get(f"{address}?engine=999")).text
    assert f'<a href="{address}">See the result as it was published</a>' in anew
    assert (await client.get(f"{address}?engine=7")).status_code == 404


async def test_how_to_read_a_comparison_is_told(client: AsyncClient) -> None:
    assert "manage.py changes OLD.md NEW.md" in (await client.get("/reading-changes")).text


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
