"""A member asks for closing, for a copy, for access: each gets a receipt and a day by which it is answered."""

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM, Actor
from portal.actions.outcome import close_account
from portal.actions.request import answer_request, extend_request, refuse_request
from portal.mail.catcher import Catcher
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.outcomes import Closure
from portal.store.requests import MemberRequest, RequestEnd, RequestKind
from tests.support.clock import Clock
from tests.support.mailed import newest
from tests.support.noticed import Noticed
from tests.web.conftest import SignIn

HERE = "/account/requests"
OPS = Actor("staff", 1)
KINDS = ("access", "export", "closing")


@pytest.fixture
async def member(as_member: SignIn, noticed: Noticed) -> AsyncClient:
    return await as_member("m1")


async def asked(browser: AsyncClient, kind: str) -> MemberRequest:
    answer = await browser.post(HERE, data={"kind": kind})
    assert answer.status_code == 303
    return await MemberRequest.get(number=answer.headers["location"].rpartition("/")[2])


@pytest.mark.parametrize("kind", KINDS)
async def test_a_request_gets_a_receipt_with_its_due_day_on_the_page_and_by_mail(
    member: AsyncClient, app: Starlette, catcher: Catcher, clock: Clock, kind: str
) -> None:
    page = (await member.get(f"{HERE}/new?kind={kind}")).text
    assert "Wednesday, 1 April 2026" in page
    assert "GDPR, article 12(3)" in page
    request = await asked(member, kind)
    assert (request.received_at, request.kind, request.way) == (clock.now, kind, "account")
    assert request.due_at.isoformat() == "2026-04-01T22:00:00+00:00"  # the first instant of 2 April in Berlin
    receipt = (await member.get(f"{HERE}/{request.number}")).text
    for words in (request.number, "2 March 2026, 10:00", "2 April 2026, 00:00", "We have received your request"):
        assert words in receipt, words
    letter = await newest(app, catcher, "maria@example.org")
    for words in (request.number, "2 April 2026, 00:00", f"{HERE}/{request.number}"):
        assert words in letter.words, words


@pytest.mark.parametrize("kind", KINDS)
async def test_asking_twice_is_asking_once(member: AsyncClient, kind: str) -> None:
    first, second = await asked(member, kind), await asked(member, kind)
    assert first.number == second.number
    assert await MemberRequest.all().count() == 1
    assert await OutgoingMail.filter(kind=MailKind.REQUEST).count() == 1
    assert (await member.get(f"{HERE}/new?kind={kind}")).headers["location"] == f"{HERE}/{first.number}"


async def test_closing_is_told_with_what_follows_and_closes_nothing_by_itself(
    member: AsyncClient, noticed: Noticed
) -> None:
    page = (await member.get(f"{HERE}/new?kind=closing")).text
    for words in ("Your account will be closed for good", "Privacy", "Opt out instead", "Keep my account"):
        assert words in page, words
    request = await asked(member, "closing")
    assert "Your account stays open." in (await member.get(f"{HERE}/{request.number}")).text
    assert not await Closure.exists()
    assert (await member.get("/account")).status_code == 200


async def test_it_is_taken_back_and_can_be_asked_again(member: AsyncClient) -> None:
    request = await asked(member, "closing")
    for _ in range(2):
        answer = await member.post(f"{HERE}/{request.number}/withdrawal")
        assert answer.headers["location"] == f"{HERE}/{request.number}"
    assert "You took this request back" in (await member.get(f"{HERE}/{request.number}")).text
    assert (await MemberRequest.get(id=request.id)).ended_as is RequestEnd.WITHDRAWN
    assert (await asked(member, "closing")).number != request.number


async def test_the_member_reads_what_became_of_it_and_when_but_no_name_of_staff(
    as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    request = await asked(await as_member("m1"), "access")
    await extend_request(request.id, "Your letters are in an archive.", by=OPS, at=clock.move(days=20))
    page = (await (await as_member("m1")).get(f"{HERE}/{request.number}")).text
    for words in ("Your letters are in an archive.", "Put off", "by our staff", "3 June 2026, 00:00"):
        assert words in page, words
    await answer_request(request.id, "Sent by post on 25 March.", by=OPS, at=clock.move(days=3))
    page = (await (await as_member("m1")).get(f"{HERE}/{request.number}")).text
    for words in ("Your request is answered", "Sent by post on 25 March.", "25 March 2026, 10:00"):
        assert words in page, words


async def test_a_refusal_names_its_reason_and_where_to_complain(
    as_member: SignIn, noticed: Noticed, app: Starlette, catcher: Catcher, clock: Clock
) -> None:
    browser = await as_member("m1")
    request = await asked(browser, "export")
    await refuse_request(request.id, "You had the same copy last week.", by=OPS, at=clock.move(hours=2))
    app.state.jobs.wake()
    letter = await newest(app, catcher, "maria@example.org")
    page = (await browser.get(f"{HERE}/{request.number}")).text
    for words in ("You had the same copy last week.", "complain to a data protection authority"):
        assert words in page, words
        assert words in " ".join(letter.words.split()), words


async def test_one_that_is_late_says_so(as_member: SignIn, noticed: Noticed, clock: Clock) -> None:
    request = await asked(await as_member("m1"), "access")
    clock.now = request.due_at
    page = (await (await as_member("m1")).get(f"{HERE}/{request.number}")).text
    assert "We are late." in page


async def test_a_closed_account_asks_for_access_but_not_for_closing(
    member: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    assert "Close my account" not in (await member.get(HERE)).text
    for answer in (await member.get(f"{HERE}/new?kind=closing"), await member.post(HERE, data={"kind": "closing"})):
        assert answer.status_code == 410
    assert (await asked(member, "access")).kind is RequestKind.ACCESS


@pytest.mark.parametrize("kind", ["", "address", "everything"])
async def test_nothing_else_can_be_asked_for(member: AsyncClient, kind: str) -> None:
    assert (await member.get(f"{HERE}/new?kind={kind}")).status_code == 404
    assert (await member.post(HERE, data={"kind": kind})).status_code == 404
    assert not await MemberRequest.exists()


async def test_another_member_and_nobody_see_and_take_back_nothing(
    member: AsyncClient, as_member: SignIn, client: AsyncClient
) -> None:
    request = await asked(member, "access")
    here = f"{HERE}/{request.number}"
    other = await as_member("m2")
    assert request.number not in (await other.get(HERE)).text
    assert (await other.get(here)).status_code == (await other.post(f"{here}/withdrawal")).status_code == 404
    for answer in (
        await client.get(here),
        await client.get(HERE),
        await client.post(HERE, data={"kind": "access"}),
        await client.post(f"{here}/withdrawal"),
    ):
        assert answer.headers["location"].startswith("/sign-in")
    assert (await MemberRequest.get(id=request.id)).open
