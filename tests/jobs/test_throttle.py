"""Domains that get fewer messages than there are, by settings."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from tortoise.exceptions import IntegrityError

from portal.actions.actor import SYSTEM
from portal.actions.address import correct_address
from portal.actions.holding_back import put_off
from portal.actions.session import request_sign_in
from portal.jobs import running, throttle
from portal.jobs.line import MOST_ASIDE
from portal.settings import Settings
from portal.store import connect, disconnect
from portal.store.connections import transaction
from portal.store.mail_domains import HeldBack, PutOffNotice, held_back
from portal.store.members import Address, Member
from portal.store.notices import Notice, NoticeState, Sending
from portal.web.clock import now
from tests.jobs.conftest import KEYS, OTHER, SLOW, everything_is_free
from tests.jobs.two_domains import arrived, limited, send
from tests.support.campaign import owed_to
from tests.support.clock import Clock
from tests.support.dkim import Published
from tests.support.relay import HANG_UP, ScriptedRelay

ACCEPTED, DEFERRED, QUEUED = NoticeState.ACCEPTED, NoticeState.DEFERRED, NoticeState.QUEUED


@pytest.mark.usefixtures("two_domains")
async def test_a_domain_gets_its_rate_and_the_others_overtake(
    settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    slow = limited(settings, mail_domain_rate=f"{SLOW}=60")
    start = clock.now
    async with running(slow, KEYS, clock) as jobs:
        await jobs.idle()
        assert arrived(relay) == {SLOW: 10, OTHER: 10}  # what ten seconds hold, although they were first
        await jobs.idle()
        assert arrived(relay) == {SLOW: 10, OTHER: 10}
        for seconds in (4, 5, 6, 10, 60):
            clock.move(seconds=seconds)
            await jobs.idle()
            assert arrived(relay)[SLOW] <= 10 + (clock.now - start).total_seconds()
        assert arrived(relay) == {SLOW: 30, OTHER: 10}
    assert await Notice.filter(state=ACCEPTED).count() == 40
    assert set(Counter(one.recipient for one in relay.received).values()) == {1}
    assert {row.attempts for row in await Sending.all()} == {1}


@pytest.mark.usefixtures("two_domains")
async def test_what_is_put_off_is_owed_in_its_order_claimed_by_nobody_and_charged_no_attempt(
    settings: Settings, clock: Clock
) -> None:
    await send(limited(settings, mail_domain_rate=f"{SLOW}=60"), clock)
    waiting = await Notice.filter(state=QUEUED).order_by("member_id")
    assert len(waiting) == 20
    assert {notice.next_attempt_at for notice in waiting} == {None}
    assert await PutOffNotice.all().order_by("id").values_list("notice_id", flat=True) == [one.id for one in waiting]
    assert await everything_is_free()
    assert await Sending.all().count() == 20
    assert await held_back(clock.now) == [HeldBack(SLOW, 20)]


@pytest.mark.usefixtures("two_domains")
async def test_the_database_lets_no_notice_out_of_the_queue_that_would_never_be_due(
    settings: Settings, clock: Clock
) -> None:
    await send(limited(settings, mail_domain_rate=f"{SLOW}=60"), clock)
    with pytest.raises(IntegrityError, match="never be due"):
        async with transaction():
            await PutOffNotice.all().delete()
    assert await PutOffNotice.all().count() == 20


@pytest.mark.usefixtures("two_domains")
async def test_a_notice_that_somebody_else_has_claimed_is_not_put_off(settings: Settings, clock: Clock) -> None:
    first, second = await Notice.all().order_by("member_id").limit(2)
    async with transaction():
        await Notice.filter(id=first.id).update(owner="somebody", lease_until=clock.now + timedelta(minutes=1))
        await Notice.filter(id=second.id).update(owner="me", lease_until=clock.now + timedelta(minutes=1))
    await put_off({SLOW: [first.id, second.id]}, "me", clock.now)
    assert [row.notice_id for row in await PutOffNotice.all()] == [second.id]
    assert (await Notice.get(id=first.id)).owner == "somebody"
    assert (await Notice.get(id=first.id)).next_attempt_at is not None


@pytest.mark.usefixtures("two_domains")
async def test_a_notice_whose_result_is_unknown_is_put_off_for_a_while_and_left_to_nobody(
    settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.script[("DOT", "m0@")] = [HANG_UP]
    slow = limited(settings, mail_domain_rate=f"{SLOW}=60")
    async with running(slow, KEYS, clock) as jobs:
        await jobs.idle()
        unknown = await Notice.get(state=NoticeState.UNKNOWN)
        async with transaction():
            await Notice.filter(id=unknown.id).update(next_attempt_at=clock.now)
        await jobs.idle()
        unknown = await Notice.get(state=NoticeState.UNKNOWN)
        assert unknown.next_attempt_at == clock.now + timedelta(minutes=1)
        clock.move(minutes=2)
        await jobs.idle()
    assert len(relay.to(f"m0@{SLOW}")) == 2


@pytest.mark.usefixtures("two_domains")
async def test_a_corrected_address_is_mailed_while_the_old_one_would_have_to_wait(
    settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    async with running(limited(settings, mail_domain_rate=f"{SLOW}=60"), KEYS, clock) as jobs:
        await jobs.idle()
        last = await PutOffNotice.all().order_by("-id").first().prefetch_related("notice")
        assert last is not None
        await correct_address(last.notice.member_id, f"new@{OTHER}", by=SYSTEM, at=clock.now)
        await jobs.idle()
        assert len(relay.to(f"new@{OTHER}")) == 1
        for _ in range(3):
            clock.move(minutes=1)
            await jobs.idle()
    assert arrived(relay) == {SLOW: 29, OTHER: 11}
    assert await PutOffNotice.all().count() == 0


@pytest.mark.usefixtures("two_domains")
async def test_two_processes_share_one_rate(settings: Settings, clock: Clock, relay: ScriptedRelay) -> None:
    slow = limited(settings, mail_domain_rate=f"{SLOW}=60")
    async with running(slow, KEYS, clock) as one, running(slow, KEYS, clock) as other:
        await asyncio.gather(one.idle(), other.idle())
        assert arrived(relay) == {SLOW: 10, OTHER: 10}
        clock.move(seconds=5)
        await asyncio.gather(one.idle(), other.idle())
        assert arrived(relay) == {SLOW: 15, OTHER: 10}


@pytest.mark.usefixtures("two_domains")
async def test_every_domain_has_a_bucket_of_its_own(settings: Settings, clock: Clock, relay: ScriptedRelay) -> None:
    await send(limited(settings, mail_domain_rate=f"*=30, {OTHER}=6"), clock)
    assert arrived(relay) == {SLOW: 5, OTHER: 1}


@pytest.mark.usefixtures("two_domains")
async def test_without_the_limit_what_was_put_off_goes_out_at_once(
    settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    await send(limited(settings, mail_domain_rate=f"{SLOW}=1"), clock)
    assert arrived(relay) == {SLOW: 1, OTHER: 10}
    await send(settings, clock)
    assert arrived(relay) == {SLOW: 30, OTHER: 10}


@pytest.mark.usefixtures("two_domains")
async def test_what_a_relay_that_is_away_did_not_take_is_not_counted(
    settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    slow = limited(settings, mail_domain_rate=f"{SLOW}=60")
    relay.script[("CONNECT", "")] = "421 away"
    async with running(slow, KEYS, clock) as jobs:
        await jobs.idle()
        assert arrived(relay) == {}
        relay.script.clear()
        await jobs.idle()
        assert arrived(relay) == {SLOW: 10, OTHER: 10}


@pytest.mark.usefixtures("two_domains")
async def test_other_mail_waits_for_no_rate(settings: Settings, clock: Clock, relay: ScriptedRelay) -> None:
    slow = limited(settings, mail_domain_rate=f"{SLOW}=1")
    async with running(slow, KEYS, clock) as jobs:
        await jobs.idle()
        await request_sign_in(f"m20@{SLOW}", clock.now)
        await jobs.idle()
    assert arrived(relay) == {SLOW: 2, OTHER: 10}


class Counted:
    """How many messages to each domain a relay has open at once."""

    def __init__(self, relay: ScriptedRelay) -> None:
        self.open: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self._usual = relay.reply
        relay.reply = self.reply  # type: ignore[method-assign]

    def reply(self, command: str, recipient: str, usual: str) -> str:
        domain = recipient.partition("@")[2]
        self.open[domain] += {"RCPT": 1, "DOT": -1}.get(command, 0)
        self.most[domain] = max(self.most[domain], self.open[domain])
        return self._usual(command, recipient, usual)


@pytest.mark.usefixtures("two_domains")
@pytest.mark.parametrize("most", [1, 3])
async def test_no_more_messages_are_on_their_way_to_a_domain_than_may_be(
    settings: Settings, clock: Clock, relay: ScriptedRelay, most: int
) -> None:
    counted = Counted(relay)
    await send(limited(settings, mail_domain_at_once=f"{SLOW}={most}"), clock)
    assert arrived(relay) == {SLOW: 30, OTHER: 10}
    assert counted.most[SLOW] <= most
    assert await Notice.filter(state=ACCEPTED).count() == 40


@pytest.mark.usefixtures("two_domains")
async def test_limits_hold_for_messages_that_are_signed_in_groups(
    settings: Settings, clock: Clock, relay: ScriptedRelay, tmp_path: Path
) -> None:
    counted, published = Counted(relay), Published(tmp_path)
    limits = {"mail_domain_at_once": f"{SLOW}=2", "mail_domain_rate": f"{SLOW}=120"}
    async with running(limited(settings, **limits, **published.settings), KEYS, clock) as jobs:
        await jobs.idle()
        assert arrived(relay) == {SLOW: 20, OTHER: 10}
        clock.move(minutes=1)
        await jobs.idle()
    assert arrived(relay) == {SLOW: 30, OTHER: 10}
    assert counted.most[SLOW] <= 2
    assert all(published.verifies(one.content) for one in relay.received)


@pytest.mark.usefixtures("two_domains")
async def test_messages_to_other_domains_overtake_those_that_wait_for_a_place(
    settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    relay.hold, relay.hold_for = True, SLOW
    async with running(limited(settings, mail_domain_at_once=f"{SLOW}=1"), KEYS, clock) as jobs:
        jobs.wake()
        async with asyncio.timeout(60):
            while arrived(relay)[OTHER] < 9:  # noqa: ASYNC110 - one may stand behind the held one on its connection
                await asyncio.sleep(0.02)
        assert arrived(relay)[SLOW] == 1
        relay.answer.set()
        await jobs.idle()
    assert arrived(relay) == {SLOW: 30, OTHER: 10}


async def test_a_large_campaign_to_one_domain_keeps_few_claims_and_lets_all_others_through(
    settings: Settings, clock: Clock, relay: ScriptedRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connect(settings.database)
    await owed_to(1500, lambda i: SLOW if i % 20 else OTHER)
    kept: list[int] = []
    usual = throttle.Throttle.let_through

    async def counted(one: throttle.Throttle, batch: list[object]) -> list[object]:
        through = await usual(one, batch)  # type: ignore[arg-type]
        kept.append(await Notice.filter(owner__not_isnull=True, state=QUEUED).count())
        return through  # type: ignore[return-value]

    monkeypatch.setattr(throttle.Throttle, "let_through", counted)
    await send(limited(settings, mail_domain_rate=f"{SLOW}=60", mail_domain_at_once=f"{SLOW}=2"), clock)
    assert arrived(relay) == {SLOW: 10, OTHER: 75}
    assert max(kept) <= 500 + 10 + MOST_ASIDE
    assert await everything_is_free()
    assert await PutOffNotice.all().count() == await Notice.filter(state=QUEUED).count() == 1415
    await disconnect()


@pytest.mark.usefixtures("two_domains")
async def test_jobs_go_on_with_a_domain_by_themselves(
    settings: Settings, relay: ScriptedRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "SHORTEST_REST", 0.2)
    async with running(limited(settings, mail_domain_rate=f"{SLOW}=150"), KEYS, now) as jobs:
        jobs.wake()
        async with asyncio.timeout(90):
            while len(relay.received) < 40:  # noqa: ASYNC110 - the jobs of this process
                await asyncio.sleep(0.1)
    assert arrived(relay) == {SLOW: 30, OTHER: 10}


async def test_members_without_an_address_are_refused_whatever_the_limits_are(
    settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    await connect(settings.database)
    await owed_to(5)
    async with transaction():
        first = await Member.all().order_by("id").first()
        assert first is not None
        await Address.filter(member_id=first.id).update(address="")
    await send(limited(settings, mail_domain_rate="*=30", mail_domain_at_once="*=1"), clock)
    assert arrived(relay) == {"example.org": 4}
    assert await Notice.filter(state=NoticeState.REFUSED).count() == 1
    await disconnect()
