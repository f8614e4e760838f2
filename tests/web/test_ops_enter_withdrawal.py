"""Ops enters that a member takes an objection back, by letter or call."""

import pytest
from httpx2 import AsyncClient

from portal.store.answers import Objection
from portal.store.declarations import Declaration
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.staff import Role
from portal.store.submissions import Submission
from tests.support.clock import Clock
from tests.support.entering import BY_LETTER, REASON, SCAN, entered, second_page, submission_after
from tests.support.noticed import CLOSES_2, Noticed
from tests.support.objecting import closing, freezing
from tests.web.conftest import SignIn


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


def at(objection: Objection) -> str:
    return f"/staff/objections/{objection.id}/withdrawal"


async def test_while_it_can_be_made_again_it_needs_no_reason(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    objection = await freezing(noticed, clock())
    clock.move(hours=3)
    review = await second_page(ops, at(objection), way="call", time="11:30")
    for words in ("The freeze ends", "It is then as if you had not objected.", "You can object again"):
        assert words in review.text, words
    assert (await Objection.get()).withdrawn_at is None
    submission = await submission_after(await entered(ops, at(objection), [SCAN], way="call", time="11:30"))
    withdrawn = await Objection.get()
    assert withdrawn.withdrawn_at is not None
    assert withdrawn.withdrawn_at.isoformat() == "2026-03-02T10:30:00+00:00"
    assert (submission.number, submission.way) == (objection.number, "call")
    assert await OutgoingMail.filter(kind=MailKind.WITHDRAWAL).count() == 1
    assert not await Declaration.exists()


async def test_when_time_is_over_it_needs_a_reason_and_says_that_it_is_for_good(
    as_staff: SignIn, noticed: Noticed, clock: Clock
) -> None:
    objection = await closing(noticed, clock(), confirmed=True)
    clock.now = CLOSES_2
    clock.move(days=1)
    ops = await as_staff(Role.OPS)
    bare = await second_page(ops, at(objection), day="2026-03-22")
    assert bare.status_code == 422
    assert 'href="#reason"' in bare.text
    review = await second_page(ops, at(objection), day="2026-03-22", reason=REASON)
    for words in ("Your account stays open", "Your time to object is over, so this cannot be undone."):
        assert words in review.text, words
    submission = await submission_after(await entered(ops, at(objection), day="2026-03-22", reason=REASON))
    declared = await Declaration.get()
    assert (submission.declaration_id, submission.number) == (declared.id, declared.number)
    assert (await Objection.get()).withdrawn_at == declared.received_at


async def test_it_cannot_have_come_before_the_objection(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    objection = await freezing(noticed, clock())
    answer = await second_page(ops, at(objection), day="2026-03-01")
    assert answer.status_code == 422
    assert "The objection had not been received by then." in answer.text
    assert BY_LETTER["note"] in answer.text
    assert (await Objection.get()).withdrawn_at is None


async def test_what_was_taken_back_is_not_taken_back_again(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    objection = await freezing(noticed, clock())
    await entered(ops, at(objection))
    assert (await ops.get(at(objection))).headers["location"] == f"/staff/objections/{objection.id}"
    again = await ops.post(at(objection), data=BY_LETTER | {"step": "enter"})
    assert again.status_code == 422
    assert "No objection to this version is in force." in again.text
    assert await Submission.all().count() == 1


async def test_other_roles_and_other_objections(
    as_staff: SignIn, ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    objection = await freezing(noticed, clock())
    other = await as_staff(Role.LEGAL, Role.APPROVER, Role.ADMIN)
    assert (await other.post(at(objection), data=BY_LETTER | {"step": "enter"})).status_code == 403
    assert (await ops.get("/staff/objections/999/withdrawal")).status_code == 404
    assert (await Objection.get()).withdrawn_at is None
