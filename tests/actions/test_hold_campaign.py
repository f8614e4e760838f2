"""A campaign is held and resumed, and what failed is tried again: nothing that is owed is lost or sent twice."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from tortoise.exceptions import IntegrityError

from portal.actions.actor import SYSTEM, Actor
from portal.actions.address import correct_address
from portal.actions.claim import Range, claim_batch, due_ranges
from portal.actions.hold import hold_campaign, resume_campaign, retry_failed
from portal.actions.notice import record_refusal
from portal.actions.outcome import close_account
from portal.jobs import running
from portal.keys import Keys
from portal.rules.errors import RuleBroken
from portal.settings import Settings
from portal.store import transaction
from portal.store.holds import CampaignHold, held
from portal.store.members import Member
from portal.store.notices import Notice, NoticeState, Sending
from portal.store.policies import Version
from tests.support.clock import Clock
from tests.support.drafting import BY_MAIL, ON_SITE, TEXT_1, TEXT_2, person, policy_of, published
from tests.support.relay import ScriptedRelay, scripted_relay
from tests.support.world import DAY, JOINED, POSTED_1, POSTED_2, at, events, make_member, make_policy, make_version

NOW = at("2026-03-01 09:05")
OPS = Actor("staff", 7)
KEYS = Keys(("k" * 40,))
FAILED, UNKNOWN, REFUSED, QUEUED = NoticeState.FAILED, NoticeState.UNKNOWN, NoticeState.REFUSED, NoticeState.QUEUED


@dataclass
class Owed:
    """A version of which five members are owed a mail, and the relay that would take it."""

    version: Version
    settings: Settings
    clock: Clock
    relay: ScriptedRelay

    async def send(self) -> None:
        async with running(self.settings, KEYS, self.clock) as jobs:
            await jobs.idle()

    async def put(self, *states: NoticeState) -> list[Notice]:
        """Gives the first notices these states, as a sender leaves them."""
        notices = await Notice.filter(version_id=self.version.id).order_by("member_id")
        async with transaction():
            for notice, state in zip(notices, states, strict=False):
                await Notice.filter(id=notice.id).update(state=state, next_attempt_at=None)
        return notices


@pytest.fixture
async def owed(store: str, tmp_path: Path) -> AsyncIterator[Owed]:
    author, approver = await person("Ann Author", POSTED_1), await person("Ben Approver", POSTED_1)
    policy = await policy_of(BY_MAIL, by=author, at=POSTED_1 - DAY)
    await published(policy, TEXT_1, by=author, approver=approver, at=POSTED_1)
    for i in range(5):
        await make_member(policy, f"m{i}", JOINED, f"m{i}@example.org")
    version = await published(policy, TEXT_2, by=author, approver=approver, at=POSTED_2)
    async with scripted_relay() as relay:
        settings = Settings(data=tmp_path, database_url=store, mail_from="p@example.com", smtp_port=relay.port)
        yield Owed(version, settings, Clock(NOW), relay)


async def hold(owed: Owed, reason: str = "The summary is wrong.") -> CampaignHold:
    return await hold_campaign(owed.version.id, by=OPS, reason=reason, at=NOW)


async def states(version: Version) -> list[NoticeState]:
    return [notice.state for notice in await Notice.filter(version_id=version.id).order_by("member_id")]


async def test_a_held_campaign_sends_nothing_until_it_is_resumed_and_then_everything(owed: Owed) -> None:
    await hold(owed)
    await owed.send()
    assert owed.relay.received == []
    assert await states(owed.version) == [QUEUED] * 5
    assert not await Sending.exists()
    await resume_campaign(owed.version.id, by=OPS, at=NOW + timedelta(minutes=1))
    await owed.send()
    assert len(owed.relay.received) == 5
    assert await states(owed.version) == [NoticeState.ACCEPTED] * 5


async def test_a_hold_stops_the_claiming_of_its_own_version_only(owed: Owed) -> None:
    policy = await make_policy("other")
    await make_version(policy, POSTED_1)
    await make_member(policy, "m0", JOINED)
    other = await make_version(policy, POSTED_2)
    everyone = (0, 10**9)
    assert {one.version_id for one in await due_ranges(NOW, 100)} == {owed.version.id, other.id}
    await hold(owed)
    assert {one.version_id for one in await due_ranges(NOW, 100)} == {other.id}
    assert not (await claim_batch(Range(owed.version.id, *everyone), "one", NOW)).rows
    assert len((await claim_batch(Range(other.id, *everyone), "one", NOW)).rows) == 1
    found = await held(owed.version.id)
    assert found is not None
    assert (found.held_by, found.reason) == ("staff:7", "The summary is wrong.")
    assert await held(other.id) is None


async def test_holding_and_resuming_leave_events_without_the_reason(owed: Owed) -> None:
    row = await hold(owed)
    later = NOW + timedelta(hours=1)
    lifted = await resume_campaign(owed.version.id, by=SYSTEM, at=later)
    assert (lifted.lifted_at, lifted.lifted_by) == (later, "system")
    [begun], [ended] = await events("campaign.held"), await events("campaign.resumed")
    assert begun.facts == ended.facts == {"hold": row.id}
    assert (begun.actor, begun.version_id) == ("staff:7", owed.version.id)
    assert await held(owed.version.id) is None


async def test_the_second_hold_is_told_of_the_first(owed: Owed) -> None:
    first = await hold(owed)
    with pytest.raises(RuleBroken) as refused:
        await hold_campaign(owed.version.id, by=SYSTEM, reason="The relay refuses.", at=NOW)
    assert refused.value.code == "already_held"
    assert refused.value.facts == {"hold": first}
    await resume_campaign(owed.version.id, by=OPS, at=NOW)
    with pytest.raises(RuleBroken) as refused:
        await resume_campaign(owed.version.id, by=OPS, at=NOW)
    assert refused.value.code == "not_held"
    await hold(owed, "Once more.")
    assert await CampaignHold.all().count() == 2


@pytest.mark.parametrize(("reason", "code"), [("  ", "reason_wanted"), ("x" * 601, "reason_too_long")])
async def test_a_hold_needs_a_reason_that_can_be_read(owed: Owed, reason: str, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        await hold(owed, reason)
    assert (refused.value.code, refused.value.facts["field"]) == (code, "reason")
    assert not await CampaignHold.exists()


async def test_what_is_not_mailed_cannot_be_held_nor_retried(store: str) -> None:
    policy = await make_policy(terms=ON_SITE.to_json())
    version = await make_version(policy, POSTED_1)
    for refused in (
        hold_campaign(version.id, by=OPS, reason="Why not", at=NOW),
        retry_failed(version.id, [FAILED], by=OPS, at=NOW),
    ):
        with pytest.raises(RuleBroken, match="not mailed"):
            await refused


async def test_the_database_keeps_holds_as_they_are(owed: Owed) -> None:
    row = await hold(owed)
    other = {"held_at": NOW, "held_by": "system", "reason": "Again", "version_id": owed.version.id}
    for change in ({"reason": "Other"}, {"held_by": "staff:9"}, {"lifted_at": NOW}):
        with pytest.raises(IntegrityError):
            async with transaction():
                await CampaignHold.filter(id=row.id).update(**change)
    with pytest.raises(IntegrityError):
        async with transaction():
            await CampaignHold.create(**other)
    with pytest.raises(IntegrityError):
        async with transaction():
            await row.delete()
    await resume_campaign(owed.version.id, by=OPS, at=NOW)
    with pytest.raises(IntegrityError):
        async with transaction():
            await CampaignHold.filter(id=row.id).update(lifted_by="staff:9")


async def test_failed_and_unknown_notices_are_queued_again_and_sent_once(owed: Owed) -> None:
    owed.relay.script |= {("DOT", "m0@"): ["554 5.7.1 No"], ("DOT", "m1@"): ["554 5.7.1 No"]}
    await owed.send()
    assert await states(owed.version) == [FAILED, FAILED] + [NoticeState.ACCEPTED] * 3
    later = owed.clock.move(minutes=10)
    assert await retry_failed(owed.version.id, [FAILED, UNKNOWN], by=OPS, at=later) == 2
    assert await retry_failed(owed.version.id, [FAILED, UNKNOWN], by=OPS, at=later) == 0
    queued = await Notice.filter(state=QUEUED)
    assert [(one.next_attempt_at, one.owner, one.lease_until) for one in queued] == [(later, None, None)] * 2
    await owed.send()
    assert await states(owed.version) == [NoticeState.ACCEPTED] * 5
    assert [len(owed.relay.to(f"m{i}@example.org")) for i in range(5)] == [2, 2, 1, 1, 1]
    [told] = await events("campaign.retried")
    assert told.facts == {"number": 2, "states": ["failed", "unknown"]}
    again = await events("notice.queued_again")
    assert sorted(event.facts["notice"] for event in again) == sorted(one.id for one in queued)
    assert {(event.actor, event.policy_id, event.recorded_at) for event in again} == {
        ("staff:7", owed.version.policy_id, later)
    }


async def test_only_the_chosen_states_are_retried(owed: Owed) -> None:
    await owed.put(FAILED, UNKNOWN, NoticeState.ACCEPTED, NoticeState.SENDING, NoticeState.DEFERRED)
    assert await retry_failed(owed.version.id, [UNKNOWN], by=OPS, at=NOW) == 1
    assert (await states(owed.version))[:2] == [FAILED, QUEUED]
    assert (await states(owed.version))[2:] == [NoticeState.ACCEPTED, NoticeState.SENDING, NoticeState.DEFERRED]
    for wrong in ([], [NoticeState.ACCEPTED], [FAILED, NoticeState.SENDING]):
        with pytest.raises(RuleBroken) as refused:
            await retry_failed(owed.version.id, wrong, by=OPS, at=NOW)
        assert refused.value.code == "state_not_retried"


async def test_a_refused_notice_is_retried_once_its_address_was_corrected(owed: Owed) -> None:
    notices = await owed.put()
    for notice in notices[:2]:
        await record_refusal(notice.member_id, owed.version.id, "5.1.1", by=SYSTEM, at=NOW)
    assert await retry_failed(owed.version.id, [REFUSED], by=OPS, at=NOW) == 0
    later = NOW + timedelta(hours=1)
    await correct_address(notices[0].member_id, "new@example.org", by=OPS, at=later)
    await owed.put(REFUSED)  # as if nothing had queued it again by itself
    assert await retry_failed(owed.version.id, [REFUSED], by=OPS, at=later) == 1
    assert (await states(owed.version))[:2] == [QUEUED, REFUSED]


async def test_a_closed_account_and_a_claimed_notice_are_left_alone(owed: Owed) -> None:
    notices = await owed.put(FAILED, UNKNOWN)
    await close_account(notices[0].member_id, by=SYSTEM, at=NOW)
    async with transaction():
        await Notice.filter(id=notices[1].id).update(owner="one", lease_until=NOW + timedelta(minutes=5))
    assert await retry_failed(owed.version.id, [FAILED, UNKNOWN], by=OPS, at=NOW) == 0
    assert await Member.all().count() == 5


async def test_retrying_while_held_queues_and_sends_nothing(owed: Owed) -> None:
    await owed.put(FAILED)
    await hold(owed)
    assert await retry_failed(owed.version.id, [FAILED], by=OPS, at=NOW) == 1
    await owed.send()
    assert owed.relay.received == []


RACER = """
import asyncio, sys, time
from datetime import datetime
from pathlib import Path
from portal.actions.actor import Actor
from portal.actions.hold import hold_campaign, retry_failed
from portal.rules.errors import RuleBroken
from portal.store import connect, disconnect
from portal.store.notices import NoticeState

url, start, what, version, at = sys.argv[1:]
at = datetime.fromisoformat(at)

async def race():
    await connect(url)
    print("ready", flush=True)
    while not Path(start).exists():
        time.sleep(0.002)
    by = Actor("staff", 7)
    try:
        if what == "hold":
            await hold_campaign(int(version), by=by, reason="Wrong", at=at)
            print("held")
        else:
            print(await retry_failed(int(version), [NoticeState.FAILED], by=by, at=at))
    except RuleBroken as refused:
        print(refused.code)
    finally:
        await disconnect()

asyncio.run(race())
"""


async def race(url: str, owed: Owed, tmp_path: Path, deeds: list[str]) -> list[str]:
    """Starts a process for each deed, lets all go at once, and gives what each said."""
    start = tmp_path / "start"
    racers = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", RACER, url, str(start), deed, str(owed.version.id), NOW.isoformat()),
            stdout=asyncio.subprocess.PIPE,
        )
        for deed in deeds
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert await racer.stdout.readline() == b"ready\n"
    start.touch()
    said = [await racer.communicate() for racer in racers]
    return sorted(output.decode().strip() for output, _ in said)


async def test_of_two_processes_that_hold_one_is_first(store: str, owed: Owed, tmp_path: Path) -> None:
    assert await race(store, owed, tmp_path, ["hold", "hold"]) == ["already_held", "held"]
    assert await CampaignHold.all().count() == 1
    assert len(await events("campaign.held")) == 1


async def test_of_two_processes_that_retry_one_finds_the_notices(store: str, owed: Owed, tmp_path: Path) -> None:
    await owed.put(FAILED, FAILED, FAILED)
    assert await race(store, owed, tmp_path, ["retry", "retry"]) == ["0", "3"]
    assert len(await events("notice.queued_again")) == 3
