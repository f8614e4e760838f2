"""Ops enters a request that came by letter, call, in person or by mail."""

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.outcome import close_account
from portal.mail.catcher import Catcher
from portal.store.requests import MemberRequest, RequestKind
from portal.store.staff import Role
from portal.store.submissions import Submission, SubmittedFile
from tests.support.clock import Clock
from tests.support.entering import BY_LETTER, SCAN, entered, second_page, submission_after
from tests.support.mailed import newest
from tests.support.noticed import Noticed
from tests.web.conftest import SignIn


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


def at(noticed: Noticed) -> str:
    return f"/staff/members/{noticed.member.id}/requests"


async def test_its_time_runs_from_its_arrival_and_the_letter_stands_with_it(
    ops: AsyncClient, app: Starlette, catcher: Catcher, noticed: Noticed, clock: Clock
) -> None:
    typed = {"kind": "access", "day": "2026-02-27", "time": "10:00"}
    review = await second_page(ops, at(noticed), **typed)
    for words in ("We answer it before 28 March 2026, 00:00 (Europe/Berlin).", "Access to the data", "by letter"):
        assert words in review.text, words
    assert not await MemberRequest.exists()
    submission = await submission_after(await entered(ops, at(noticed), [SCAN], **typed))
    asked = await MemberRequest.get()
    assert (asked.received_at.isoformat(), asked.recorded_at) == ("2026-02-27T09:00:00+00:00", clock())
    assert (submission.request_id, submission.number) == (asked.id, asked.number)
    page = (await ops.get(f"/staff/requests/{asked.id}")).text
    assert f'href="/staff/submissions/{submission.id}"' in page
    assert asked.number in (await newest(app, catcher, "maria@example.org")).words


async def test_a_letter_that_reminds_is_kept_with_the_open_request(ops: AsyncClient, noticed: Noticed) -> None:
    first = await submission_after(await entered(ops, at(noticed), kind="export", day="2026-02-20"))
    page = (await ops.get(at(noticed))).text
    assert f"Request {first.number} is open already: the letter is kept with it." in page
    second = await submission_after(await entered(ops, at(noticed), [SCAN], kind="export", note="Folder 13"))
    assert (first.request_id, first.number) == (second.request_id, second.number)
    assert (await MemberRequest.all().count(), await SubmittedFile.all().count()) == (1, 1)


async def test_pressing_twice_enters_it_once(ops: AsyncClient, noticed: Noticed) -> None:
    answers = [await entered(ops, at(noticed), kind="access") for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert await Submission.all().count() == 1


async def test_a_closed_account_may_ask_for_its_data_but_not_for_closing(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    page = (await ops.get(at(noticed))).text
    assert 'value="export"' in page
    assert 'value="closing"' not in page
    refused = await ops.post(at(noticed), data=BY_LETTER | {"kind": "closing", "step": "enter"})
    assert refused.status_code == 422
    await submission_after(await entered(ops, at(noticed), kind="export"))
    assert [row.kind for row in await MemberRequest.all()] == [RequestKind.EXPORT]


async def test_other_roles_enter_none(as_staff: SignIn, noticed: Noticed) -> None:
    other = await as_staff(Role.LEGAL, Role.APPROVER, Role.ADMIN)
    assert (await other.get(at(noticed))).status_code == 403
    assert (await other.post(at(noticed), data=BY_LETTER | {"kind": "access", "step": "enter"})).status_code == 403
    assert not await MemberRequest.exists()
