"""Ops enters that a member objects to other changes instead, by letter or call: both halves or neither."""

import pytest
from httpx2 import AsyncClient

from portal.store.answers import Objection
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.staff import Role
from portal.store.submissions import Submission
from tests.support.clock import Clock
from tests.support.entering import BY_LETTER, SCAN, entered, second_page, submission_after
from tests.support.forms import Typed
from tests.support.noticed import CLOSES_2, Noticed
from tests.support.objecting import freezing
from tests.web.conftest import SignIn


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


def at(objection: Objection) -> str:
    return f"/staff/objections/{objection.id}/amendment"


async def test_another_objection_takes_its_place_as_of_the_letter(
    as_staff: SignIn, noticed: Noticed, clock: Clock
) -> None:
    objection = await freezing(noticed, clock())
    clock.now = CLOSES_2
    clock.move(days=2)
    ops = await as_staff(Role.OPS)
    assert f'href="{at(objection)}"' in (await ops.get(f"/staff/objections/{objection.id}")).text
    typed: dict[str, Typed] = {"day": "2026-03-10", "changes": [noticed.keys["Service"]]}
    review = await second_page(ops, at(objection), **typed)
    assert "Your account will be closed once the objection is confirmed" in review.text
    assert (await Objection.get()).withdrawn_at is None
    submission = await submission_after(await entered(ops, at(objection), [SCAN], **typed))
    before, amended = await Objection.all().order_by("id")
    assert before.withdrawn_at == amended.received_at == submission.received_at
    assert amended.received_at.isoformat() == "2026-03-10T22:59:59+00:00"
    assert (amended.amends_id, amended.closing, submission.objection_id) == (before.id, True, amended.id)
    assert await OutgoingMail.filter(kind=MailKind.RECEIPT).count() == 2


@pytest.mark.parametrize(
    ("day", "section", "words"),
    [
        ("2026-03-10", "News", "These are the changes you object to already."),
        ("2026-03-22", "Service", "That was too late: the time to object ended 22 March 2026"),
        ("2026-03-01", "Service", "The objection had not been received by then."),
    ],
)
async def test_where_either_half_is_refused_the_first_one_stands(
    as_staff: SignIn, noticed: Noticed, day: str, section: str, words: str
) -> None:
    clock: Clock = noticed.app.state.clock
    objection = await freezing(noticed, clock())
    clock.now = CLOSES_2
    clock.move(days=2)
    ops = await as_staff(Role.OPS)
    answer = await second_page(ops, at(objection), day=day, changes=[noticed.keys[section]])
    assert answer.status_code == 422
    assert words in answer.text
    assert BY_LETTER["note"] in answer.text
    assert (await Objection.get()).withdrawn_at is None
    assert not await Submission.exists()


async def test_what_was_taken_back_is_not_changed(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    objection = await freezing(noticed, clock())
    await entered(ops, f"/staff/objections/{objection.id}/withdrawal")
    assert (await ops.get(at(objection))).headers["location"] == f"/staff/objections/{objection.id}"
    again = await ops.post(at(objection), data=BY_LETTER | {"step": "enter"})
    assert again.status_code == 422
    assert await Objection.all().count() == 1


async def test_other_roles_change_none(as_staff: SignIn, noticed: Noticed, clock: Clock) -> None:
    objection = await freezing(noticed, clock())
    other = await as_staff(Role.LEGAL, Role.APPROVER, Role.ADMIN)
    assert (await other.get(at(objection))).status_code == 403
    assert (await other.post(at(objection), data=BY_LETTER | {"step": "enter"})).status_code == 403
    assert (await Objection.get()).withdrawn_at is None
