"""Ops settles a freeze, closes an account, withdraws an objection for a member."""

import pytest
from httpx2 import AsyncClient

from portal.store.answers import Objection
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.outcomes import Closure, Settlement
from portal.store.staff import Role
from tests.support.clock import Clock
from tests.support.entering import BY_LETTER
from tests.support.noticed import CLOSES_2, Noticed
from tests.support.objecting import closing, freezing
from tests.web.conftest import SignIn

SURE = {"confirmed": "1"}


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


async def test_a_freeze_is_settled_once(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    freeze = await freezing(noticed, clock())
    here = f"/staff/objections/{freeze.id}"
    page = (await ops.get(f"{here}/settlement")).text
    assert "stays under version 1 for: Marketing" in page
    answers = [await ops.post(f"{here}/settlement", data={"note": "Ticket 4711"}) for _ in range(2)]
    assert [answer.headers["location"] for answer in answers] == [here] * 2
    assert await Settlement.filter(objection_id=freeze.id).count() == 1
    page = (await ops.get(here)).text
    for words in ("Settled", "Ticket 4711"):
        assert words in page, words


async def test_a_closing_objection_is_not_settled(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    objection = await closing(noticed, clock())
    answer = await ops.post(f"/staff/objections/{objection.id}/settlement")
    assert answer.status_code == 422
    assert not await Settlement.exists(objection_id=objection.id)


async def test_a_due_account_is_closed_with_the_box_ticked(as_staff: SignIn, noticed: Noticed, clock: Clock) -> None:
    objection = await closing(noticed, clock(), confirmed=True)
    clock.now = CLOSES_2
    ops, here = await as_staff(Role.OPS), f"/staff/objections/{objection.id}"
    page = (await ops.get(f"{here}/closure")).text
    for words in ("The account is closed for good", "I want to close the account of member m1."):
        assert words in page, words
    assert "before that" not in page
    assert (await ops.post(f"{here}/closure", data={"note": "Kept."})).status_code == 422
    assert not await Closure.exists()
    answer = await ops.post(f"{here}/closure", data=SURE | {"note": "Done in the CRM"})
    assert (answer.status_code, answer.headers["location"]) == (303, here)
    assert (await Closure.get(member_id=noticed.member.id)).objection_id == objection.id
    assert await OutgoingMail.exists(kind=MailKind.CLOSED, member_id=noticed.member.id)
    again = await ops.post(f"{here}/closure", data=SURE)
    assert again.status_code == 422
    assert "The account is closed." in again.text
    assert await Closure.all().count() == 1


async def test_before_it_is_due_only_the_members_wish_closes_it(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    objection = await closing(noticed, clock(), confirmed=True)
    here = f"/staff/objections/{objection.id}/closure"
    assert "The member asked for closing it before that" in (await ops.get(here)).text
    answer = await ops.post(here, data=SURE | {"note": "A note that stays."})
    assert answer.status_code == 422
    assert "The member can still take the objection back." in answer.text
    assert "A note that stays." in answer.text
    assert not await Closure.exists()
    assert (await ops.post(here, data=SURE | {"early": "1"})).status_code == 303
    assert await Closure.exists(member_id=noticed.member.id)


async def test_an_unconfirmed_one_closes_nothing(as_staff: SignIn, noticed: Noticed, clock: Clock) -> None:
    objection = await closing(noticed, clock())
    clock.now = CLOSES_2
    answer = await (await as_staff(Role.OPS)).post(f"/staff/objections/{objection.id}/closure", data=SURE)
    assert answer.status_code == 422
    assert "The member has not confirmed this objection yet." in answer.text
    assert not await Closure.exists()


async def test_it_is_withdrawn_for_a_member_who_called(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    objection = await freezing(noticed, clock())
    here = f"/staff/objections/{objection.id}"
    said = BY_LETTER | {"way": "call", "step": "enter"}
    missing = await ops.post(f"{here}/withdrawal", data=said | {"way": ""})
    assert missing.status_code == 422
    assert "Choose how it came." in missing.text
    assert (await Objection.get(id=objection.id)).withdrawn_at is None
    assert (await ops.post(f"{here}/withdrawal", data=said)).status_code == 303
    assert (await Objection.get(id=objection.id)).withdrawn_at == clock()
    assert (await ops.post(f"{here}/withdrawal", data=said)).status_code == 422
    assert await OutgoingMail.filter(kind=MailKind.WITHDRAWAL).count() == 1


async def test_the_whole_story_stands_on_its_page(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    objection = await closing(noticed, clock(), confirmed=True)
    page = (await ops.get(f"/staff/objections/{objection.id}")).text
    for words in (
        objection.number,
        "by the link in the mail",
        "<ins>",
        "Objection received",
        "Objection confirmed",
        "signed in",
        "in 19 days",
    ):
        assert words in page, words
