"""Ops corrects an address, records a delivery on paper, records a bounce."""

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import SYSTEM
from portal.actions.notice import record_bounce
from portal.actions.outcome import close_account
from portal.store.contacts import last_address
from portal.store.events import Event
from portal.store.members import Address, Remark
from portal.store.notices import Bounce, Notice, Sight
from portal.store.staff import Role
from tests.support.clock import Clock
from tests.support.noticed import Noticed
from tests.web.conftest import SignIn

LETTER = {"way": "letter", "day": "2026-03-02", "note": "RR 4711 DE"}


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


def at(noticed: Noticed, noun: str) -> str:
    here = f"/staff/members/{noticed.member.id}/{noun}"
    return here if noun == "addresses" else f"{here}?version={noticed.version.id}"


async def notice_of(noticed: Noticed) -> Notice:
    return await Notice.get(member_id=noticed.member.id, version_id=noticed.version.id)


async def test_another_address_sends_what_had_come_back_again(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    await record_bounce(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock())
    answer = await ops.post(at(noticed, "addresses"), data={"address": " maria@new.example "})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/staff/members/{noticed.member.id}")
    last = await last_address(noticed.member.id)
    assert last is not None
    assert last.address == "maria@new.example"
    assert (await notice_of(noticed)).state == "queued"
    page = (await ops.get(f"/staff/members/{noticed.member.id}")).text
    assert "2 addresses given" in page
    assert "maria@example.org" in page


async def test_the_same_address_again_changes_nothing(ops: AsyncClient, noticed: Noticed) -> None:
    for _ in range(2):
        assert (await ops.post(at(noticed, "addresses"), data={"address": "maria@new.example"})).status_code == 303
    assert await Address.filter(member_id=noticed.member.id).count() == 2


async def test_what_came_back_is_sent_again_once(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    here, member = at(noticed, "sendings"), f"/staff/members/{noticed.member.id}"
    assert "/sendings?" not in (await ops.get(member)).text
    reached = await ops.post(here)
    assert reached.status_code == 422
    assert "There is nothing to send again" in reached.text
    await record_bounce(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock())
    assert f"{here}" in (await ops.get(member)).text
    assert "maria@example.org" in (await ops.get(here)).text
    queued_again = Event.filter(action="notice.queued_again")
    assert await queued_again.count() == 0
    assert (await ops.post(here)).headers["location"] == member
    assert (await ops.post(here)).status_code == 422  # on its way, or accepted meanwhile
    assert await queued_again.count() == 1


@pytest.mark.parametrize("address", ["", "maria", "maria@", "a b@example.org"])
async def test_a_bad_address_is_refused_and_stays_in_the_field(
    ops: AsyncClient, noticed: Noticed, address: str
) -> None:
    answer = await ops.post(at(noticed, "addresses"), data={"address": address})
    assert answer.status_code == 422
    assert "No mail can be sent to this address." in answer.text
    assert f'value="{address}"' in answer.text or not address
    assert await Address.filter(member_id=noticed.member.id).count() == 1


async def test_a_letter_starts_the_time_that_a_bounce_had_stopped(
    as_staff: SignIn, noticed: Noticed, clock: Clock
) -> None:
    await record_bounce(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock())
    assert (await notice_of(noticed)).closes_at is None
    clock.move(days=2)
    ops = await as_staff(Role.OPS)
    answer = await ops.post(at(noticed, "sights"), data=LETTER | {"day": "2026-03-03"})
    assert answer.status_code == 303
    sight = await Sight.get(member_id=noticed.member.id)
    assert sight.received_at.isoformat() == "2026-03-03T22:59:59+00:00"
    assert (await Remark.get(id=sight.remark_id)).text == "RR 4711 DE"
    closes_at = (await notice_of(noticed)).closes_at
    assert closes_at is not None
    assert closes_at.isoformat() == "2026-03-23T23:00:00+00:00"
    assert "RR 4711 DE" in (await ops.get(f"/staff/members/{noticed.member.id}")).text


async def test_the_same_letter_twice_is_one_letter(ops: AsyncClient, noticed: Noticed) -> None:
    for _ in range(2):
        assert (await ops.post(at(noticed, "sights"), data=LETTER)).status_code == 303
    assert await Sight.filter(member_id=noticed.member.id).count() == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"way": "pigeon"}, "Choose how it was delivered."),
        ({"day": "yesterday"}, "Enter a day such as 2026-03-22."),
        ({"day": "2026-03-09"}, "This is still to come."),
        ({"day": "2026-02-01"}, "the version was not posted yet"),
        ({"note": ""}, "Enter a reference by which the delivery can be proved."),
    ],
)
async def test_a_delivery_that_is_not_in_order_is_refused(
    ops: AsyncClient, noticed: Noticed, typed: dict[str, str], words: str
) -> None:
    answer = await ops.post(at(noticed, "sights"), data=LETTER | typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert ("RR 4711 DE" in answer.text) is ("note" not in typed)
    assert not await Sight.exists(member_id=noticed.member.id)


async def test_a_bounce_marks_the_latest_sending_once(ops: AsyncClient, noticed: Noticed) -> None:
    page = (await ops.get(at(noticed, "bounces"))).text
    assert "Number 1, to maria@example.org" in page
    sent = {"day": "2026-03-02", "note": "Mailbox gone", "sending": ""}
    assert (await ops.post(at(noticed, "bounces"), data=sent)).status_code == 303
    assert (await notice_of(noticed)).closes_at is None
    again = await ops.post(at(noticed, "bounces"), data=sent)
    assert again.status_code == 422
    assert "No sending of before that day is left to come back." in again.text
    assert await Bounce.filter(member_id=noticed.member.id).count() == 1


async def test_of_a_closed_account_nothing_is_recorded(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    answers = [
        await ops.post(at(noticed, "addresses"), data={"address": "maria@new.example"}),
        await ops.post(at(noticed, "sights"), data=LETTER),
        await ops.post(at(noticed, "bounces"), data={"day": "2026-03-02"}),
    ]
    assert [answer.status_code for answer in answers] == [422] * 3
    assert not await Sight.exists(member_id=noticed.member.id)
    assert not await Bounce.exists(member_id=noticed.member.id)
    page = (await ops.get(f"/staff/members/{noticed.member.id}")).text
    assert "The account is closed" in page
    assert "Record a delivery" not in page


@pytest.mark.parametrize("noun", ["addresses", "sendings", "sights", "bounces"])
async def test_other_roles_enter_nothing(as_staff: SignIn, noticed: Noticed, noun: str) -> None:
    other = await as_staff(Role.LEGAL, Role.APPROVER, Role.ADMIN)
    answer = await other.post(at(noticed, noun), data=LETTER | {"address": "maria@new.example"})
    assert answer.status_code == 403
    assert await Address.filter(member_id=noticed.member.id).count() == 1
    assert not await Sight.exists()
