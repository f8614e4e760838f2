"""The account: policies, notices with their states, answers, switches; and whose it is."""

from httpx2 import AsyncClient

from portal.store.policies import Policy
from tests.support.clock import Clock
from tests.support.noticed import Noticed
from tests.support.world import make_member
from tests.web.conftest import SignIn


async def test_shows_the_version_in_force_and_the_notice_that_waits(as_member: SignIn, noticed: Noticed) -> None:
    text = (await (await as_member("m1")).get("/account")).text
    assert 'href="/policies/privacy/versions/2">Version 2</a>' in text
    assert "10 January 2026, 00:00 UTC, on version 1" in text
    assert "You can still object to 1 new version" in text
    assert "19 days left" in text
    assert noticed.in_account in text


async def test_shows_answers_with_their_states(as_member: SignIn, noticed: Noticed, clock: Clock) -> None:
    browser = await as_member("m1")
    news, service = ({"change": [noticed.keys[section]]} for section in ("News", "Service"))
    first = (await browser.post(f"{noticed.in_account}/objections", data=news)).headers["location"]
    assert "Frozen" in (await browser.get("/account")).text
    await browser.post(f"{first}/withdrawal")
    clock.move(minutes=1)
    await browser.post(f"{noticed.in_account}/objections", data=service)
    text = (await browser.get("/account")).text
    assert "Withdrawn" in text
    assert "To be confirmed" in text
    assert "You can still object to" not in text


async def test_a_closing_that_is_ahead_is_told_first_with_the_way_back(
    as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    browser = await as_member("m1")
    service = {"change": [noticed.keys["Service"]]}
    address = (await browser.post(f"{noticed.in_account}/objections", data=service)).headers["location"]
    text = (await browser.get("/account")).text
    assert "You objected. Please confirm it." in text
    when = "Your account will be closed on 22 March 2026, 00:00 (Europe/Berlin)"
    assert f"{when}, once the objection is confirmed." in text
    assert f'href="{address}#confirm"' in text
    await browser.post(f"{address}/confirmation")
    text = (await browser.get("/account")).text
    assert (
        text.index("You objected. Your account will be closed.")
        < text.index(f"{when}.")
        < text.index("Your policies</h2>")
    )
    assert f'href="{address}/withdrawal"' in text
    await browser.post(f"{address}/withdrawal")
    assert "You objected." not in (await browser.get("/account")).text


async def test_closing_objection_holds_the_version_in_force_back(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    await browser.post(f"{noticed.in_account}/objections", data={"change": [noticed.keys["Service"]]})
    assert 'href="/policies/privacy/versions/1">Version 1</a>' in (await browser.get("/account")).text


async def test_shows_nothing_of_other_members(as_member: SignIn, noticed: Noticed) -> None:
    other = await as_member("m2")
    filed = await other.post(f"{noticed.in_account}/objections", data={"change": [noticed.keys["News"]]})
    number = filed.headers["location"].rpartition("/")[2]
    text = (await (await as_member("m1")).get("/account")).text
    assert number not in text
    assert "noah@example.net" not in text


async def test_member_without_notices_is_told_so(as_member: SignIn, privacy: Policy, clock: Clock) -> None:
    await make_member(privacy, "m9", clock(), "new@example.org")
    text = (await (await as_member("m9")).get("/account")).text
    assert "Nothing has changed since you joined." in text


async def test_needs_a_sign_in(client: AsyncClient, noticed: Noticed) -> None:
    for path in ("/account", "/account/details", noticed.in_account):
        answer = await client.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")


async def test_is_stored_nowhere(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    for path in ("/account", noticed.in_account, noticed.by_link()):
        assert (await browser.get(path)).headers["cache-control"] == "no-store"


async def test_answer_that_waits_for_its_confirmation_is_named(
    client: AsyncClient, as_member: SignIn, noticed: Noticed
) -> None:
    yes = {"purpose": "ai_training", "answer": "yes"}
    page = (await client.post(f"{noticed.by_link()}/consents", data=yes)).headers["location"]
    in_account = page.replace(noticed.by_link(), noticed.in_account)
    browser = await as_member("m1")
    assert f'href="{in_account}#confirm"' in (await browser.get("/account")).text
    await browser.post(f"{in_account}/confirmation")
    assert f'href="{in_account}#confirm"' not in (await browser.get("/account")).text
