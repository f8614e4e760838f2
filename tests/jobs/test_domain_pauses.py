"""Domains that get fewer messages for a while, because their servers ask for that."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from portal.actions.holding_back import forget_domains
from portal.jobs import running, throttle
from portal.settings import Settings
from portal.store.connections import transaction
from portal.store.mail_domains import MailDomain, PutOffNotice, held_back
from portal.store.notices import Notice, NoticeState, Sending
from tests.jobs.conftest import KEYS, OTHER, SLOW, everything_is_free
from tests.jobs.two_domains import BUSY, arrived, limited, send
from tests.support.clock import Clock
from tests.support.relay import ScriptedRelay

DEFERRED, QUEUED = NoticeState.DEFERRED, NoticeState.QUEUED


@pytest.mark.usefixtures("two_domains")
async def test_a_domain_that_asks_for_fewer_is_paused_and_the_others_go_on(
    settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.script[("RCPT", SLOW)] = BUSY
    one = limited(settings, smtp_connections=1)
    async with running(one, KEYS, clock) as jobs:
        await jobs.idle()
        assert arrived(relay) == {OTHER: 10}
        asked = [line for line in relay.commands if line.startswith("RCPT") and SLOW in line]
        assert len(asked) == throttle.SIGNS
        assert await Notice.filter(state=DEFERRED).count() == throttle.SIGNS
        assert await everything_is_free()
        [held] = await held_back(clock.now)
        assert (held.domain, held.paused_until, held.waiting) == (SLOW, clock.now + timedelta(minutes=1), 27)
        assert "4.7.28 Unusual rate" in held.reply
        relay.script.clear()
        clock.move(seconds=59)
        await jobs.idle()
        assert arrived(relay) == {OTHER: 10}
        clock.move(seconds=1)
        await jobs.idle()
        assert arrived(relay) == {SLOW: 30 - throttle.SIGNS, OTHER: 10}
        clock.move(minutes=10)  # the three that were deferred wait as long as any other
        await jobs.idle()
    assert arrived(relay) == {SLOW: 30, OTHER: 10}
    assert Counter(row.attempts for row in await Sending.all()) == {1: 37, 2: 3}


@pytest.mark.usefixtures("two_domains")
async def test_a_pause_that_another_process_found_holds_here_too(
    settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.script[("RCPT", SLOW)] = BUSY
    await send(limited(settings, smtp_connections=1), clock)
    relay.script.clear()
    clock.move(seconds=30)
    async with transaction():
        await Notice.filter(state=QUEUED).update(next_attempt_at=clock.now)
    await send(settings, clock)
    assert arrived(relay) == {OTHER: 10}
    assert await Notice.filter(state=QUEUED, next_attempt_at__isnull=True).count() == 27
    assert await everything_is_free()


@pytest.mark.usefixtures("two_domains")
async def test_pauses_grow_while_a_domain_goes_on_asking_and_are_forgotten_an_hour_later(
    settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.script[("RCPT", SLOW)] = BUSY
    lengths: list[float] = []
    async with running(limited(settings, smtp_connections=1), KEYS, clock) as jobs:
        for _ in range(7):
            await jobs.idle()
            [held] = await held_back(clock.now)
            assert held.paused_until is not None
            lengths.append((held.paused_until - clock.now) / timedelta(minutes=1))
            clock.now = held.paused_until
    assert lengths == [1, 2, 4, 8, 16, 30, 30]
    clock.move(hours=1)
    async with running(limited(settings, smtp_connections=1), KEYS, clock) as jobs:
        await jobs.idle()
        [held] = await held_back(clock.now)
    assert held.paused_until == clock.now + timedelta(minutes=1)


@pytest.mark.usefixtures("two_domains")
@pytest.mark.parametrize(
    "answers",
    [
        [BUSY, BUSY, "250 2.1.5 OK"] * 10,
        ["451 4.7.1 Greylisted, come again"] * 30,
        ["452 4.2.2 Mailbox full"] * 30,
    ],
    ids=["now and then", "greylisting", "full"],
)
async def test_answers_that_ask_for_no_fewer_pause_nothing(
    settings: Settings, clock: Clock, relay: ScriptedRelay, answers: list[str]
) -> None:
    relay.script[("RCPT", SLOW)] = answers
    await send(limited(settings, smtp_connections=1), clock)
    assert await held_back(clock.now) == []
    assert answers == []
    assert arrived(relay)[OTHER] == 10


@pytest.mark.usefixtures("two_domains")
async def test_a_pause_in_the_middle_of_a_batch_gives_the_rest_of_its_rate_back(
    settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.script[("RCPT", SLOW)] = BUSY
    slow = limited(settings, smtp_connections=1, mail_domain_rate=f"{SLOW}=60")
    async with running(slow, KEYS, clock) as jobs:
        await jobs.idle()
        row = await MailDomain.get(domain=SLOW)
        assert row.spent_until == clock.now + timedelta(seconds=throttle.SIGNS)
        relay.script.clear()
        clock.move(minutes=2)
        await jobs.idle()
    assert arrived(relay)[SLOW] == 10


@pytest.mark.usefixtures("two_domains")
async def test_domains_that_say_nothing_of_the_present_are_forgotten(
    settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.script[("RCPT", OTHER)] = BUSY
    slow = limited(settings, mail_domain_rate=f"{SLOW}=60, {OTHER}=60", smtp_connections=1)
    await send(slow, clock)
    assert await domains(clock.move(seconds=20)) == [OTHER, SLOW]
    relay.script.clear()
    for _ in range(4):
        clock.move(minutes=5)
        await send(slow, clock)
    assert await PutOffNotice.all().count() == 0
    assert await domains(clock.move(seconds=30)) == [OTHER]  # the next pause there would be a longer one
    assert await domains(clock.move(hours=1)) == []


async def domains(at: datetime) -> list[str]:
    """Those that are known after forgetting what is past."""
    await forget_domains(at)
    return [row.domain for row in await MailDomain.all().order_by("domain")]
