"""A campaign from queued rows to a relay and back, through everything that a relay may do."""

import asyncio
import re

import pytest
from structlog.testing import capture_logs
from tortoise import connections

from portal.actions.actor import SYSTEM
from portal.actions.address import correct_address
from portal.actions.hold import hold_campaign, resume_campaign, retry_failed
from portal.jobs import running
from portal.settings import Settings
from portal.store.connections import transaction
from portal.store.contacts import address_digest
from portal.store.holds import CampaignHold
from portal.store.members import Address, Member
from portal.store.notices import Notice, NoticeState, Refusal, Sending, SendingState
from tests.jobs.conftest import KEYS, states
from tests.support.clock import Clock
from tests.support.relay import HANG_UP, ScriptedRelay
from tests.support.senders import senders
from tests.support.world import DAY

ACCEPTED = NoticeState.ACCEPTED


async def send(settings: Settings, clock: Clock) -> None:
    async with running(settings, KEYS, clock) as jobs:
        await jobs.idle()


async def test_every_member_gets_one_mail_with_an_own_link_and_an_open_window(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    await send(settings, clock)
    assert sorted(one.recipient for one in relay.received) == mailed
    assert await states() == [ACCEPTED] * 5
    links = set()
    for one in relay.received:
        part = one.message.get_body(("plain",))
        assert part is not None
        found = re.search(r"http://127\.0\.0\.1:8000/n/(\S+)", part.get_content())
        assert found is not None
        link = KEYS.read_notice_link(found[1])
        assert link is not None
        links.add(link.member_id)
    assert len(links) == 5
    for notice in await Notice.all():
        assert notice.opens_at == clock.now
        assert notice.closes_at is not None


async def test_a_mail_carries_what_its_row_says(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    await send(settings, clock)
    for one in relay.received:
        sending = await Sending.get(message_id=one.message["Message-ID"]).prefetch_related("address")
        assert sending.address.address == one.recipient
        assert re.fullmatch(rf"bounces\+s{sending.id}-[0-9a-f]{{12}}@ternwick\.example", one.sender)
        assert one.message["X-Notice-Id"] in sending.message_id
    names = [one.message["Message-ID"] for one in relay.received]
    assert len(set(names)) == 5
    assert all(len(name.partition("@")[0]) > 30 for name in names)


async def test_two_servers_on_one_database_send_each_mail_once(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    async with running(settings, KEYS, clock) as one, running(settings, KEYS, clock) as other:
        await asyncio.gather(one.idle(), other.idle())
    assert sorted(received.recipient for received in relay.received) == mailed


async def test_each_answer_leaves_its_state(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.script |= {
        ("RCPT", "m0@"): "550 5.1.1 <m0@example.org> unknown",
        ("RCPT", "m1@"): "450 4.2.1 later",
        ("DOT", "m2@"): "554 5.7.1 spam",
        ("DOT", "m3@"): HANG_UP,
    }
    await send(settings, clock)
    assert await states() == [
        NoticeState.REFUSED, NoticeState.DEFERRED, NoticeState.FAILED, NoticeState.UNKNOWN, ACCEPTED,
    ]  # fmt: skip
    assert [refusal.code for refusal in await Refusal.all()] == ["5.1.1"]
    assert not any("m0@example.org" in sending.reply for sending in await Sending.all())


async def test_what_was_deferred_or_unknown_is_sent_later_under_the_same_message_id(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.script |= {("RCPT", "m1@"): ["421 4.3.2 busy"], ("DOT", "m3@"): [HANG_UP]}
    await send(settings, clock)
    before = {row.member_id: row.message_id for row in await Sending.all()}
    clock.move(hours=1)
    await send(settings, clock)
    assert await states() == [ACCEPTED] * 5
    assert {row.member_id: row.message_id for row in await Sending.all()} == before
    twice = [one.message["Message-ID"] for one in relay.to("m3@example.org")]
    assert len(twice) == 2
    assert len(set(twice)) == 1
    assert (await Sending.get(message_id=twice[0])).accepted_at == clock.now


async def test_a_connection_that_breaks_before_the_message_is_tried_again_at_once(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.script[("RCPT", "m2@")] = [HANG_UP]
    await send(settings, clock)
    assert await states() == [ACCEPTED] * 5
    assert len(relay.received) == 5


async def test_a_relay_that_is_away_breaks_nothing_and_charges_nobody(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.script[("CONNECT", "")] = "554 closed for today"
    async with running(settings, KEYS, clock) as jobs:
        await jobs.idle()
        assert "closed for today" in jobs.trouble
        assert await states() == [NoticeState.QUEUED] * 5
        assert await Sending.all().count() == 0
        del relay.script[("CONNECT", "")]
        await jobs.idle()
        assert jobs.trouble == ""
    assert await states() == [ACCEPTED] * 5


async def test_a_relay_that_refuses_one_message_after_the_other_is_left_alone(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.jobs.office.MOST_FAILURES", 3)
    relay.script[("DOT", "")] = "554 5.7.1 blocked"
    async with running(settings, KEYS, clock) as jobs:
        await jobs.idle()
        assert "blocked" in jobs.trouble
        found = await states()
        assert found.count(NoticeState.FAILED) == 3
        assert found.count(NoticeState.QUEUED) == 2
        hold = await CampaignHold.get()
        assert (hold.held_by, hold.lifted_at) == ("system", None)
        assert "blocked" in hold.reason
        relay.script.clear()
        await jobs.idle()  # what is held waits for a person, whatever the relay would say now
        assert await states() == found
        await resume_campaign(hold.version_id, by=SYSTEM, at=clock.now)
        await retry_failed(hold.version_id, [NoticeState.FAILED], by=SYSTEM, at=clock.now)
        await jobs.idle()
    assert await states() == [ACCEPTED] * 5


async def test_a_campaign_that_is_held_begins_none_of_the_messages_that_were_claimed(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.hold = True
    async with running(settings, KEYS, clock) as jobs:
        jobs.wake()
        await relay.arrived.wait()
        version_id = (await Notice.all().first()).version_id  # type: ignore[union-attr]
        await hold_campaign(version_id, by=SYSTEM, reason="A wrong summary.", at=clock.now)
        relay.answer.set()
        await jobs.idle()
        found = await states()
        assert found.count(ACCEPTED) == 1  # the one whose text the relay had
        assert found.count(NoticeState.QUEUED) == 4
        assert await Notice.filter(owner__not_isnull=True).count() == 0
        relay.hold = False
        await resume_campaign(version_id, by=SYSTEM, at=clock.now)
        await jobs.idle()
    assert await states() == [ACCEPTED] * 5


@pytest.mark.database("sqlite")
async def test_a_message_that_cannot_be_recorded_is_not_sent_and_keeps_no_other_back(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    broken = await Member.all().order_by("id").offset(1).first()
    assert broken is not None
    writer = connections.get("default")
    await writer.execute_query(
        f"CREATE TRIGGER no_row BEFORE INSERT ON sending WHEN NEW.member_id = {broken.id}"
        " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    )
    await send(settings, clock)
    assert await states() == [ACCEPTED, NoticeState.QUEUED, ACCEPTED, ACCEPTED, ACCEPTED]
    assert sorted(one.recipient for one in relay.received) == [mailed[0], *mailed[2:]]
    assert all(one.message["Subject"] for one in relay.received)  # nothing was taken for a message that was none
    assert await Notice.filter(owner__not_isnull=True).count() == 0
    await writer.execute_query("DROP TRIGGER no_row")
    await send(settings, clock)
    assert await states() == [ACCEPTED] * 5


async def test_members_without_a_usable_address_are_refused_without_a_word_to_the_relay(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    members = await Member.all().order_by("id")
    for member, address in zip(members, ("", "märia@example.org", "maria@bücher.example"), strict=False):
        async with transaction():
            await Address.create(
                member_id=member.id,
                address=address,
                digest=address_digest(address),
                received_at=clock.now,
                recorded_at=clock.now,
                sequence=1,
            )
    await send(settings, clock)
    assert await states() == [NoticeState.REFUSED, NoticeState.REFUSED, ACCEPTED, ACCEPTED, ACCEPTED]
    assert sorted(refusal.code for refusal in await Refusal.all()) == ["5.6.7", "no_address"]
    assert relay.received[0].recipient == "maria@xn--bcher-kva.example"


async def test_a_corrected_address_is_mailed(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.script[("RCPT", "m0@")] = "550 5.1.1 unknown"
    async with running(settings, KEYS, clock) as jobs:
        await jobs.idle()
        member = await Member.all().order_by("id").first()
        assert member is not None
        await correct_address(member.id, "new@example.net", by=SYSTEM, at=clock.move(days=1))
        await jobs.idle()
    assert await states() == [ACCEPTED] * 5
    assert len(relay.to("new@example.net")) == 1


async def test_a_server_killed_between_the_final_dot_and_the_answer_leaves_one_unknown_that_is_sent_again(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.hold = True
    async with senders() as made:
        server = await made.start(settings, relay.port, settings.smtp_connections, clock.now)
        await relay.arrived.wait()
        server.kill()
        await server.wait()
    found = await states()
    assert [found.count(state) for state in (NoticeState.SENDING, NoticeState.QUEUED)] == [1, 4]
    relay.hold = False
    relay.answer.set()
    clock.move(hours=1)
    await send(settings, clock)
    assert await states() == [ACCEPTED] * 5
    first = relay.received[0]
    assert [one.message["Message-ID"] for one in relay.to(first.recipient)] == [first.message["Message-ID"]] * 2
    assert len(relay.received) == 6


async def test_a_graceful_stop_finishes_the_message_on_the_wire_and_begins_no_other(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.hold = True
    async with running(settings, KEYS, clock) as jobs:
        jobs.wake()
        await relay.arrived.wait()
        asyncio.get_running_loop().call_later(0.3, relay.answer.set)
    found = await states()
    assert found.count(ACCEPTED) == 1
    assert found.count(NoticeState.QUEUED) == 4
    assert await Notice.filter(owner__not_isnull=True).count() == 0


async def test_logs_hold_no_address(mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay) -> None:
    relay.script[("MAIL", "")] = "530 5.7.0 login first, m0@example.org"
    with capture_logs() as logs:
        await send(settings, clock)
    assert [line["event"] for line in logs] == ["relay_unusable"]
    relay.script = {("RCPT", ""): "550 5.1.1 <m0@example.org> unknown"}
    with capture_logs() as logs:
        await send(settings, clock)
    assert "example.org" not in str(logs)


async def test_after_five_days_of_trouble_a_notice_waits_for_ops(
    mailed: list[str], settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.script[("RCPT", "m0@")] = "451 4.3.0 not now"
    async with running(settings, KEYS, clock) as jobs:
        for _ in range(40):
            await jobs.idle()
            clock.move(hours=4)
    assert await states() == [NoticeState.FAILED, *[ACCEPTED] * 4]
    sending = await Sending.filter(state=SendingState.FAILED).get()
    assert sending.attempts > 12
    assert clock.now - sending.started_at > 5 * DAY
