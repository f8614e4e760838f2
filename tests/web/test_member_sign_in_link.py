"""The mailed sign-in link in other hands: forwarded, prefetched, opened in another browser; and where it leads."""

from email import message_from_bytes
from email.policy import SMTP

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.mail.catcher import Catcher, caught
from portal.store.access import MemberSession, OneTimeCode
from portal.store.members import Member
from portal.store.outbox import OutgoingMail
from tests.support.world import make_member, make_policy
from tests.web.conftest import Open

ELSEWHERE = "The link was asked for in another browser."


@pytest.fixture(autouse=True)
async def member(app: Starlette) -> Member:
    return await make_member(await make_policy(), "m1", app.state.clock(), "m1@example.org")


async def mailed(browser: AsyncClient, app: Starlette, onward: str = "") -> str:
    """Asks for a link and gives its address."""
    answer = await browser.post("/sign-in", data={"known_as": "m1", "next": onward})
    assert answer.status_code == 202
    code = await OneTimeCode.all().order_by("-id").first()
    assert code is not None
    return f"/sign-in/{app.state.keys.sign_in_link(code.member_id, code.id)}"


async def test_the_page_that_was_asked_for_comes_next(client: AsyncClient, app: Starlette) -> None:
    asked = await client.get("/account/details?lang=de")
    form = await client.get(asked.headers["location"])
    assert 'name="next" value="/account/details?lang=de"' in form.text
    address = await mailed(client, app, "/account/details?lang=de")
    assert ELSEWHERE not in (await client.get(address)).text
    assert (await client.post(address)).headers["location"] == "/account/details?lang=de"
    assert (await client.get("/sign-in?next=/account/details")).headers["location"] == "/account/details"
    assert "asked" not in client.cookies


@pytest.mark.parametrize("onward", ["//evil.example/", "https://evil.example/", "/\\evil.example", "", "/" + "ü" * 100])
async def test_no_address_of_another_site_comes_next(client: AsyncClient, app: Starlette, onward: str) -> None:
    assert (await client.post(await mailed(client, app, onward))).headers["location"] == "/account"


async def test_what_was_asked_for_stays_when_the_form_was_not_in_order(client: AsyncClient) -> None:
    answer = await client.post("/sign-in", data={"known_as": "", "next": "/account/details"})
    assert answer.status_code == 422
    assert 'name="next" value="/account/details"' in answer.text


async def test_another_browser_is_told_that_it_did_not_ask(
    client: AsyncClient, app: Starlette, open_client: Open
) -> None:
    address = await mailed(client, app, "/account/details")
    phone = await open_client()
    shown = await phone.get(address)
    assert shown.status_code == 200
    assert ELSEWHERE in shown.text
    assert "m1" not in shown.text.replace(address, "")  # whose signs are chance
    assert (await phone.post(address)).headers["location"] == "/account"


async def test_scanners_and_prefetching_browsers_use_nothing_up(
    client: AsyncClient, app: Starlette, open_client: Open
) -> None:
    address = await mailed(client, app)
    scanner = await open_client()
    for headers in ({}, {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}):
        for method in ("GET", "HEAD", "OPTIONS"):
            await scanner.request(method, address, headers=headers)
    assert await MemberSession.all().count() == 0
    assert await OneTimeCode.filter(used_at__isnull=True).count() == 1
    assert (await client.post(address)).status_code == 303


async def test_another_sites_form_cannot_press_the_button(client: AsyncClient, app: Starlette) -> None:
    address = await mailed(client, app)
    pressed = await client.post(address, headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
    assert pressed.status_code == 403
    assert await MemberSession.all().count() == 0


async def test_the_mail_says_to_keep_it(client: AsyncClient, app: Starlette, catcher: Catcher) -> None:
    address = await mailed(client, app)
    await app.state.jobs.idle()
    [(_, path)] = caught(catcher.folder)
    body = message_from_bytes(path.read_bytes(), policy=SMTP).get_body(("plain",))
    assert body is not None
    text = " ".join(body.get_content().split())
    assert address in text
    assert "Keep this mail to yourself: whoever opens the link first can sign in as you." in text


async def test_by_address_and_number_nobody_gets_more_than_ten_mails_an_hour(client: AsyncClient) -> None:
    for known_as in ("m1@example.org", " M1@Example.ORG ", "m1", "m1 "):
        for _ in range(7):
            assert (await client.post("/sign-in", data={"known_as": known_as})).status_code == 202
    assert await OutgoingMail.all().count() == 10
