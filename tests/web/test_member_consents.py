"""A member answers the question for a consent."""

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import SYSTEM
from portal.actions.consent import opt_out
from portal.actions.outcome import close_account
from portal.actions.terms import governing_terms
from portal.store.answers import Consent, OptOut, Way
from tests.support.clock import Clock
from tests.support.noticed import JOINED, Noticed
from tests.web.conftest import SignIn

YES = {"purpose": "ai_training", "answer": "yes"}
NO = {"purpose": "ai_training", "answer": "no"}


async def version_for_old_data(noticed: Noticed, clock: Clock) -> tuple[int | None, bool]:
    answer = (await governing_terms("m1", noticed.policy.slug, "ai_training", JOINED, at=clock())).answer
    return answer.version, answer.allowed


async def test_yes_lets_the_version_reach_old_data(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    assert await version_for_old_data(noticed, clock) == (1, True)
    answer = await client.post(f"{noticed.by_link()}/consents", data=YES)
    assert answer.status_code == 303
    assert (await Consent.get()).way is Way.LINK
    assert await version_for_old_data(noticed, clock) == (2, True)
    text = (await client.get(noticed.by_link())).text
    assert "You said yes." in text
    assert 'name="answer" value="yes"' not in text


async def test_no_records_nothing(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    answer = await client.post(f"{noticed.by_link()}/consents", data=NO)
    assert answer.status_code == 303
    assert "Nothing changes." in (await client.get(noticed.by_link())).text
    assert await Consent.all().count() == 0
    assert await version_for_old_data(noticed, clock) == (1, True)


async def test_yes_after_an_opt_out_lifts_it_as_the_page_says(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await opt_out(noticed.member.id, "ai_training", way=Way.LINK, by=SYSTEM, at=clock())
    assert "A yes also lifts that opt-out." in (await client.get(noticed.by_link())).text
    clock.move(minutes=1)
    await client.post(f"{noticed.by_link()}/consents", data=YES)
    assert await version_for_old_data(noticed, clock) == (2, True)


async def test_taking_it_back_is_an_opt_out(as_member: SignIn, noticed: Noticed, clock: Clock) -> None:
    browser = await as_member("m1")
    await browser.post(f"{noticed.in_account}/consents", data=YES)
    clock.move(minutes=1)
    await browser.post(f"{noticed.in_account}/opt-outs", data={"purpose": "ai_training", "turn": "out"})
    assert await OptOut.all().count() == 1
    assert await version_for_old_data(noticed, clock) == (2, False)


async def test_repeated_yes_is_one(client: AsyncClient, noticed: Noticed) -> None:
    for _ in range(2):
        assert (await client.post(f"{noticed.by_link()}/consents", data=YES)).status_code == 303
    assert await Consent.all().count() == 1


async def test_yes_is_the_readers_alone(client: AsyncClient, noticed: Noticed) -> None:
    await client.post(f"{noticed.by_link(noticed.other)}/consents", data=YES)
    assert [row.member_id for row in await Consent.all()] == [noticed.other.id]


@pytest.mark.parametrize(
    "form",
    [{}, {"purpose": "ai_training"}, {"purpose": "ai_training", "answer": "maybe"}, {**YES, "purpose": "marketing"}],
)
async def test_form_without_an_answer_to_the_question_is_shown_again(
    client: AsyncClient, noticed: Noticed, form: dict[str, str]
) -> None:
    answer = await client.post(f"{noticed.by_link()}/consents", data=form)
    assert answer.status_code == 422
    assert "Choose yes or no." in answer.text
    assert await Consent.all().count() == 0


async def test_closed_account_consents_to_nothing(
    client: AsyncClient, as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    browser = await as_member("m1")
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    assert (await client.post(f"{noticed.by_link()}/consents", data=YES)).status_code == 404
    assert (await browser.post(f"{noticed.in_account}/consents", data=YES)).status_code == 410
    assert await Consent.all().count() == 0
