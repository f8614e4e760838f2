"""A member takes an objection back."""

from httpx2 import AsyncClient

from portal.actions.actor import SYSTEM
from portal.actions.outcome import close_account
from portal.store.answers import Objection
from portal.store.events import Event
from portal.store.outbox import MailKind, OutgoingMail
from tests.support.clock import Clock
from tests.support.noticed import Noticed
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


async def test_after_the_window_it_cannot_be_undone_and_asks_for_a_tick(
    client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    address = await filed(client, noticed)
    clock.move(days=30)
    assert "Your time to object is over, so this cannot be undone." in (await client.get(f"{address}/withdrawal")).text
    unticked = await client.post(f"{address}/withdrawal")
    assert unticked.status_code == 422
    assert "Tick the box" in unticked.text
    assert (await Objection.get()).withdrawn_at is None
    ticked = await client.post(f"{address}/withdrawal", data={"confirmed": "1"})
    assert ticked.status_code == 303
    assert (await Objection.get()).withdrawn_at is not None


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


async def test_bad_tick_is_not_a_tick(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    address = await filed(client, noticed)
    clock.move(days=30)
    answer = await client.post(f"{address}/withdrawal", data={"confirmed": "perhaps"})
    assert answer.status_code == 422
    assert (await Objection.get()).withdrawn_at is None
