"""Ops confirms a closing objection with a reason, or rejects it."""

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import Actor
from portal.actions.amendment import amend_objection
from portal.store.answers import Confirmation, Objection, Way
from portal.store.members import Remark
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.outcomes import Closure
from portal.store.staff import Role
from tests.support.clock import Clock
from tests.support.entering import BY_LETTER, submission_after
from tests.support.noticed import Noticed
from tests.support.objecting import closing, freezing
from tests.web.conftest import SignIn

REASON = BY_LETTER | {"way": "call", "reason": "Called back, spoke to the owner.", "step": "enter"}
SURE = {"confirmed": "1"}


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


@pytest.fixture
async def objection(noticed: Noticed, clock: Clock) -> Objection:
    return await closing(noticed, clock())


async def test_a_reason_confirms_it(ops: AsyncClient, objection: Objection) -> None:
    here = f"/staff/objections/{objection.id}"
    page = (await ops.get(f"{here}/confirmation")).text
    assert "22 March 2026, 00:00 (Europe/Berlin)" in page
    answer = await ops.post(f"{here}/confirmation", data=REASON)
    submission = await submission_after(answer)
    assert (submission.kind, submission.objection_id, submission.way) == ("confirmation", objection.id, "call")
    confirmation = await Confirmation.get(objection_id=objection.id)
    assert confirmation.way == "ops"
    assert (await Remark.get(id=confirmation.remark_id)).text == REASON["reason"]
    assert REASON["reason"] in (await ops.get(here)).text
    assert not await Closure.exists(member_id=objection.member_id)


async def test_without_a_reason_nothing_is_confirmed(ops: AsyncClient, objection: Objection) -> None:
    answer = await ops.post(f"/staff/objections/{objection.id}/confirmation", data=REASON | {"reason": "  "})
    assert answer.status_code == 422
    assert "Say how you know" in answer.text
    assert not await Confirmation.exists(objection_id=objection.id)


async def test_confirming_twice_keeps_the_first(ops: AsyncClient, objection: Objection) -> None:
    here = f"/staff/objections/{objection.id}/confirmation"
    await ops.post(here, data=REASON)
    again = await ops.post(here, data=REASON | {"reason": "Again."})
    assert again.status_code == 422
    assert "This objection is confirmed already." in again.text
    assert await Confirmation.filter(objection_id=objection.id).count() == 1
    assert (await ops.get(here)).headers["location"] == f"/staff/objections/{objection.id}"


async def test_a_freeze_has_nothing_to_confirm(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    freeze = await freezing(noticed, clock())
    answer = await ops.post(f"/staff/objections/{freeze.id}/confirmation", data=REASON)
    assert answer.status_code == 422
    assert "Only an objection that closes the account needs confirming." in answer.text
    assert "Called back" in answer.text
    assert not await Confirmation.exists(objection_id=freeze.id)


async def test_rejecting_withdraws_it_and_tells_the_member(ops: AsyncClient, objection: Objection) -> None:
    here = f"/staff/objections/{objection.id}"
    assert (await ops.post(f"{here}/rejection")).status_code == 422
    assert (await ops.post(f"{here}/rejection", data=SURE)).headers["location"] == here
    assert (await Objection.get(id=objection.id)).withdrawn_at is not None
    assert await OutgoingMail.filter(kind=MailKind.WITHDRAWAL, member_id=objection.member_id).count() == 1
    again = await ops.post(f"{here}/rejection", data=SURE)
    assert again.status_code == 422
    assert "No objection to this version is in force." in again.text
    assert await OutgoingMail.filter(kind=MailKind.WITHDRAWAL).count() == 1


async def test_rejecting_a_change_gives_the_objection_before_it_back(
    ops: AsyncClient, client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    freeze = await freezing(noticed, clock())
    by = Actor("member", freeze.member_id)
    change = [noticed.keys["Service"]]
    amended = await amend_objection(freeze.id, change, way=Way.LINK, by=by, at=clock.move(hours=1))
    here = f"/staff/objections/{amended.id}"
    assert "That one stands again, as it was received" in (await ops.get(f"{here}/rejection")).text
    await ops.post(f"{here}/rejection", data=SURE)
    restored = await Objection.get(withdrawn_at__isnull=True)
    assert (restored.received_at, restored.closing) == (freeze.received_at, False)
    page = (await ops.get(here)).text
    assert f"The one before it stands again as {restored.number}." in page
    assert freeze.number in page
    assert freeze.number in (await ops.get(f"/staff/objections/{restored.id}")).text
    for objection, words in (
        (freeze, f'Stands again as</dt>\n    <dd><a href="{noticed.by_link()}/objections/{restored.number}'),
        (amended, "This objection was taken back"),
        (restored, f"The change of objection {freeze.number} was rejected, so it stands as it was received."),
    ):
        assert words in (await client.get(f"{noticed.by_link()}/objections/{objection.number}")).text, words


async def test_a_confirmed_one_cannot_be_rejected(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    objection = await closing(noticed, clock(), confirmed=True)
    answer = await ops.post(f"/staff/objections/{objection.id}/rejection", data=SURE)
    assert answer.status_code == 422
    assert (await Objection.get(id=objection.id)).withdrawn_at is None


@pytest.mark.parametrize("noun", ["confirmation", "rejection", "withdrawal", "settlement", "closure"])
async def test_other_roles_do_none_of_it(as_staff: SignIn, objection: Objection, noun: str) -> None:
    legal = await as_staff(Role.LEGAL, Role.APPROVER, Role.ADMIN)
    here = f"/staff/objections/{objection.id}/{noun}"
    assert (await legal.get(here)).status_code == 403
    assert (await legal.post(here, data=REASON | SURE)).status_code == 403
    assert (await Objection.get(id=objection.id)).withdrawn_at is None
    assert not await Confirmation.exists(objection_id=objection.id)


async def test_reading_does_nothing(ops: AsyncClient, objection: Objection) -> None:
    for noun in ("", "/confirmation", "/rejection", "/withdrawal"):
        assert (await ops.get(f"/staff/objections/{objection.id}{noun}")).status_code == 200
    assert (await Objection.get(id=objection.id)).withdrawn_at is None
    assert not await Confirmation.exists(objection_id=objection.id)
    assert (await ops.get("/staff/objections/999999")).status_code == 404
