"""What happens in the midst of a campaign to a connection on which all has gone as usual (`jobs/ride.py`)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs
from tortoise import connections

from portal.actions.actor import SYSTEM
from portal.actions.address import correct_address
from portal.actions.hold import hold_campaign
from portal.jobs import Jobs, ledger, life, running, throttle
from portal.jobs.ledger import Ledger, Speaking
from portal.jobs.office import Office
from portal.store.connections import transaction
from portal.store.events import Event
from portal.store.members import Member
from portal.store.notices import Notice, NoticeState, Sending
from portal.store.outcomes import Closure
from tests.jobs.conftest import KEYS, OTHER, SLOW, Mailing, everything_is_free, states
from tests.jobs.two_domains import BUSY
from tests.support.campaign import owed_to
from tests.support.relay import ScriptedRelay

ACCEPTED, DEFERRED, QUEUED = NoticeState.ACCEPTED, NoticeState.DEFERRED, NoticeState.QUEUED
MEMBERS, MIDDLE = 130, 66
"""More than are made in a row."""


@pytest.fixture
def relay(relay: ScriptedRelay) -> ScriptedRelay:
    """The answer to the message in the middle is waited for."""
    relay.hold, relay.hold_for = True, f"m{MIDDLE}@"
    return relay


@asynccontextmanager
async def in_the_middle(mailing: Mailing) -> AsyncIterator[Jobs]:
    """The jobs over one connection, while the answer to the message in the middle is waited for."""
    mailing.change(smtp_connections=1)
    async with running(mailing.settings, KEYS, mailing.clock) as jobs:
        jobs.wake()
        await mailing.relay.has(MIDDLE + 1)
        yield jobs


def recipients(mailing: Mailing) -> Counter[str]:
    return Counter(one.recipient for one in mailing.relay.received)


async def member(number: int) -> Member:
    return (await Member.all().order_by("id"))[number]


async def test_a_whole_campaign_goes_over_one_connection_in_the_order_of_members(mailing: Mailing) -> None:
    addresses = await owed_to(MEMBERS)
    mailing.relay.hold = False
    mailing.change(smtp_connections=1)
    assert await mailing.send() == ""
    assert [one.recipient for one in mailing.relay.received] == addresses
    assert mailing.relay.connections == 1
    assert await states() == [ACCEPTED] * MEMBERS
    sendings = await Sending.all().order_by("id")
    assert [(row.attempts, row.reply) for row in sendings] == [(1, "250 2.0.0 OK queued")] * MEMBERS
    told = {event.id: event for event in await Event.filter(action="notice.accepted")}
    assert len(told) == MEMBERS
    for row in sendings:
        assert row.sequence is not None
        event = told[row.sequence]
        assert event.facts == {"notice": row.notice_id, "sending": row.id, "number": 1}
        assert (event.member_id, event.received_at) == (row.member_id, row.accepted_at)


async def test_messages_that_were_made_ahead_wait_when_their_domain_asks_for_fewer(mailing: Mailing) -> None:
    await owed_to(MEMBERS, lambda number: SLOW if number % 2 else OTHER)
    relay = mailing.relay
    async with in_the_middle(mailing) as jobs:
        relay.script[("RCPT", SLOW)] = BUSY
        relay.answer.set()
        await jobs.idle()
        asked = sum(line.startswith("RCPT") and SLOW in line for line in relay.commands)
        assert asked == MIDDLE // 2 + throttle.SIGNS
        assert await Notice.filter(state=DEFERRED).count() == throttle.SIGNS
        assert await everything_is_free()
        assert recipients(mailing)[f"m{MEMBERS - 2}@{OTHER}"] == 1
        relay.script.clear()
        mailing.clock.move(hours=1)
        await jobs.idle()
    assert await states() == [ACCEPTED] * MEMBERS
    assert set(recipients(mailing).values()) == {1}


async def test_a_campaign_that_is_held_goes_no_further_than_the_text_that_was_written(mailing: Mailing) -> None:
    await owed_to(MEMBERS)
    async with in_the_middle(mailing) as jobs:
        version_id = (await Notice.all().first()).version_id  # type: ignore[union-attr]
        await hold_campaign(version_id, by=SYSTEM, reason="A wrong summary.", at=mailing.clock.now)
        mailing.relay.answer.set()
        await jobs.idle()
    assert await states() == [ACCEPTED] * (MIDDLE + 1) + [QUEUED] * (MEMBERS - MIDDLE - 1)
    assert len(mailing.relay.received) == MIDDLE + 1
    assert await everything_is_free()


@pytest.mark.parametrize("behind", [1, 5], ids=["opened", "made ahead"])
async def test_what_changed_since_a_message_was_made_keeps_it_back_and_no_other(mailing: Mailing, behind: int) -> None:
    addresses = await owed_to(MEMBERS)
    closing, moving = MIDDLE + behind, MIDDLE + behind + 1
    async with in_the_middle(mailing) as jobs:
        closed = await member(closing)
        async with transaction():
            await Closure.create(
                member_id=closed.id, received_at=mailing.clock.now, recorded_at=mailing.clock.now, sequence=1
            )
        await correct_address((await member(moving)).id, "new@example.net", by=SYSTEM, at=mailing.clock.now)
        mailing.relay.answer.set()
        await jobs.idle()
    wanted = Counter(addresses) - Counter([addresses[closing], addresses[moving]]) + Counter(["new@example.net"])
    assert recipients(mailing) == wanted
    assert await states() == [ACCEPTED] * closing + [NoticeState.POSTED] + [ACCEPTED] * (MEMBERS - closing - 1)
    assert await everything_is_free()


async def test_a_graceful_stop_ends_after_the_message_on_the_wire(mailing: Mailing) -> None:
    await owed_to(MEMBERS)
    async with in_the_middle(mailing):
        asyncio.get_running_loop().call_later(0.2, mailing.relay.answer.set)
    assert await states() == [ACCEPTED] * (MIDDLE + 1) + [QUEUED] * (MEMBERS - MIDDLE - 1)
    assert len(mailing.relay.received) == MIDDLE + 1
    assert await everything_is_free()
    await mailing.send()
    assert await states() == [ACCEPTED] * MEMBERS
    assert set(recipients(mailing).values()) == {1}


async def test_a_stop_that_waits_for_no_answer_leaves_one_unknown(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    await owed_to(MEMBERS)
    monkeypatch.setattr(life, "STOP_SECONDS", 0.1)
    async with in_the_middle(mailing):
        pass
    found = await states()
    assert found[MIDDLE] is NoticeState.SENDING
    assert Counter(found) == {ACCEPTED: MIDDLE, NoticeState.SENDING: 1, QUEUED: MEMBERS - MIDDLE - 1}
    assert not await Notice.filter(owner__not_isnull=True, state=QUEUED).exists()
    mailing.relay.answer.set()
    mailing.clock.move(hours=1)
    await mailing.send()
    assert await states() == [ACCEPTED] * MEMBERS
    assert len(mailing.relay.received) == MEMBERS + 1


@pytest.mark.database("sqlite")
async def test_a_message_that_cannot_be_recorded_is_not_sent_and_keeps_no_other_back(mailing: Mailing) -> None:
    addresses = await owed_to(MEMBERS)
    mailing.relay.hold = False
    mailing.change(smtp_connections=1)
    writer, broken = connections.get("default"), await member(MIDDLE)
    await writer.execute_query(
        f"CREATE TRIGGER no_row BEFORE INSERT ON sending WHEN NEW.member_id = {broken.id}"
        " BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    await mailing.send()
    assert recipients(mailing) == Counter(addresses) - Counter([addresses[MIDDLE]])
    assert await states() == [ACCEPTED] * MIDDLE + [QUEUED] + [ACCEPTED] * (MEMBERS - MIDDLE - 1)
    assert await everything_is_free()
    await writer.execute_query("DROP TRIGGER no_row")
    await mailing.send()
    assert await states() == [ACCEPTED] * MEMBERS


async def test_an_error_where_nobody_waits_ends_in_the_log_and_loses_nothing(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    await owed_to(MEMBERS)
    mailing.relay.hold = False
    mailing.change(smtp_connections=1)
    note, noted = Office.note_accepted, []

    def break_once(office: Office, number: int) -> None:
        noted.append(number)
        if len(noted) == MIDDLE:
            raise ZeroDivisionError
        note(office, number)

    monkeypatch.setattr(Office, "note_accepted", break_once)
    async with running(mailing.settings, KEYS, mailing.clock) as jobs:
        with capture_logs() as logs:
            await jobs.idle()
        assert await everything_is_free()
        await jobs.idle()
    assert [line["error"] for line in logs] == ["ZeroDivisionError"]
    assert await states() == [ACCEPTED] * MEMBERS
    assert set(recipients(mailing).values()) == {1}


async def test_an_answer_that_waits_to_be_recorded_when_the_jobs_are_cut_off_is_not_lost(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One connection has been answered, and the ledger waits for the other, whose relay is silent."""
    await owed_to(MEMBERS)
    relay, waits, gather = mailing.relay, asyncio.Event(), Ledger.gather
    mailing.change(smtp_connections=2)

    def noted(self: Ledger, speaking: Speaking) -> None:
        gather(self, speaking)
        if len(relay.received) > MIDDLE:
            waits.set()

    monkeypatch.setattr(ledger, "PATIENCE", 1)
    monkeypatch.setattr(Ledger, "gather", noted)
    monkeypatch.setattr(life, "STOP_SECONDS", 0.1)
    async with running(mailing.settings, KEYS, mailing.clock) as jobs:
        jobs.wake()
        async with asyncio.timeout(20):
            await waits.wait()
    found = Counter(await states())
    assert found[ACCEPTED] == len(relay.received) - 1
    assert found[NoticeState.SENDING] == 1
