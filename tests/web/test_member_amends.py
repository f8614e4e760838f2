"""A member changes an objection: other changes are chosen, the consequence is read, both halves happen or neither."""

import asyncio

from httpx2 import AsyncClient

from portal.actions.actor import SYSTEM
from portal.actions.outcome import close_account
from portal.actions.terms import governing_terms
from portal.rules.governing import Basis
from portal.store.answers import Confirmation, Objection
from portal.store.members import Remark
from portal.store.outbox import MailKind, OutgoingMail
from tests.support.answering import code_of
from tests.support.clock import Clock
from tests.support.noticed import CLOSES_2, SENT_2, Noticed
from tests.web.conftest import SignIn


async def filed(client: AsyncClient, noticed: Noticed, *sections: str) -> str:
    form = {"change": [noticed.keys[section] for section in sections or ("News",)]}
    answer = await client.post(f"{noticed.by_link()}/objections", data=form)
    return str(answer.headers["location"])


def both(noticed: Noticed) -> dict[str, list[str]]:
    return {"change": [noticed.keys["News"], noticed.keys["Service"]]}


async def in_force() -> Objection:
    return await Objection.get(withdrawn_at__isnull=True)


async def test_choice_begins_with_what_is_objected_to_now(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    assert f'href="{address}/amendment"' in (await client.get(address)).text
    assert f'href="{address}/amendment"' in (await client.get(noticed.by_link())).text
    text = (await client.get(f"{address}/amendment")).text
    assert text.count(" checked") == 1
    assert f'value="{noticed.keys["News"]}" checked' in text
    assert text.count('class="button choice"') == 2
    assert "the end of Saturday, 21 March 2026" in text


async def test_review_says_what_would_follow_and_that_it_is_one_step(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    text = (await client.get(f"{address}/amendment/review", params=both(noticed))).text
    first = await Objection.get()
    assert f"It takes the place of objection {first.number}." in text
    assert "either both happens, or nothing" in text
    assert text.index("Your account will be closed on 22 March 2026") < text.index('<button class="button choice"')
    assert text.count('class="button choice"') == 2
    assert f'href="{address}/amendment/review?change={noticed.keys["News"]}"' in text
    assert (await in_force()).id == first.id


async def test_change_ends_the_old_one_and_files_the_new_one(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    address = await filed(client, noticed)
    at = clock.move(hours=1)
    answer = await client.post(f"{address}/amendment", data=both(noticed) | {"reason": "Thought again."})
    first, second = await Objection.all().order_by("id")
    assert answer.headers["location"] == f"{noticed.by_link()}/objections/{second.number}"
    assert (first.withdrawn_at, second.received_at, second.amends_id, second.closing) == (at, at, first.id, True)
    assert (await Remark.get(id=second.remark_id)).text == "Thought again."
    old, new = (await client.get(address)).text, (await client.get(answer.headers["location"])).text
    assert "You changed this objection" in old
    assert second.number in old
    assert first.number in new
    assert "Confirm that it is you" in new
    governs = await governing_terms("m1", "privacy", "service", SENT_2, at=clock())
    assert governs.answer.basis is Basis.OBJECTION
    assert await OutgoingMail.filter(kind=MailKind.WITHDRAWAL).count() == 0


async def test_change_to_one_that_closes_is_confirmed_by_the_code(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    new = (await client.post(f"{address}/amendment", data=both(noticed))).headers["location"]
    assert (await client.post(f"{new}/confirmation", data={"code": await code_of(noticed)})).status_code == 303
    assert (await Confirmation.get()).objection_id == (await in_force()).id


async def test_in_the_account_it_is_the_same(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    answer = await browser.post(f"{noticed.in_account}/objections", data={"change": [noticed.keys["Service"]]})
    news = {"change": [noticed.keys["News"]]}
    answer = await browser.post(f"{answer.headers['location']}/amendment", data=news)
    assert answer.headers["location"].startswith(f"{noticed.in_account}/objections/")
    assert not (await in_force()).closing
    assert "Your account stays open" in (await browser.get(answer.headers["location"])).text


async def test_nothing_ticked_is_a_problem_and_takes_nothing_back(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    for answer in (await client.get(f"{address}/amendment/review"), await client.post(f"{address}/amendment")):
        assert answer.status_code == 422
        assert "<title>Error: " in answer.text
        assert '<a href="#change">Tick at least one change.' in answer.text
    assert (await Objection.get()).withdrawn_at is None


async def test_same_choice_is_a_problem(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    same = {"change": [noticed.keys["News"]]}
    shown = await client.get(f"{address}/amendment/review", params=same)
    sent = await client.post(f"{address}/amendment", data=same)
    for answer in (shown, sent):
        assert answer.status_code == 422
        assert "These are the changes you object to already." in answer.text
    assert (await Objection.get()).withdrawn_at is None


async def test_unknown_change_keeps_the_objection(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    answer = await client.post(f"{address}/amendment", data={"change": ["no-such-change"]})
    assert answer.status_code == 422
    assert "Choose from the changes of this version." in answer.text
    assert (await Objection.get()).withdrawn_at is None


async def test_reason_that_is_too_long_is_shown_again_with_the_choice(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    answer = await client.post(f"{address}/amendment", data=both(noticed) | {"reason": "a" * 2001})
    assert answer.status_code == 422
    assert "Shorten your reason to 2000 characters." in answer.text
    assert "a" * 2001 in answer.text
    for key in both(noticed)["change"]:
        assert f'name="change" value="{key}"' in answer.text
    assert f'action="{address}/amendment"' in answer.text
    assert (await Objection.get()).withdrawn_at is None


async def test_when_time_is_over_neither_half_happens(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    address = await filed(client, noticed)
    clock.move(seconds=(CLOSES_2 - clock()).total_seconds())
    assert f'href="{address}/amendment"' not in (await client.get(address)).text
    for path in ("amendment", "amendment/review"):
        shown = await client.get(f"{address}/{path}", params=both(noticed))
        assert shown.status_code == 200
        assert "The time to object is over" in shown.text
    sent = await client.post(f"{address}/amendment", data=both(noticed) | {"reason": "Let me."})
    assert sent.status_code == 409
    objection = await Objection.get()
    assert f"Your objection {objection.number} stays as it is." in sent.text
    assert "Let me." in sent.text
    assert objection.withdrawn_at is None


async def test_in_the_last_second_both_halves_happen(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    address = await filed(client, noticed)
    clock.move(seconds=(CLOSES_2 - clock()).total_seconds() - 1)
    assert (await client.post(f"{address}/amendment", data=both(noticed))).status_code == 303
    assert await Objection.all().count() == 2


async def test_repeated_and_parallel_changes_are_one(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    answers = await asyncio.gather(*[client.post(f"{address}/amendment", data=both(noticed)) for _ in range(3)])
    again = await client.post(f"{address}/amendment", data=both(noticed))
    assert {answer.status_code for answer in [*answers, again]} == {303}
    assert {answer.headers["location"] for answer in [*answers, again]} == {
        f"{noticed.by_link()}/objections/{(await in_force()).number}"
    }
    assert await Objection.all().count() == 2


async def test_what_was_taken_back_leads_to_its_receipt(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    await client.post(f"{address}/withdrawal")
    for path in ("amendment", "amendment/review"):
        assert (await client.get(f"{address}/{path}")).headers["location"] == address
    assert (await client.post(f"{address}/amendment", data=both(noticed))).headers["location"] == address
    assert await Objection.filter(withdrawn_at__isnull=True).count() == 0


async def test_other_members_objection_is_changed_by_nobody_else(
    client: AsyncClient, as_member: SignIn, noticed: Noticed
) -> None:
    number = (await filed(client, noticed)).rpartition("/")[2]
    other = await as_member("m2")
    for browser, base in ((client, noticed.by_link(noticed.other)), (other, noticed.in_account)):
        assert (await browser.get(f"{base}/objections/{number}/amendment")).status_code == 404
        assert (await browser.post(f"{base}/objections/{number}/amendment", data=both(noticed))).status_code == 404
    assert (await Objection.get()).withdrawn_at is None


async def test_closed_account_changes_nothing(
    client: AsyncClient, as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    browser = await as_member("m1")
    address = await filed(client, noticed)
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    in_account = address.replace(noticed.by_link(), noticed.in_account)
    assert (await client.post(f"{address}/amendment", data=both(noticed))).status_code == 404
    assert (await browser.post(f"{in_account}/amendment", data=both(noticed))).status_code == 410
    assert (await Objection.get()).withdrawn_at is None
