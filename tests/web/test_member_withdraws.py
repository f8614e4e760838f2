"""A member takes an objection back."""

from httpx2 import AsyncClient

from portal.actions.actor import SYSTEM
from portal.actions.outcome import close_account
from portal.mail.catcher import Catcher, caught
from portal.store.answers import Objection
from portal.store.events import Event
from portal.store.outbox import MailKind, OutgoingMail
from tests.support.answering import code_of
from tests.support.clock import Clock
from tests.support.mails import parts
from tests.support.noticed import TEXT_2, Noticed, publish_next
from tests.web.conftest import SignIn


async def filed(client: AsyncClient, noticed: Noticed, section: str = "News") -> str:
    answer = await client.post(f"{noticed.by_link()}/objections", data={"change": [noticed.keys[section]]})
    return str(answer.headers["location"])


async def test_page_says_what_follows_and_offers_both_ways_out(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    text = (await client.get(f"{address}/withdrawal")).text
    assert "It is then as if you had not objected." in text
    assert "the end of Saturday, 21 March 2026 (Europe/Berlin)" in text
    assert "you can object again" in text
    assert text.count('class="button choice"') == 2
    assert (await Objection.get()).withdrawn_at is None


async def test_taken_back_and_told_by_mail(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    address = await filed(client, noticed)
    at = clock.move(hours=1)
    answer = await client.post(f"{address}/withdrawal")
    assert answer.status_code == 303
    assert (await Objection.get()).withdrawn_at == at
    receipt = (await client.get(address)).text
    assert "You took this objection back" in receipt
    assert "2 March 2026, 11:00 (Europe/Berlin)" in receipt
    assert await OutgoingMail.filter(kind=MailKind.WITHDRAWAL).count() == 1


async def test_who_took_it_back_can_object_again(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    await client.post(f"{address}/withdrawal")
    again = await filed(client, noticed, "Service")
    assert again != address
    assert await Objection.filter(withdrawn_at__isnull=True).count() == 1
    assert (await client.get(address)).status_code == 200


async def test_closing_objection_is_taken_back_too(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    form = {"change": [noticed.keys["Service"]]}
    address = (await browser.post(f"{noticed.in_account}/objections", data=form)).headers["location"]
    assert "Your account stays open" in (await browser.get(f"{address}/withdrawal")).text
    await browser.post(f"{address}/withdrawal")
    assert (await Objection.get()).withdrawn_at is not None


async def test_after_the_window_it_is_received_and_waits_for_the_code(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    address = await filed(client, noticed)
    at = clock.move(days=30)
    before = (await client.get(f"{address}/withdrawal")).text
    assert "Your time to object is over, so this cannot be undone." in before
    assert "we then mail a one-time code to m•••@example.org" in before
    assert before.count('class="button choice"') == 2
    answer = await client.post(f"{address}/withdrawal")
    page = answer.headers["location"]
    assert page.startswith(f"{noticed.by_link()}/answers/")
    assert (await Objection.get()).withdrawn_at is None
    text = (await client.get(page)).text
    assert "Nothing changes before you confirm it." in text
    assert "Version 2 then applies at once, also to what we already hold." in text
    clock.move(minutes=10)
    assert (await client.post(f"{page}/confirmation", data={"code": await code_of(noticed)})).status_code == 303
    assert (await Objection.get()).withdrawn_at == at
    assert "You took your objection back" in (await client.get(page)).text
    assert await OutgoingMail.filter(kind=MailKind.WITHDRAWAL).count() == 1


async def test_with_later_versions_it_does_not_promise_that_this_one_applies(
    client: AsyncClient, noticed: Noticed, clock: Clock, catcher: Catcher
) -> None:
    address = await filed(client, noticed)
    clock.move(days=30)
    await publish_next(noticed, TEXT_2.replace("once a week", "once a day"), clock())
    said = "Version 2 then applies at once, also to what we already hold. Later versions then do so, too,"
    assert said in (await client.get(f"{address}/withdrawal")).text
    page = (await client.post(f"{address}/withdrawal")).headers["location"]
    assert "Later versions then do so, too, as far as they apply to you already." in (await client.get(page)).text
    await noticed.app.state.jobs.idle()
    _, plain, _ = parts(caught(catcher.folder)[0][1].read_bytes())
    assert "also to what we already hold. Later versions then do so, too, as far as" in " ".join(plain.split())


async def test_after_the_window_who_is_signed_in_needs_no_code(
    client: AsyncClient, as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    address = (await filed(client, noticed)).replace(noticed.by_link(), noticed.in_account)
    clock.move(days=30)
    browser = await as_member("m1")
    assert "one-time code" not in (await browser.get(f"{address}/withdrawal")).text
    answer = await browser.post(f"{address}/withdrawal")
    assert answer.headers["location"] == address
    assert (await Objection.get()).withdrawn_at == clock()


async def test_while_it_waits_every_page_says_so_and_leads_to_the_confirmation(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    address = await filed(client, noticed)
    clock.move(days=30)
    page = (await client.post(f"{address}/withdrawal")).headers["location"]
    assert (await client.post(f"{address}/withdrawal")).headers["location"] == page
    assert (await client.get(f"{address}/withdrawal")).headers["location"] == page
    for shown in (address, noticed.by_link()):
        text = (await client.get(shown)).text
        assert f'href="{page}#confirm"' in text
        assert f'href="{address}/withdrawal"' not in text
    assert await OutgoingMail.filter(kind=MailKind.CONFIRM).count() == 1


async def test_leaving_the_withdrawal_keeps_the_objection(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    address = await filed(client, noticed)
    clock.move(days=30)
    page = (await client.post(f"{address}/withdrawal")).headers["location"]
    await client.post(f"{page}/removal")
    assert (await Objection.get()).withdrawn_at is None
    assert f'href="{address}/withdrawal"' in (await client.get(address)).text


async def test_late_withdrawal_of_a_closing_objection_says_that_the_account_stays_open(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    address = await filed(client, noticed, "Service")
    clock.move(days=30)
    page = (await client.post(f"{address}/withdrawal")).headers["location"]
    assert "Your account stays open." in (await client.get(page)).text
    assert "Confirm that it is you" in (await client.get(address)).text


async def test_repeated_withdrawal_is_one(client: AsyncClient, noticed: Noticed) -> None:
    address = await filed(client, noticed)
    for _ in range(2):
        answer = await client.post(f"{address}/withdrawal")
        assert answer.headers["location"] == address
    assert (await client.get(f"{address}/withdrawal")).status_code == 303
    assert await Event.filter(action="objection.withdrawn").count() == 1


async def test_closed_account_takes_nothing_back(
    client: AsyncClient, as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    browser = await as_member("m1")
    address = await filed(client, noticed)
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    in_account = address.replace(noticed.by_link(), noticed.in_account)
    assert (await client.post(f"{address}/withdrawal")).status_code == 404
    assert (await browser.post(f"{in_account}/withdrawal")).status_code == 410
    assert (await Objection.get()).withdrawn_at is None


async def test_unknown_number_is_not_there(client: AsyncClient, noticed: Noticed) -> None:
    assert (await client.get(f"{noticed.by_link()}/objections/NOSUCH/withdrawal")).status_code == 404
    assert (await client.post(f"{noticed.by_link()}/objections/NOSUCH/withdrawal")).status_code == 404
