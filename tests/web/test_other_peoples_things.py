"""Whatever an address names by a token, an id or a number: nobody but its owner is shown it, and nobody else moves it.

Every route is listed by what opens it (`tests/support/openings.py`), and tried in every wrong way.
"""

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette
from starlette.routing import Route

from portal.actions.actor import SYSTEM
from portal.actions.outcome import close_account
from portal.app import ROUTES
from portal.store.connections import transaction
from portal.store.members import Member
from portal.store.staff import Role, Scope
from tests.support.asking import site_with
from tests.support.clock import Clock
from tests.support.every_row import rows
from tests.support.noticed import Noticed
from tests.support.openings import (
    ABOUT_NOBODY,
    ALSO_ABOUT_NOBODY,
    CALLS,
    IN_ACCOUNT,
    LINKED,
    OPS,
    SESSIONS,
    TOKENS,
    odd,
    tried,
)
from tests.support.owned import OTHER, OUTSIDER, OWNER, Owned, owned_by
from tests.web.conftest import Open, SignIn


def test_every_route_is_listed() -> None:
    known = {*LINKED, *IN_ACCOUNT, *TOKENS, *SESSIONS, *CALLS, *OPS}
    routes = [route for route in ROUTES if isinstance(route, Route)]
    there = {(method, route.path) for route in routes for method in (route.methods or set()) - {"HEAD"}}
    assert known <= there
    rest = {path for _, path in there - known} - ALSO_ABOUT_NOBODY
    assert {path for path in rest if "member" in path or not path.startswith(ABOUT_NOBODY)} == set()


@pytest.fixture
async def owned(app: Starlette, noticed: Noticed) -> Owned:
    owned = await owned_by(noticed, app)
    await app.state.jobs.idle()
    return owned


# Links


def altered(token: str, signed: str) -> str:
    """What one says, under the signature of another."""
    return f"{token.partition('.')[0]}.{signed.partition('.')[2]}"


@pytest.mark.parametrize("how", ["forged", "truncated", "altered", "foreign", "of another kind", "empty"])
async def test_a_link_that_is_not_ours_opens_nothing(client: AsyncClient, owned: Owned, how: str) -> None:
    good = owned.tokens
    kinds = [*good.values()]
    made = {
        "forged": {start: token[:-1] + ("A" if token[-1] != "A" else "Q") for start, token in good.items()},
        "truncated": {start: token[:-5] for start, token in good.items()},
        "foreign": owned.foreign,
        "altered": {start: altered(token, owned.noticed.token(owned.noticed.other)) for start, token in good.items()},
        "of another kind": dict(zip(good, [*kinds[1:], kinds[0]], strict=True)),
        "empty": dict.fromkeys(good, "x"),
    }[how]
    for start, token in made.items():
        routes = [route for route in (*LINKED, *TOKENS) if route[1].startswith(f"{start}/")]
        assert odd(await tried(client, owned, routes, token=token), 404, 410) == {}
        assert routes


async def test_links_end_with_their_time(client: AsyncClient, owned: Owned, clock: Clock) -> None:
    clock.move(days=367)
    endless = ("/opt-out/", "/unsubscribe/")  # whoever was mailed one may stop what it names, however late
    routes = [route for route in (*LINKED, *TOKENS) if not route[1].startswith(endless)]
    assert odd(await tried(client, owned, routes), 404, 410, 303) == {}


async def test_revoked_links_open_nothing(client: AsyncClient, owned: Owned) -> None:
    async with transaction():
        await Member.filter(id=owned.owner.id).update(link_epoch=owned.owner.link_epoch + 1)
    others = ("/address/", "/sign-in/")  # these are for one thing, once, and end by themselves
    routes = [route for route in (*LINKED, *TOKENS) if not route[1].startswith(others)]
    assert odd(await tried(client, owned, routes), 404) == {}


async def test_links_of_a_closed_account_open_nothing(client: AsyncClient, owned: Owned) -> None:
    await close_account(owned.owner.id, by=SYSTEM, at=owned.app.state.clock())
    await owned.app.state.jobs.idle()
    # Who had an account may still sign in, to ask for access and a copy.
    routes = [route for route in (*LINKED, *TOKENS) if not route[1].startswith("/sign-in/")]
    assert odd(await tried(client, owned, routes), 404, 410, 303) == {}


async def test_another_members_link_does_not_lead_to_my_answers(client: AsyncClient, owned: Owned) -> None:
    token = owned.noticed.token(owned.noticed.other)
    mine = [route for route in LINKED if "{number}" in route[1]]
    assert odd(await tried(client, owned, mine, token=token), 404) == {}
    assert len(mine) == 12


async def test_a_used_sign_in_link_signs_nobody_in(client: AsyncClient, owned: Owned, open_client: Open) -> None:
    address = owned.address("/sign-in/{token}")
    assert (await client.post(address)).status_code == 303
    thief = await open_client()
    again = [route for route in TOKENS if route[1].startswith("/sign-in/")]
    assert odd(await tried(thief, owned, again), 410) == {}
    assert not thief.cookies


# Sessions


@pytest.mark.parametrize("how", ["none", "ended", "run out", "made up"])
async def test_without_a_session_there_is_no_account(
    client: AsyncClient, as_member: SignIn, owned: Owned, clock: Clock, how: str
) -> None:
    browser = client if how == "none" else await as_member(OWNER)
    if how == "ended":
        cookies = dict(browser.cookies)
        await browser.post("/sign-out")
        browser.cookies.update(cookies)
    elif how == "run out":
        clock.move(hours=13)
    elif how == "made up":
        browser.cookies.set("member", f"{owned.owner.id}.made-up", domain="127.0.0.1", path="/")
    answers = await tried(browser, owned, [*IN_ACCOUNT, *SESSIONS])
    assert odd(answers, 303) == {}
    assert {answer.headers["location"].split("?")[0] for answer in answers.values()} == {"/sign-in"}


@pytest.mark.parametrize("who", [OTHER, OUTSIDER])
async def test_in_another_account_my_things_are_not_found(as_member: SignIn, owned: Owned, who: str) -> None:
    browser = await as_member(who)
    named = [route for route in (*IN_ACCOUNT, *SESSIONS) if "{number}" in route[1]]
    unconcerned = IN_ACCOUNT if who == OUTSIDER else []
    assert odd(await tried(browser, owned, [*named, *unconcerned]), 404) == {}
    read = [route for route in SESSIONS if route[0] == "GET" and "{" not in route[1]]
    assert odd(await tried(browser, owned, read), 200, 404) == {}


async def test_another_sites_page_moves_nothing_in_my_name(as_member: SignIn, owned: Owned) -> None:
    browser = await as_member(OWNER)
    routes = [route for route in (*LINKED, *IN_ACCOUNT, *TOKENS, *SESSIONS) if route[0] == "POST"]
    # A single click may come from anywhere (RFC 8058): its address stops one thing.
    routes = [route for route in routes if not route[1].startswith("/unsubscribe/")]
    assert odd(await tried(browser, owned, routes, {"Sec-Fetch-Site": "cross-site"}), 403) == {}


async def test_forms_that_were_sent_once_do_nothing_more_when_sent_again(as_member: SignIn, owned: Owned) -> None:
    """Whoever kept a copy of what a browser sent: all of it once, by its owner, then all of it again."""
    browser = await as_member(OWNER)
    here = "/account/notices/{version_id:int}"
    ends = ["/objections/{number}/confirmation", "/answers/{number}/confirmation", "/objections/{number}/withdrawal"]
    ends += ["/sight", "/consents", "/opt-outs"]
    routes = [("POST", here + end) for end in ends] + [("POST", "/account/requests/{number}/withdrawal")]
    for _method, path in routes:
        assert (await browser.post(owned.address(path), data=owned.form(path))).status_code == 303
    await owned.app.state.jobs.idle()
    before = await rows()
    for _method, path in routes:
        assert (await browser.post(owned.address(path), data=owned.form(path))).status_code == 303
    await owned.app.state.jobs.idle()
    assert await rows() == before


# The company's systems, and staff


async def test_systems_without_the_right_token_are_told_nothing(
    client: AsyncClient, app: Starlette, owned: Owned
) -> None:
    wrong = await site_with(app, client, Scope.OPT_OUTS_LINKS)
    for headers, status in (
        ({}, 401),
        ({"Authorization": "Bearer made-up"}, 401),
        ({"Authorization": f"Bearer {wrong.token}"}, 403),
    ):
        routes = [route for route in CALLS if status == 401 or "list-unsubscribe" not in route[1]]
        assert odd(await tried(client, owned, routes, headers), status) == {}


async def test_nobody_and_no_member_sees_what_is_staffs(client: AsyncClient, as_member: SignIn, owned: Owned) -> None:
    for browser in (client, await as_member(OTHER)):
        await led_to_sign_in(browser, owned)


@pytest.mark.parametrize("how", ["ended", "run out"])
async def test_a_staff_session_that_is_over_opens_nothing(
    as_staff: SignIn, owned: Owned, clock: Clock, how: str
) -> None:
    browser = await as_staff(Role.OPS)
    cookies = dict(browser.cookies)
    if how == "ended":
        await browser.post("/sign-out")
        browser.cookies.update(cookies)
    else:
        clock.move(hours=13)
    await led_to_sign_in(browser, owned)


async def led_to_sign_in(browser: AsyncClient, owned: Owned) -> None:
    answers = await tried(browser, owned, OPS)
    assert odd(answers, 303) == {}
    assert {answer.headers["location"].split("?")[0] for answer in answers.values()} == {"/staff/sign-in"}


async def test_staff_who_are_not_ops_see_and_do_nothing_about_members(as_staff: SignIn, owned: Owned) -> None:
    browser = await as_staff(*(role for role in Role if role is not Role.OPS))
    assert odd(await tried(browser, owned, OPS), 403) == {}
