"""A member gives another address: both confirm it, and nothing goes to the new one before that."""

import re
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.address import correct_address
from portal.actions.notice import record_refusal
from portal.actions.outcome import close_account
from portal.actions.returned import take_in
from portal.mail.catcher import Catcher, caught
from portal.mail.returned import Envelope, read
from portal.store.access import MemberSession
from portal.store.address_changes import AddressChange, AddressChangeEnd
from portal.store.connections import transaction
from portal.store.contacts import last_address
from portal.store.events import Event
from portal.store.members import Address
from portal.store.notices import Notice, NoticeState
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.requests import MemberRequest, RequestKind
from tests.support.came_back import OURS, dsn
from tests.support.clock import Clock
from tests.support.mailed import mailed_link, newest
from tests.support.noticed import Noticed, noticed_world
from tests.web.conftest import SignIn

LINK = re.compile(r"https?://[^\s\"<>]+")
OLD, NEW = "maria@example.org", "maria.ruiz@example.org"
YES, NO = {"answer": "yes"}, {"answer": "no"}


@pytest.fixture
async def member(as_member: SignIn, noticed: Noticed) -> AsyncClient:
    return await as_member("m1")


@dataclass
class Post:
    """The two mailboxes, and the browser of whoever reads there."""

    app: Starlette
    catcher: Catcher
    client: AsyncClient

    async def link(self, address: str) -> str:
        return await mailed_link(self.app, self.catcher, address, "/address/")

    async def links(self) -> list[str]:
        return [await self.link(NEW), await self.link(OLD)]

    async def say_yes(self, address: str) -> None:
        await self.client.post(await self.link(address), data=YES)


@pytest.fixture
def post(app: Starlette, catcher: Catcher, client: AsyncClient) -> Post:
    return Post(app, catcher, client)


async def ask(browser: AsyncClient, address: str = NEW) -> None:
    answer = await browser.post("/account/details/address", data={"address": address})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/details#pending")


async def on_file(noticed: Noticed) -> str:
    last = await last_address(noticed.member.id)
    return last.address if last else ""


async def test_both_addresses_are_asked_and_none_counts_before_both_have_said_yes(
    member: AsyncClient, post: Post, noticed: Noticed, clock: Clock
) -> None:
    await ask(member)
    to_new, to_old = await post.links()
    text = (await member.get("/account/details")).text
    assert "A change of address waits to be confirmed" in text
    assert await on_file(noticed) == OLD
    assert (
        f"Somebody with an account at Example Company asked that we write to {NEW}"
        in (await post.client.get(to_new)).text
    )
    clock.move(hours=1)
    assert (await post.client.post(to_new, data=YES)).headers["location"] == to_new
    assert "One step is left" in (await post.client.get(to_new)).text
    assert await on_file(noticed) == OLD
    shown = (await post.client.get(to_old)).text
    assert "m•••@example.org" in shown
    assert NEW not in shown
    confirmed_at = clock.move(hours=1)
    await post.client.post(to_old, data=YES)
    last = await last_address(noticed.member.id)
    assert last is not None
    assert (last.address, last.received_at) == (NEW, confirmed_at)
    assert f"From now on we write to {NEW}" in (await post.client.get(to_new)).text
    assert "waits to be confirmed" not in (await member.get("/account/details")).text


async def test_the_order_of_the_two_does_not_matter(member: AsyncClient, post: Post, noticed: Noticed) -> None:
    await ask(member)
    for address in (OLD, NEW):
        assert await on_file(noticed) == OLD
        await post.say_yes(address)
    assert await on_file(noticed) == NEW
    assert await Event.filter(action="address.given", member_id=noticed.member.id).count() == 1


async def test_opening_the_links_changes_nothing_and_confirming_twice_is_confirming_once(
    member: AsyncClient, post: Post, noticed: Noticed
) -> None:
    await ask(member)
    to_new, to_old = await post.links()
    for _ in range(2):
        assert (await post.client.get(to_new)).status_code == (await post.client.get(to_old)).status_code == 200
    change = await AddressChange.get(member_id=noticed.member.id)
    assert (change.new_confirmed_at, change.old_confirmed_at) == (None, None)
    for _ in range(2):
        await post.client.post(to_new, data=YES)
        await post.client.post(to_old, data=YES)
    assert await Address.filter(member_id=noticed.member.id).count() == 2


async def test_notices_and_links_go_to_the_old_address_until_both_have_confirmed(
    member: AsyncClient, post: Post, noticed: Noticed
) -> None:
    await ask(member)
    await post.say_yes(NEW)
    await post.client.post("/sign-in", data={"known_as": "m1"})
    assert "/sign-in/" in (await mailed_link(post.app, post.catcher, OLD, "/sign-in/"))
    await post.client.post("/sign-in", data={"known_as": NEW})
    await post.app.state.jobs.idle()
    to_new = [
        raw for _, path in caught(post.catcher.folder) if f"Delivered-To: {NEW}".encode() in (raw := path.read_bytes())
    ]
    assert len(to_new) == 1
    assert await on_file(noticed) == OLD


async def test_a_notice_that_was_refused_goes_to_the_new_address_once_it_counts(
    as_member: SignIn, post: Post, clock: Clock
) -> None:
    noticed = await noticed_world(post.app, mailed=False)
    await record_refusal(noticed.member.id, noticed.version.id, "5.1.1", by=SYSTEM, at=clock())
    await ask(await as_member("m1"))
    mine = {"member_id": noticed.member.id, "version_id": noticed.version.id}
    await post.say_yes(NEW)
    assert (await Notice.get(**mine)).state is NoticeState.REFUSED
    await post.say_yes(OLD)
    assert "/n/" in await mailed_link(post.app, post.catcher, NEW, "/n/")
    assert (await Notice.get(**mine)).state is NoticeState.ACCEPTED


async def test_the_mail_to_the_new_address_names_nobody(member: AsyncClient, post: Post) -> None:
    await ask(member)
    letter = await newest(post.app, post.catcher, NEW)
    html = BytesParser(policy=policy.default).parsebytes(letter.raw).get_body(("html",))
    assert html is not None
    for text in (letter.words, html.get_content(), letter.addressee):
        assert "M1" not in LINK.sub("", text)  # whose signs are chance
        assert OLD not in text


async def test_somebody_at_the_old_address_says_that_it_was_not_them(
    member: AsyncClient, post: Post, noticed: Noticed
) -> None:
    await ask(member)
    to_new, to_old = await post.links()
    await post.client.post(to_old, data=NO)
    assert "Nothing is changed" in (await post.client.get(to_old)).text
    assert (await post.client.get(to_new)).status_code == 410
    await post.client.post(to_new, data=YES)
    assert await on_file(noticed) == OLD
    assert not await MemberSession.exists(member_id=noticed.member.id, ended_at__isnull=True)
    assert (await member.get("/account/details")).headers["location"].startswith("/sign-in")
    assert (await AddressChange.get(member_id=noticed.member.id)).ended_as is AddressChangeEnd.DISOWNED


async def test_the_new_address_cannot_speak_for_the_old_one(member: AsyncClient, post: Post, noticed: Noticed) -> None:
    await ask(member)
    to_new = await post.link(NEW)
    await post.client.post(to_new, data=NO)
    await post.client.post(to_new, data={})
    assert (await AddressChange.get(member_id=noticed.member.id)).ended_at is None
    for _ in range(2):
        await post.client.post(to_new, data=YES)
    assert await on_file(noticed) == OLD


async def test_it_is_taken_back_and_its_links_are_dead(member: AsyncClient, post: Post, noticed: Noticed) -> None:
    await ask(member)
    links = await post.links()
    for _ in range(2):
        assert (await member.post("/account/details/address/cancellation")).status_code == 303
    for link in links:
        await post.client.post(link, data=YES)
        assert (await post.client.get(link)).status_code == 410
    assert await on_file(noticed) == OLD


async def test_it_runs_out_after_a_week(
    member: AsyncClient, post: Post, as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    await ask(member)
    links = await post.links()
    clock.move(days=6, hours=23, minutes=59, seconds=59)
    assert (await post.client.get(links[0])).status_code == 200
    clock.move(seconds=1)
    for link in links:
        await post.client.post(link, data=YES)
        assert (await post.client.get(link)).status_code == 410
    assert await on_file(noticed) == OLD
    again = await as_member("m1")
    assert "waits to be confirmed" not in (await again.get("/account/details")).text
    await ask(again)
    assert await AddressChange.filter(member_id=noticed.member.id).count() == 2


async def test_asking_for_another_one_replaces_the_first_and_for_the_same_one_changes_nothing(
    member: AsyncClient, post: Post, noticed: Noticed
) -> None:
    await ask(member)
    first = await post.link(NEW)
    await ask(member)
    assert await OutgoingMail.filter(kind=MailKind.NEW_ADDRESS).count() == 1
    await ask(member, "other@example.org")
    await post.client.post(first, data=YES)
    for address in ("other@example.org", OLD):
        await post.say_yes(address)
    assert await on_file(noticed) == "other@example.org"


async def test_the_address_on_file_is_no_change(member: AsyncClient) -> None:
    answer = await member.post("/account/details/address", data={"address": f" {OLD} "})
    assert answer.status_code == 303
    assert not await AddressChange.exists()
    assert "We write to this address already." in (await member.get("/account/details")).text


async def test_what_ops_corrected_meanwhile_wins(
    member: AsyncClient, post: Post, noticed: Noticed, clock: Clock
) -> None:
    await ask(member)
    links = await post.links()
    await correct_address(noticed.member.id, "by.letter@example.org", by=SYSTEM, at=clock())
    for link in links:
        await post.client.post(link, data=YES)
    assert await on_file(noticed) == "by.letter@example.org"


async def test_links_that_are_forged_of_another_member_or_of_another_kind_lead_nowhere(
    member: AsyncClient, post: Post, noticed: Noticed
) -> None:
    await ask(member)
    change, keys = await AddressChange.get(member_id=noticed.member.id), post.app.state.keys
    wrong = [
        keys.address_link(noticed.other.id, change.id, new=True),
        keys.address_link(noticed.member.id, change.id + 1, new=True),
        keys.opt_out_link(noticed.member.id, change.id),
        keys.address_link(noticed.member.id, change.id, new=True)[:-2],
        "forged",
    ]
    for token in wrong:
        for answer in (
            await post.client.get(f"/address/{token}"),
            await post.client.post(f"/address/{token}", data=YES),
        ):
            assert answer.status_code == 404
    assert (await AddressChange.get(id=change.id)).new_confirmed_at is None


async def test_a_member_without_an_address_confirms_the_new_one_alone(
    member: AsyncClient, post: Post, noticed: Noticed
) -> None:
    async with transaction():
        await Address.filter(member_id=noticed.member.id).update(address="")
    await ask(member)
    assert not await OutgoingMail.exists(kind=MailKind.OLD_ADDRESS)
    await post.say_yes(NEW)
    assert await on_file(noticed) == NEW


async def test_who_cannot_read_at_the_old_address_asks_ops_after_confirming_the_new_one(
    member: AsyncClient, post: Post, noticed: Noticed
) -> None:
    await ask(member)
    refused = await member.post("/account/details/address/request")
    assert refused.status_code == 422
    assert "Confirm the new address first" in refused.text
    await post.say_yes(NEW)
    assert "I cannot read mail at the present address" in (await member.get("/account/details")).text
    asked = [await member.post("/account/details/address/request") for _ in range(2)]
    request = await MemberRequest.get(member_id=noticed.member.id)
    assert {answer.headers["location"] for answer in asked} == {f"/account/requests/{request.number}"}
    assert request.kind is RequestKind.ADDRESS
    assert "Our staff stand in for it." in (await member.get("/account/details")).text
    assert await on_file(noticed) == OLD


async def test_ops_are_asked_by_themselves_where_the_old_address_refuses_the_mail(
    member: AsyncClient, post: Post, noticed: Noticed
) -> None:
    post.catcher.replies[OLD] = "550 5.1.1 No such user"
    await ask(member)
    await post.say_yes(NEW)
    request = await MemberRequest.get(member_id=noticed.member.id)
    event = await Event.get(action="request.received")
    assert (request.kind, event.actor) == (RequestKind.ADDRESS, "system")
    assert await on_file(noticed) == OLD


async def test_ops_are_asked_by_themselves_where_the_mail_comes_back_later(
    member: AsyncClient, post: Post, noticed: Noticed, clock: Clock
) -> None:
    await ask(member)
    await post.say_yes(NEW)
    assert not await MemberRequest.exists()
    mail = await OutgoingMail.get(kind=MailKind.OLD_ADDRESS)
    token = mail.message_id.strip("<>").partition("@")[0]
    path = f"bounces+m{mail.id}-{token[:12]}@example.com"
    raw = dsn(headers="Subject: Hello\n", to=path)
    await take_in(read(raw, Envelope(recipients=(path,)), OURS), at=clock.move(hours=2))
    assert (await MemberRequest.get(member_id=noticed.member.id)).kind is RequestKind.ADDRESS


async def test_asking_too_often_is_refused_with_what_was_typed(member: AsyncClient) -> None:
    for number in range(5):
        await ask(member, f"new{number}@example.org")
    answer = await member.post("/account/details/address", data={"address": "new6@example.org"})
    assert answer.status_code == 429
    assert 'value="new6@example.org"' in answer.text
    assert await OutgoingMail.filter(kind=MailKind.NEW_ADDRESS).count() == 5


async def test_a_closed_account_changes_no_address(
    member: AsyncClient, post: Post, noticed: Noticed, clock: Clock
) -> None:
    await ask(member)
    links = await post.links()
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    for link in links:
        await post.client.post(link, data=YES)
        assert (await post.client.get(link)).status_code == 410
    assert await on_file(noticed) == OLD


async def test_another_member_sees_and_cancels_nothing(
    member: AsyncClient, as_member: SignIn, noticed: Noticed
) -> None:
    await ask(member)
    other = await as_member("m2")
    assert NEW not in (await other.get("/account/details")).text
    await other.post("/account/details/address/cancellation")
    assert (await other.post("/account/details/address/request")).status_code == 422
    assert (await AddressChange.get(member_id=noticed.member.id)).ended_at is None
