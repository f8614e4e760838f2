"""Ops looks at what was sent to one member: facts, and the message made once more and checked."""

import re
from dataclasses import replace
from typing import Any

import pytest
from httpx2 import AsyncClient
from jinja2 import ChoiceLoader, DictLoader
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.notice import record_bounce, record_seen
from portal.actions.rendered_again import Why, rendered_again
from portal.keys import Keys, KeysBefore
from portal.mail.catcher import Catcher, caught
from portal.mail.language import environment
from portal.store.connections import transaction
from portal.store.members import Address, Member, Profile
from portal.store.notices import Sending
from portal.store.staff import Role
from portal.web.ops.message_parts import message_parts
from tests.support.clock import Clock
from tests.support.noticed import Noticed, noticed_world, send_all
from tests.web.conftest import SignIn

REDACTED = "/n/…redacted…"


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


@pytest.fixture
async def sent(app: Starlette) -> Noticed:
    """Two members to whom the portal itself sent the notice."""
    noticed = await noticed_world(app, mailed=False)
    await send_all(noticed)
    return noticed


def here(noticed: Noticed, rest: str = "") -> str:
    return f"/staff/notices/{noticed.version.id}/members/{noticed.member.id}{rest}"


async def first(noticed: Noticed) -> Sending:
    return await Sending.get(member_id=noticed.member.id, number=1)


async def again(app: Starlette, noticed: Noticed, keys: Keys | None = None) -> tuple[bool, Why | None]:
    office = app.state.jobs.office
    found = await rendered_again(await first(noticed), keys or office.keys, office.sender)
    return found.same, found.why


async def test_a_sending_is_told_with_all_that_is_known(
    ops: AsyncClient, sent: Noticed, clock: Clock, app: Starlette
) -> None:
    sending = await first(sent)
    await record_bounce(sent.member.id, sent.version.id, by=SYSTEM, at=clock(), note="Mailbox gone")
    await record_seen(sent.member.id, sent.version.id, by=SYSTEM, at=clock())
    page = (await ops.get(here(sent))).text
    for words in (
        "Sending 1",
        "maria@example.org",
        "2 March 2026, 10:00 (Europe/Berlin)",
        sending.message_id.strip("<>"),
        sending.digest or "none",
        sending.reply,
        "Mailbox gone",
        "in the account",
    ):
        assert words in page, words


async def test_the_message_is_made_again_to_the_byte_and_links_are_redacted(
    ops: AsyncClient, sent: Noticed, app: Starlette, catcher: Catcher
) -> None:
    page = await ops.get(here(sent))
    assert "The same to the byte" in page.text
    assert '<pre class="mail-text" lang="en" dir="auto"' in page.text
    assert REDACTED in page.text
    assert sent.token() not in page.text
    frame = await ops.get(here(sent, "/sendings/1/html"))
    assert frame.status_code == 200
    assert REDACTED in frame.text
    assert not re.search(r"/(n|opt-out)/[A-Za-z0-9]", page.text + frame.text)
    assert "sandbox" in frame.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    office = app.state.jobs.office
    made = await rendered_again(await first(sent), office.keys, office.sender)
    wire = [path.read_bytes() for _, path in caught(catcher.folder)]
    assert made.content is not None
    assert any(content.endswith(made.content.partition(b"\r\n")[2]) for content in wire)


async def test_an_attempt_hours_after_the_first_is_the_one_that_is_made_again(
    app: Starlette, clock: Clock, catcher: Catcher
) -> None:
    noticed = await noticed_world(app, mailed=False)
    catcher.replies["maria@example.org"] = "451 4.3.0 Later"
    await send_all(noticed)
    del catcher.replies["maria@example.org"]
    clock.move(hours=5)
    await app.state.jobs.idle()
    assert ((await first(noticed)).attempts, (await first(noticed)).accepted_at) == (2, clock())
    assert await again(app, noticed) == (True, None)


async def test_a_new_key_changes_nothing_and_a_key_taken_away_is_told(app: Starlette, sent: Noticed) -> None:
    secrets = app.state.keys.secrets
    assert await again(app, sent, Keys((*secrets, "n" * 40))) == (True, None)
    assert await again(app, sent, Keys(("n" * 40,))) == (False, Why.OTHERWISE)


async def test_a_message_whose_links_an_earlier_build_signed_is_made_again_too(app: Starlette) -> None:
    keys, office = app.state.keys, app.state.jobs.office
    noticed = await noticed_world(app, mailed=False)
    office.keys = KeysBefore(keys.secrets)
    await send_all(noticed)
    assert await again(app, noticed, keys) == (True, None)
    assert await again(app, noticed, Keys((*keys.secrets, "n" * 40))) == (True, None)
    assert await again(app, noticed, Keys(("n" * 40,))) == (False, Why.OTHERWISE)


async def test_links_revoked_since_change_nothing(app: Starlette, sent: Noticed) -> None:
    async with transaction():
        await Member.filter(id=sent.member.id).update(link_epoch=2)
    assert await again(app, sent) == (True, None)


async def test_another_name_given_later_changes_nothing(app: Starlette, sent: Noticed, clock: Clock) -> None:
    later = clock.move(hours=1)
    given: dict[str, Any] = {"received_at": later, "recorded_at": later, "sequence": 10**6}
    async with transaction():
        await Profile.create(member_id=sent.member.id, name="Maria Neu", language="en", **given)
    assert await again(app, sent) == (True, None)


async def test_an_erased_name_is_told(ops: AsyncClient, app: Starlette, sent: Noticed) -> None:
    async with transaction():
        await Profile.filter(member_id=sent.member.id).update(name="")
    assert await again(app, sent) == (False, Why.NO_NAME)
    page = (await ops.get(here(sent))).text
    assert "Not the message that was sent" in page
    assert "name was erased" in page
    assert "The same to the byte" not in page


async def test_a_mail_of_earlier_templates_is_told_to_be_another_and_not_taken_for_a_wrong_one(
    ops: AsyncClient, app: Starlette, sent: Noticed
) -> None:
    words = environment("en")
    usual = words.loader
    assert usual is not None
    source = usual.get_source(words, "mail/base.html")[0]
    words.loader = ChoiceLoader([DictLoader({"mail/base.html": source.replace("6px solid", "8px solid")}), usual])
    try:
        assert await again(app, sent) == (False, Why.OTHERWISE)
        page = (await ops.get(here(sent))).text
        assert "What it was made from has changed since: a template," in page
        assert "The same to the byte" not in page
        async with transaction():
            await Profile.filter(member_id=sent.member.id).update(name="")
        page = (await ops.get(here(sent))).text
        assert "if not, a template, a title, a deadline, a setting or a key has changed since" in page
    finally:
        words.loader = usual


async def test_an_erased_address_leaves_the_facts_and_no_message(
    ops: AsyncClient, app: Starlette, sent: Noticed
) -> None:
    async with transaction():
        await Address.filter(member_id=sent.member.id).update(address="")
    assert await again(app, sent) == (False, Why.ADDRESS_ERASED)
    page = (await ops.get(here(sent))).text
    assert "The message cannot be shown" in page
    assert (await first(sent)).digest in page  # type: ignore[operator]
    assert "maria@example.org" not in page
    assert (await ops.get(here(sent, "/sendings/1/html"))).status_code == 404


async def test_another_sender_is_told(app: Starlette, sent: Noticed) -> None:
    office = app.state.jobs.office
    other = replace(office.sender, company="Another Company")
    found = await rendered_again(await first(sent), office.keys, other)
    assert (found.same, found.why) == (False, Why.OTHERWISE)
    assert found.digest != (await first(sent)).digest


async def test_without_a_digest_nothing_is_claimed(ops: AsyncClient, noticed: Noticed) -> None:
    page = (await ops.get(here(noticed))).text
    assert "No digest was kept of this sending" in page
    assert "The same to the byte" not in page


async def test_what_was_not_sent_has_no_message(ops: AsyncClient, app: Starlette) -> None:
    owed = await noticed_world(app, mailed=False)
    page = (await ops.get(here(owed))).text
    assert "Nothing was sent yet" in page
    assert (await ops.get(here(owed, "/sendings/1/html"))).status_code == 404


async def test_the_pages_of_the_member_and_of_the_campaign_lead_here(ops: AsyncClient, sent: Noticed) -> None:
    for address in (f"/staff/members/{sent.member.id}", f"/staff/notices/{sent.version.id}"):
        assert f'href="{here(sent)}"' in (await ops.get(address)).text


async def test_only_ops_sees_addresses_and_messages(
    ops: AsyncClient, as_staff: SignIn, client: AsyncClient, sent: Noticed
) -> None:
    legal = await as_staff(Role.LEGAL, Role.APPROVER, Role.ADMIN)
    for address in (here(sent), here(sent, "/sendings/1/html")):
        assert (await legal.get(address)).status_code == 403
        assert (await client.get(address)).status_code == 303
    for address in (
        f"/staff/notices/{sent.version.id}/members/999999",
        f"/staff/notices/999999/members/{sent.member.id}",
        here(sent, "/sendings/7/html"),
    ):
        assert (await ops.get(address)).status_code == 404


def test_every_kind_of_link_is_redacted_in_headers_and_bodies() -> None:
    content = (
        b"Subject: x\r\nList-Unsubscribe: <https://p.example/opt-out/abc.def-1?purpose=a>\r\n"
        b'Content-Type: text/html; charset="utf-8"\r\n\r\n'
        b'<a href="https://p.example/n/WzEs.abc_9">a</a> <a href="https://p.example/sign-in/t.k#x">b</a>'
    )
    parts = message_parts(content)
    assert ("List-Unsubscribe", "<https://p.example/opt-out/…redacted…?purpose=a>") in parts.headers
    assert parts.html.count("…redacted…") == 2
    assert "WzEs" not in parts.html
