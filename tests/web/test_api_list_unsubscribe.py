"""`GET /api/v1/members/{id}/list-unsubscribe`: the headers of the company's own mails."""

import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from httpx2 import ASGITransport, AsyncClient

from portal.actions.actor import SYSTEM, Actor
from portal.actions.consent import opt_out
from portal.actions.outcome import close_account
from portal.actions.token import make_token
from portal.app import create_app
from portal.settings import Settings
from portal.store.answers import OptOut, Way
from portal.store.events import Event
from portal.store.staff import ApiToken, Role, Scope, Staff
from tests.support.clock import Clock
from tests.support.noticed import Noticed
from tests.web.conftest import SignIn

HTTPS = "https://privacy.example.com"
ADDRESS = "/api/v1/members/m1/list-unsubscribe"
MARKETING = {"purpose": "marketing"}


@pytest.fixture
async def token(as_staff: SignIn, clock: Clock) -> str:
    await as_staff(Role.ADMIN)
    admin = await Staff.get(email="admin@example.com")
    return (await make_token("mailings", [Scope.OPT_OUTS_LINKS], by=Actor("staff", admin.id), at=clock()))[1]


@pytest.fixture
async def system(noticed: Noticed, settings: Settings, clock: Clock, token: str) -> AsyncIterator[AsyncClient]:
    """The company's mailing system, at a portal that has an https address."""
    over_tls = create_app(settings.model_copy(update={"base_url": HTTPS, "unsubscribe_mail": ""}), clock)
    over_tls.state.jobs = noticed.app.state.jobs
    headers = {"Authorization": f"Bearer {token}"}
    async with AsyncClient(transport=ASGITransport(over_tls), base_url=HTTPS, headers=headers) as client:
        yield client


def link(told: dict[str, dict[str, str]]) -> str:
    """The address in angle brackets (RFC 2369, section 3.1)."""
    found = re.match(r"<(https://[^>]+)>", told["headers"]["List-Unsubscribe"])
    assert found
    return found[1]


async def test_the_headers_stop_the_purpose_with_one_post(system: AsyncClient, noticed: Noticed) -> None:
    answer = await system.get(ADDRESS, params=MARKETING)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert set(told) == {"member", "purpose", "opted_out", "headers"}
    assert (told["member"], told["purpose"], told["opted_out"]) == ("m1", "marketing", False)
    assert told["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(rf"<{HTTPS}/unsubscribe/[\w.-]+>", told["headers"]["List-Unsubscribe"])
    body = told["headers"]["List-Unsubscribe-Post"]
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    del system.headers["Authorization"]
    assert (await system.post(link(told), content=body, headers=kind)).status_code == 200
    assert [(row.member_id, row.purpose) for row in await OptOut.all()] == [(noticed.member.id, "marketing")]


async def test_they_fit_into_a_mail(system: AsyncClient) -> None:
    told = (await system.get(ADDRESS, params=MARKETING)).json()
    mail = EmailMessage(policy=SMTP)
    for name, value in told["headers"].items():
        mail[name] = value
    lines = mail.as_bytes().split(b"\r\n")
    assert max(len(line) for line in lines) < 998  # RFC 5322, section 2.1.1
    assert len(link(told)) < 120


async def test_who_has_opted_out_is_told_so_and_gets_the_same_link(
    system: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    before = (await system.get(ADDRESS, params=MARKETING)).json()
    await opt_out(noticed.member.id, "marketing", way=Way.LETTER, by=SYSTEM, at=clock())
    after = (await system.get(ADDRESS, params=MARKETING)).json()
    assert after == before | {"opted_out": True}


async def test_asking_changes_nothing(system: AsyncClient, noticed: Noticed) -> None:
    await noticed.app.state.jobs.idle()
    before = await Event.all().count()
    await system.get(ADDRESS, params=MARKETING)
    assert (await OptOut.all().count(), await Event.all().count()) == (0, before)


async def test_a_mail_address_is_added_where_the_company_has_one(
    system: AsyncClient, settings: Settings, clock: Clock
) -> None:
    more = settings.model_copy(update={"base_url": HTTPS, "unsubscribe_mail": "stop+us@example.com"})
    transport = ASGITransport(create_app(more, clock))
    async with AsyncClient(transport=transport, base_url=HTTPS, headers=system.headers) as client:
        told = (await client.get(ADDRESS, params=MARKETING)).json()
    expected = "<mailto:stop%2Bus@example.com?subject=unsubscribe%20marketing>"
    assert told["headers"]["List-Unsubscribe"] == f"<{link(told)}>, {expected}"


@pytest.mark.parametrize(
    ("address", "status", "problem"),
    [
        ("/api/v1/members/nobody/list-unsubscribe?purpose=marketing", 404, "unknown_member"),
        (f"{ADDRESS}?purpose=nosuch", 404, "unknown_purpose"),
        (f"{ADDRESS}?purpose=service", 409, "not_stoppable"),
        (ADDRESS, 422, "bad_parameters"),
        (f"{ADDRESS}?purpose=", 422, "bad_parameters"),
        (f"{ADDRESS}?purpose=marketing&mail=1", 422, "bad_parameters"),
    ],
)
async def test_what_it_cannot_answer_is_a_problem(system: AsyncClient, address: str, status: int, problem: str) -> None:
    answer = await system.get(address)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{problem}")


async def test_a_closed_account_has_none(system: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    answer = await system.get(ADDRESS, params=MARKETING)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/account_closed")


@pytest.mark.usefixtures("noticed")
async def test_without_https_there_is_nothing_to_click(client: AsyncClient, token: str) -> None:
    answer = await client.get(ADDRESS, params=MARKETING, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not_encrypted")


async def test_it_needs_a_token_made_for_it(system: AsyncClient, clock: Clock) -> None:
    other = [scope for scope in Scope if scope is not Scope.OPT_OUTS_LINKS]
    admin = await Staff.get(email="admin@example.com")
    _, wrong = await make_token("other", other, by=Actor("staff", admin.id), at=clock())
    answer = await system.get(ADDRESS, params=MARKETING, headers={"Authorization": f"Bearer {wrong}"})
    assert (answer.status_code, answer.json()["scope"]) == (403, "opt_outs:links")
    answer = await system.get(ADDRESS, params=MARKETING, headers={"Authorization": ""})
    assert answer.status_code == 401


async def test_an_admin_ticks_the_scope(as_staff: SignIn) -> None:
    admin = await as_staff(Role.ADMIN)
    page = await admin.get("/staff/tokens")
    assert 'value="opt_outs:links"' in page.text
    made = await admin.post("/staff/tokens", data={"name": "mailings", "scopes": ["opt_outs:links"]})
    assert made.status_code == 201
    assert (await ApiToken.get()).scopes == "opt_outs:links"
