"""Ops answers what members asked for, by due date: answered, refused, put off, closed, or with another address."""

from datetime import timedelta

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import Actor
from portal.actions.address_change import ask_for_address, cancel_change, confirm_address, hand_change_over
from portal.actions.request import ask, withdraw_request
from portal.mail.catcher import Catcher
from portal.store.answers import Way
from portal.store.contacts import last_address
from portal.store.events import Event
from portal.store.members import Member
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.outcomes import Closure
from portal.store.requests import MemberRequest, RequestEnd, RequestKind
from portal.store.staff import Role
from tests.support.clock import Clock
from tests.support.forms import form_on
from tests.support.mailed import newest
from tests.support.noticed import Noticed
from tests.web.conftest import SignIn

QUEUE = "/staff/requests"
SURE = {"confirmed": "1"}


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


async def asked(noticed: Noticed, kind: RequestKind, clock: Clock, member: Member | None = None) -> MemberRequest:
    whose = member or noticed.member
    return await ask(whose.id, kind, way=Way.ACCOUNT, by=Actor("member", whose.id), at=clock())


async def handed_over(noticed: Noticed, clock: Clock) -> MemberRequest:
    """The member cannot read at the old address, and has confirmed the new one."""
    by = Actor("member", noticed.member.id)
    change = await ask_for_address(noticed.member.id, "new@example.org", by=by, at=clock())
    assert change is not None
    await confirm_address(change.id, new=True, by=by, at=clock())
    return await hand_change_over(noticed.member.id, by=by, at=clock())


async def test_the_queue_shows_what_presses_first_with_due_dates(
    as_staff: SignIn, noticed: Noticed, clock: Clock
) -> None:
    early = await asked(noticed, RequestKind.ACCESS, clock)
    clock.move(days=10)
    late = await asked(noticed, RequestKind.EXPORT, clock, noticed.other)
    ops = await as_staff(Role.OPS)
    page = (await ops.get(QUEUE)).text
    assert page.index(early.number) < page.index(late.number)
    for words in ("in 20 days", "2 April 2026", "m1", "m2", "Access to the data"):
        assert words in page, words
    clock.now = early.due_at - timedelta(days=2)
    ops = await as_staff(Role.OPS)
    page = (await ops.get(QUEUE)).text
    assert 'aria-current="page">Due soon' in page
    assert early.number in page
    assert late.number not in page
    clock.now = early.due_at
    ops = await as_staff(Role.OPS)
    page = (await ops.get(QUEUE)).text
    assert 'aria-current="page">Overdue' in page
    assert "1 request is overdue" in (await ops.get("/staff")).text


async def test_a_request_shows_who_did_what_when(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    request = await asked(noticed, RequestKind.ACCESS, clock)
    clock.move(hours=2)
    await ops.post(f"{QUEUE}/{request.id}/extension", data={"told": "Many letters."})
    clock.move(hours=2)
    await ops.post(f"{QUEUE}/{request.id}/answer", data={"told": "Sent by post."})
    page = (await ops.get(f"{QUEUE}/{request.id}")).text
    for words in ("Request received", "by the member", "Request put off", "by Ops", "11:00", "13:00", "Sent by post."):
        assert words in page, words
    assert "What to do" not in page
    assert f'href="{QUEUE}/{request.id}"' in (await ops.get(f"/staff/members/{noticed.member.id}")).text


async def test_an_answer_ends_it_and_is_mailed_once(
    ops: AsyncClient, app: Starlette, catcher: Catcher, noticed: Noticed, clock: Clock
) -> None:
    request = await asked(noticed, RequestKind.EXPORT, clock)
    here = f"{QUEUE}/{request.id}"
    empty = await ops.post(f"{here}/answer", data={"told": " "})
    assert empty.status_code == 422
    assert (await MemberRequest.get(id=request.id)).open
    page = (await ops.get(f"{here}/answer")).text
    first = await ops.post(f"{here}/answer", data=form_on(page, f"{here}/answer", told="Sent to you by post."))
    assert first.headers["location"] == here
    again = await ops.post(f"{here}/answer", data={"told": "Sent twice."})
    assert again.status_code == 422
    assert "Sent twice." in again.text
    done = await MemberRequest.get(id=request.id)
    assert (done.ended_as, done.ended_at) == (RequestEnd.ANSWERED, clock.now)
    assert "Sent to you by post." in (await newest(app, catcher, "maria@example.org")).words
    assert await OutgoingMail.filter(kind=MailKind.REQUEST_NEWS).count() == 1


async def test_a_refusal_needs_a_reason(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    request = await asked(noticed, RequestKind.ACCESS, clock)
    here = f"{QUEUE}/{request.id}/refusal"
    assert (await ops.post(here, data={})).status_code == 422
    assert (await ops.post(here, data={"told": "It is the fifth this month."})).status_code == 303
    done = await MemberRequest.get(id=request.id).select_related("answer")
    assert done.answer is not None
    assert (done.ended_as, done.answer.text) == (RequestEnd.REFUSED, "It is the fifth this month.")


async def test_it_is_put_off_once_and_only_before_it_is_due(as_staff: SignIn, noticed: Noticed, clock: Clock) -> None:
    request, other = [await asked(noticed, kind, clock) for kind in (RequestKind.ACCESS, RequestKind.EXPORT)]
    ops = await as_staff(Role.OPS)
    page = (await ops.get(f"{QUEUE}/{request.id}/extension")).text
    assert "two further months" in page
    assert (await ops.post(f"{QUEUE}/{request.id}/extension", data={"told": "Many letters."})).status_code == 303
    assert (await MemberRequest.get(id=request.id)).due_at.isoformat() == "2026-06-02T22:00:00+00:00"
    assert (await ops.post(f"{QUEUE}/{request.id}/extension", data={"told": "More."})).status_code == 422
    clock.now = other.due_at
    ops = await as_staff(Role.OPS)
    assert (await ops.post(f"{QUEUE}/{other.id}/extension", data={"told": "Late."})).status_code == 422
    assert (await MemberRequest.get(id=other.id)).due_at == other.due_at


async def test_closing_goes_through_the_closing_of_the_account_and_answers_the_request(
    ops: AsyncClient, app: Starlette, catcher: Catcher, noticed: Noticed, clock: Clock
) -> None:
    request = await asked(noticed, RequestKind.CLOSING, clock)
    here = f"{QUEUE}/{request.id}"
    assert (await ops.post(f"{here}/answer", data={"told": "Done."})).status_code == 422
    assert (await ops.post(f"{here}/closure", data={})).status_code == 422
    assert not await Closure.exists()
    assert (await ops.post(f"{here}/closure", data=SURE)).status_code == 303
    closure = await Closure.get(member_id=noticed.member.id)
    assert (closure.objection_id, closure.received_at) == (None, clock.now)
    assert (await MemberRequest.get(id=request.id)).ended_as is RequestEnd.ANSWERED
    assert "ACCOUNT IS CLOSED" in (await newest(app, catcher, "maria@example.org")).words
    assert (await ops.post(f"{here}/closure", data=SURE)).status_code == 422
    assert await Closure.all().count() == 1
    assert "Account closed" in (await ops.get(here)).text


async def test_an_account_closed_in_another_way_answers_the_request_too(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    request = await asked(noticed, RequestKind.CLOSING, clock)
    await ops.post(f"/staff/members/{noticed.member.id}/closure", data=SURE | {"note": "By letter"})
    assert (await MemberRequest.get(id=request.id)).ended_as is RequestEnd.ANSWERED


async def test_what_was_taken_back_is_not_closed(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    request = await asked(noticed, RequestKind.CLOSING, clock)
    await withdraw_request(request.id, by=Actor("member", noticed.member.id), at=clock())
    assert (await ops.post(f"{QUEUE}/{request.id}/closure", data=SURE)).status_code == 422
    assert (await ops.get(f"{QUEUE}/{request.id}/closure")).headers["location"] == f"{QUEUE}/{request.id}"
    assert not await Closure.exists()


async def test_ops_stand_in_for_an_address_that_cannot_be_reached(
    as_staff: SignIn, app: Starlette, catcher: Catcher, noticed: Noticed, clock: Clock
) -> None:
    request = await handed_over(noticed, clock)
    clock.move(days=8)  # it does not run out while ops have it
    ops, here = await as_staff(Role.OPS), f"{QUEUE}/{request.id}"
    page = (await ops.get(here)).text
    for words in ("new@example.org", "maria@example.org", "Use the new address", "Change of address asked for"):
        assert words in page, words
    assert (await ops.post(f"{here}/address", data={"told": "Called."})).status_code == 422
    assert (await ops.post(f"{here}/address", data=SURE)).status_code == 422
    told = "We called you at the number in the contract."
    assert (await ops.post(f"{here}/address", data=SURE | {"told": told})).headers["location"] == here
    last = await last_address(noticed.member.id)
    assert last is not None
    assert (last.address, last.received_at) == ("new@example.org", clock.now)
    assert (await MemberRequest.get(id=request.id)).ended_as is RequestEnd.ANSWERED
    assert told in (await newest(app, catcher, "new@example.org")).words


async def test_ops_refuse_a_change_of_address(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    request = await handed_over(noticed, clock)
    await ops.post(f"{QUEUE}/{request.id}/refusal", data={"told": "We could not reach you by telephone."})
    last = await last_address(noticed.member.id)
    assert last is not None
    assert last.address == "maria@example.org"
    assert await Event.exists(action="address.refused")


async def test_a_change_that_was_taken_back_meanwhile_is_not_made(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    request = await handed_over(noticed, clock)
    await cancel_change(noticed.member.id, by=Actor("member", noticed.member.id), at=clock())
    assert (await ops.post(f"{QUEUE}/{request.id}/address", data=SURE | {"told": "Called."})).status_code == 422
    assert (await MemberRequest.get(id=request.id)).ended_as is RequestEnd.WITHDRAWN


async def test_a_correction_by_ops_answers_what_was_asked(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    request = await handed_over(noticed, clock)
    await ops.post(f"/staff/members/{noticed.member.id}/addresses", data={"address": "other@example.org"})
    assert (await MemberRequest.get(id=request.id)).ended_as is RequestEnd.ANSWERED


async def test_ops_enter_a_request_that_came_by_letter(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    clock.move(hours=5)
    here = f"/staff/members/{noticed.member.id}/requests"
    given = {"asked_by": "member", "kind": "access", "way": "letter", "day": "2026-02-27", "note": "Letter 17"}
    given["step"] = "enter"
    for left_out in set(given) - {"step"}:
        answer = await ops.post(here, data={name: value for name, value in given.items() if name != left_out})
        assert answer.status_code == 422, left_out
    assert not await MemberRequest.exists()
    assert (await ops.post(here, data=given)).status_code == 303
    request = await MemberRequest.get(member_id=noticed.member.id)
    assert (request.way, request.recorded_at) == (Way.LETTER, clock.now)
    assert request.due_at.isoformat() == "2026-03-27T23:00:00+00:00"  # a month: 27 March ends before 30 days do
    assert "Letter 17" in (await ops.get(f"{QUEUE}/{request.id}")).text
    future = await ops.post(here, data=given | {"day": "2026-03-09"})
    assert future.status_code == 422


async def test_other_roles_members_and_nobody_do_nothing(
    as_staff: SignIn, as_member: SignIn, client: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    request = await asked(noticed, RequestKind.CLOSING, clock)
    other = await as_staff(Role.LEGAL, Role.APPROVER, Role.ADMIN)
    for path in (QUEUE, f"{QUEUE}/{request.id}", f"{QUEUE}/{request.id}/closure"):
        assert (await other.get(path)).status_code == 403
        for browser in (client, await as_member("m1")):
            assert (await browser.get(path)).headers["location"].startswith("/staff/sign-in")
    for noun in ("answer", "refusal", "extension", "closure", "address"):
        assert (await other.post(f"{QUEUE}/{request.id}/{noun}", data=SURE | {"told": "x"})).status_code == 403
    assert not await Closure.exists()
    assert (await MemberRequest.get(id=request.id)).open


async def test_a_request_that_does_not_exist(ops: AsyncClient) -> None:
    assert (await ops.get(f"{QUEUE}/999")).status_code == 404
    assert (await ops.post(f"{QUEUE}/999/answer", data={"told": "x"})).status_code == 404
