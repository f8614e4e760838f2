"""Links that are not in order: one page for all, which offers a new link and says nothing about anybody."""

from datetime import date, timedelta

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import SYSTEM
from portal.actions.outcome import close_account
from portal.keys import Keys, Link
from portal.store.answers import Objection
from portal.store.connections import transaction
from portal.store.members import Member
from tests.support.clock import Clock
from tests.support.noticed import POSTED_2, Noticed
from tests.support.world import make_member
from tests.web.conftest import SignIn

PATHS = [
    "",
    "/objection",
    "/objections/ABC",
    "/objections/ABC/withdrawal",
    "/objections/ABC/amendment",
    "/objections/ABC/amendment/review",
    "/answers/ABC",
    "/deadline.ics",
]


async def bad_tokens(noticed: Noticed, clock: Clock) -> dict[str, str]:
    """Every way in which a link can be out of order, by its name."""
    good = noticed.token()
    foreign = Keys(("another portal's key",)).notice_link(
        Link(noticed.member.id, noticed.version.id, 1, date(2026, 3, 1))
    )
    newcomer = await make_member(noticed.policy, "m3", POSTED_2 + timedelta(hours=1), "zoe@example.org")
    closed = await make_member(noticed.policy, "m4", POSTED_2 - timedelta(hours=1), "kim@example.org")
    closed_token = noticed.token(closed)
    await close_account(closed.id, by=SYSTEM, at=clock())
    payload, signature = good.split(".")
    return {
        "expired": noticed.token(issued_on=clock().date() - timedelta(days=367)),
        "forged": f"{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}",
        "truncated": good[:-5],
        "empty": "x",
        "foreign": foreign,
        "of another kind": noticed.app.state.keys.opt_out_link(noticed.member.id, 1),
        "revoked": noticed.token(epoch=0),
        "of nobody": noticed.token(member_id=987654321),
        "of no version": noticed.token(version_id=987654321),
        "of a version that is none of theirs": noticed.token(newcomer),
        "of a closed account": closed_token,
    }


async def test_all_bad_links_get_the_very_same_page(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    pages = set()
    for name, token in (await bad_tokens(noticed, clock)).items():
        answer = await client.get(f"/n/{token}")
        assert answer.status_code == 404, name
        pages.add(answer.text)
    assert len(pages) == 1
    [page] = pages
    assert "This link does not work" in page
    assert 'action="/sign-in"' in page
    for secret in ("example.org", "m•••", "Privacy policy", "m1"):
        assert secret not in page


@pytest.mark.parametrize("path", PATHS)
async def test_pages_below_a_bad_link_say_no_more(
    client: AsyncClient, noticed: Noticed, clock: Clock, path: str
) -> None:
    usual = (await client.get("/n/x")).text
    for name, token in (await bad_tokens(noticed, clock)).items():
        answer = await client.get(f"/n/{token}{path}")
        assert (answer.status_code, answer.text) == (404, usual), name


async def test_forms_sent_to_bad_links_do_nothing(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    for name, token in (await bad_tokens(noticed, clock)).items():
        for path in (
            "/objections",
            "/opt-outs",
            "/consents",
            "/sight",
            "/objections/ABC/amendment",
            "/answers/ABC/confirmation",
            "/answers/ABC/removal",
        ):
            answer = await client.post(f"/n/{token}{path}", data={"purpose": "marketing", "answer": "yes"})
            assert answer.status_code == 404, name
    assert await Objection.all().count() == 0


async def test_raising_the_epoch_revokes_all_links_of_a_member(client: AsyncClient, noticed: Noticed) -> None:
    link, other = noticed.by_link(), noticed.by_link(noticed.other)
    async with transaction():
        await Member.filter(id=noticed.member.id).update(link_epoch=2)
    assert (await client.get(link)).status_code == 404
    assert (await client.get(other)).status_code == 200


async def test_link_lasts_a_year(client: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    link = noticed.by_link()
    clock.move(days=365)
    assert (await client.get(link)).status_code == 200
    clock.move(days=2)
    assert (await client.get(link)).status_code == 404


async def test_signing_in_helps_no_bad_link(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    assert (await browser.get(f"/n/{noticed.token(epoch=0)}")).status_code == 404


async def test_link_of_another_member_is_read_as_theirs_and_shows_no_account_of_mine(
    as_member: SignIn, noticed: Noticed
) -> None:
    browser = await as_member("m2")
    text = (await browser.get(noticed.by_link())).text
    assert "Sign out" not in text
    assert 'href="/account"' not in text.split("<main", 1)[1]
