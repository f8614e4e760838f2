"""Claiming and sending: nobody sends the same notice twice, and what was sent is never lost."""

import asyncio
import sys
from datetime import datetime, timedelta

import pytest

from portal.actions.actor import SYSTEM, Actor
from portal.actions.address import correct_address, send_again
from portal.actions.campaign import Attempted, Begun, Campaign, Rendered
from portal.actions.claim import LEASE, Range, claim_notices, due_ranges, expire_leases, release_notices
from portal.actions.notice import record_bounce, record_seen
from portal.actions.outcome import close_account
from portal.actions.sending import begin_sending, refuse_before_sending, take_turns
from portal.actions.sending_many import Begin, Turn
from portal.actions.sending_outcome import record_outcome
from portal.mail.outcome import Outcome, Retries, Verdict
from portal.rules.errors import RuleBroken
from portal.store.contacts import last_address
from portal.store.events import Event
from portal.store.members import Address, Member
from portal.store.notices import Notice, NoticeState, Refusal, Sending, SendingState
from portal.store.policies import Policy, Version
from portal.store.standings import published_versions
from tests.support.world import DAY, POSTED_1, POSTED_2, at, events, make_member, make_policy, make_version

NOW = at("2026-03-01 10:00")
MINUTE = timedelta(minutes=1)
OPS = Actor("staff", 1)
OK = Outcome(Verdict.ACCEPTED, "2.0.0", "250 2.0.0 OK")


class Post:
    """Version 2 of a policy with some members who are owed its notice."""

    def __init__(self, policy: Policy, version: Version, members: list[Member]) -> None:
        self.policy, self.version, self.members = policy, version, members

    @property
    def everyone(self) -> Range:
        return Range(self.version.id, self.members[0].id, self.members[-1].id)

    async def campaign(self, owner: str = "one", retries: Retries | None = None) -> Campaign:
        published = (await published_versions(self.policy.id))[self.version.id]
        return Campaign(self.policy.id, published, owner, retries or Retries())

    async def notice(self, index: int = 0) -> Notice:
        return await Notice.get(member_id=self.members[index].id, version_id=self.version.id)

    async def begin(
        self, notice: Notice, owner: str = "one", when: datetime = NOW, name: str = "<t1@x>"
    ) -> Begun | None:
        address = await last_address(notice.member_id)
        assert address is not None
        earlier = await Sending.filter(notice_id=notice.id).order_by("-number").first()
        return await begin_sending(await self.campaign(owner), notice, Rendered(address.id, name, "d", earlier), when)

    async def attempt(
        self, outcome: Outcome, when: datetime = NOW, name: str = "<t1@x>", retries: Retries | None = None
    ) -> Sending:
        """Claims, begins and ends one attempt for the first member."""
        [notice] = await claim_notices(Range(self.version.id, self.members[0].id, self.members[0].id), "one", when)
        sending = await self.begin(notice, when=when, name=name)
        assert sending is not None
        await record_outcome(await self.campaign(retries=retries), Attempted(notice, sending, outcome, when))
        return await Sending.get(id=sending.id)


@pytest.fixture
async def post(store: str) -> Post:
    return await another_post()


async def another_post(slug: str = "privacy") -> Post:
    policy = await make_policy(slug)
    await make_version(policy, POSTED_1)
    members = [await make_member(policy, f"{slug}{i}", address=f"m{i}@example.org") for i in range(6)]
    return Post(policy, await make_version(policy, POSTED_2, {"c1": ["marketing"]}), members)


async def test_what_is_claimed_by_one_is_not_claimed_by_another(post: Post) -> None:
    first = await claim_notices(post.everyone, "one", NOW, limit=4)
    second = await claim_notices(post.everyone, "two", NOW, limit=4)
    assert [len(first), len(second)] == [4, 2]
    assert not {row.id for row in first} & {row.id for row in second}
    assert await claim_notices(post.everyone, "three", NOW) == []


async def test_claimers_at_the_same_instant_never_share_a_notice(post: Post) -> None:
    taken = await asyncio.gather(*(claim_notices(post.everyone, f"o{i}", NOW, limit=2) for i in range(6)))
    ids = [notice.id for some in taken for notice in some]
    assert sorted(ids) == sorted(set(ids))
    assert len(ids) == 6


CLAIMER = """
import asyncio, sys
from datetime import datetime
from portal.actions.claim import Range, claim_notices
from portal.store import connect, disconnect

async def main(url, owner, version, first, last, at):
    await connect(url)
    everyone = Range(int(version), int(first), int(last))
    while taken := await claim_notices(everyone, owner, datetime.fromisoformat(at), 1):
        print(taken[0].id)
    await disconnect()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_two_processes_never_take_the_same_notice(post: Post, store: str) -> None:
    told = (store, post.version.id, post.members[0].id, post.members[-1].id, NOW.isoformat())
    url, *rest = map(str, told)
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", CLAIMER, url, owner, *rest, stdout=asyncio.subprocess.PIPE
        )
        for owner in ("one", "two", "three")
    ]
    printed = [(await process.communicate())[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    ids = [int(line) for output in printed for line in output.split()]
    assert len(ids) == len(set(ids)) == 6


async def test_a_claim_that_was_not_begun_is_free_again_when_the_lease_ends(post: Post) -> None:
    claimed = await claim_notices(post.everyone, "one", NOW)
    later = NOW + LEASE
    assert len(await claim_notices(post.everyone, "two", later)) == 6
    assert await post.begin(claimed[0], "one", later) is None


async def test_a_claim_given_back_is_free_at_once(post: Post) -> None:
    claimed = await claim_notices(post.everyone, "one", NOW)
    await post.begin(claimed[0])
    await release_notices([notice.id for notice in claimed], "one")
    assert len(await claim_notices(post.everyone, "two", NOW)) == 5


async def test_due_notices_are_cut_into_ranges_of_members(post: Post) -> None:
    ranges = await due_ranges(NOW, 2)
    assert len(ranges) == 3
    assert sum([len(await claim_notices(one, "x", NOW)) for one in ranges]) == 6
    assert await due_ranges(NOW, 2) == []


async def test_acceptance_is_recorded_with_its_event_and_opens_the_window(post: Post) -> None:
    sending = await post.attempt(OK)
    assert (sending.state, sending.accepted_at, sending.number) == (SendingState.ACCEPTED, NOW, 1)
    notice = await post.notice()
    assert (notice.state, notice.owner, notice.lease_until) == (NoticeState.ACCEPTED, None, None)
    assert (notice.effective_at, notice.opens_at) == (NOW, NOW)
    assert notice.closes_at is not None
    [accepted] = await events("notice.accepted")
    assert (sending.digest, accepted.id) == ("d", sending.sequence)
    assert "example.org" not in str(accepted.facts)


async def test_acceptance_is_recorded_once(post: Post) -> None:
    sending = await post.attempt(OK)
    begun = Begun(sending.id, sending.number, sending.attempts, sending.address_id, sending.started_at)
    again = Attempted(await post.notice(), begun, OK, NOW + DAY)
    assert await record_outcome(await post.campaign(), again) is None
    assert (await Sending.get(id=sending.id)).accepted_at == NOW
    assert len(await events("notice.accepted")) == 1


async def test_a_temporary_failure_is_tried_again_under_the_same_message_id(post: Post) -> None:
    first = await post.attempt(Outcome(Verdict.DEFERRED, "4.2.1", "450 4.2.1 later"))
    notice = await post.notice()
    assert notice.state is NoticeState.DEFERRED
    assert notice.next_attempt_at is not None
    assert NOW + 3 * MINUTE < notice.next_attempt_at < NOW + 7 * MINUTE
    assert await claim_notices(post.everyone, "one", NOW, limit=1) != [notice]
    second = await post.attempt(OK, notice.next_attempt_at + LEASE)
    assert (second.id, second.number, second.attempts, second.message_id) == (first.id, 1, 2, "<t1@x>")


async def test_after_five_days_a_temporary_failure_goes_to_ops(post: Post) -> None:
    await post.attempt(Outcome(Verdict.DEFERRED, "450", "450 later"))
    await post.attempt(Outcome(Verdict.DEFERRED, "450", "450 later"), NOW + 5 * DAY)
    notice = await post.notice()
    assert (notice.state, notice.next_attempt_at) == (NoticeState.FAILED, None)
    assert await Refusal.all().count() == 0
    assert notice.effective_at is None


async def test_a_permanent_answer_about_the_message_is_no_fact(post: Post) -> None:
    await post.attempt(Outcome(Verdict.FAILED, "5.7.1", "550 5.7.1 spam"))
    assert (await post.notice()).state is NoticeState.FAILED
    assert await Refusal.all().count() == 0


async def test_a_permanent_answer_about_the_address_is_a_refusal(post: Post) -> None:
    sending = await post.attempt(Outcome(Verdict.REFUSED, "5.1.1", "550 5.1.1 nobody"))
    notice = await post.notice()
    [refusal] = await Refusal.all()
    assert (notice.state, refusal.sending_id, refusal.code) == (NoticeState.REFUSED, sending.id, "5.1.1")
    assert notice.effective_at is None
    await record_seen(notice.member_id, notice.version_id, by=SYSTEM, at=NOW + DAY)
    assert (await post.notice()).opens_at == NOW + DAY


async def test_an_unknown_outcome_is_sent_again_under_the_same_message_id_or_held(post: Post) -> None:
    unknown = Outcome(Verdict.UNKNOWN, "", "Connection lost")
    await post.attempt(unknown)
    again = (await post.notice()).next_attempt_at
    assert again is not None
    held = await post.attempt(unknown, again, retries=Retries(resend_unknown=False))
    notice = await post.notice()
    assert (notice.state, notice.next_attempt_at, held.attempts) == (NoticeState.UNKNOWN, None, 2)
    assert len(await Sending.filter(notice_id=notice.id)) == 1


async def test_what_was_not_sent_is_tried_at_once_but_only_once_in_a_row(post: Post) -> None:
    not_sent = Outcome(Verdict.NOT_SENT, "data", "Connection lost")
    await post.attempt(not_sent)
    assert (await post.notice()).next_attempt_at == NOW
    await post.attempt(not_sent)
    again = (await post.notice()).next_attempt_at
    assert again is not None
    assert again > NOW + MINUTE


async def test_a_sender_that_died_on_the_wire_leaves_an_unknown_that_is_sent_again(post: Post) -> None:
    [notice, *_] = await claim_notices(post.everyone, "one", NOW)
    assert await post.begin(notice) is not None
    assert await expire_leases(NOW + LEASE - MINUTE, resend=True) == 0
    assert await expire_leases(NOW + LEASE, resend=True) == 1
    lost = await post.notice()
    assert (lost.state, (await Sending.get(notice_id=lost.id)).state) == (NoticeState.UNKNOWN, SendingState.UNKNOWN)
    sending = await post.attempt(OK, NOW + LEASE)
    assert (sending.number, sending.attempts, sending.message_id) == (1, 2, "<t1@x>")
    assert len(await events("notice.unknown")) == 1


async def test_an_unknown_can_be_held_for_ops_who_have_it_sent_again(post: Post) -> None:
    [notice, *_] = await claim_notices(post.everyone, "one", NOW)
    await post.begin(notice)
    await expire_leases(NOW + LEASE, resend=False)
    assert await claim_notices(post.everyone, "two", NOW + 2 * LEASE, limit=1) != [notice]
    assert await send_again(notice.member_id, notice.version_id, by=OPS, at=NOW + DAY)
    assert (await post.notice()).state is NoticeState.QUEUED


async def test_an_answer_that_comes_after_the_lease_still_counts(post: Post) -> None:
    [notice, *_] = await claim_notices(post.everyone, "one", NOW)
    first = await post.begin(notice)
    assert first is not None
    later = NOW + LEASE
    await expire_leases(later, resend=True)
    [taken] = await claim_notices(Range(post.version.id, notice.member_id, notice.member_id), "two", later)
    second = await post.begin(taken, "two", later)
    assert second is not None
    await record_outcome(await post.campaign("one"), Attempted(notice, first, OK, later))
    failed = Outcome(Verdict.DEFERRED, "450", "450 later")
    assert await record_outcome(await post.campaign("two"), Attempted(taken, second, failed, later)) is None
    row = await Sending.get(notice_id=notice.id)
    assert (row.state, row.accepted_at, (await post.notice()).state) == (
        SendingState.ACCEPTED,
        later,
        NoticeState.ACCEPTED,
    )


async def test_another_outcome_than_acceptance_is_dropped_where_the_claim_was_lost(post: Post) -> None:
    [notice, *_] = await claim_notices(post.everyone, "one", NOW)
    sending = await post.begin(notice)
    assert sending is not None
    await expire_leases(NOW + LEASE, resend=True)
    refused = Outcome(Verdict.REFUSED, "5.1.1", "550 5.1.1")
    assert await record_outcome(await post.campaign("one"), Attempted(notice, sending, refused, NOW + LEASE)) is None
    assert await Refusal.all().count() == 0


async def test_a_closed_account_is_not_mailed(post: Post) -> None:
    [notice, *_] = await claim_notices(post.everyone, "one", NOW)
    await close_account(notice.member_id, by=OPS, at=NOW)
    assert await post.begin(notice) is None
    assert (await post.notice()).state is NoticeState.POSTED
    assert await Sending.all().count() == 0
    assert [event.facts["why"] for event in await events("notice.not_sent")] == ["account_closed"]


async def test_without_an_address_the_notice_is_refused_until_there_is_one(post: Post) -> None:
    [notice, *_] = await claim_notices(post.everyone, "one", NOW)
    await refuse_before_sending(notice, "no_address", "one", NOW)
    assert (await post.notice()).state is NoticeState.REFUSED
    await correct_address(notice.member_id, "new@example.net", by=OPS, at=NOW + DAY)
    assert (await post.notice()).state is NoticeState.QUEUED
    assert (await post.attempt(OK, NOW + DAY)).number == 1


async def test_a_corrected_address_gets_what_had_come_back_as_a_new_sending(post: Post) -> None:
    first = await post.attempt(OK)
    await record_bounce(first.member_id, post.version.id, sending=1, by=SYSTEM, at=NOW + DAY)
    new = await correct_address(first.member_id, "new@example.net", by=OPS, at=NOW + 2 * DAY)
    second = await post.attempt(OK, NOW + 2 * DAY, name="<t2@x>")
    assert (second.number, second.address_id, second.message_id) == (2, new.id, "<t2@x>")
    notice = await post.notice()
    assert (notice.effective_at, notice.opens_at) == (NOW, NOW + 2 * DAY)
    assert len(await events("notice.queued_again")) == 1


async def test_a_corrected_address_sends_nothing_again_that_was_delivered_or_seen(post: Post) -> None:
    first = await post.attempt(OK)
    await correct_address(first.member_id, "new@example.net", by=OPS, at=NOW + DAY)
    assert (await post.notice()).state is NoticeState.ACCEPTED
    await record_bounce(first.member_id, post.version.id, by=SYSTEM, at=NOW + 2 * DAY)
    await record_seen(first.member_id, post.version.id, by=SYSTEM, at=NOW + 3 * DAY)
    await correct_address(first.member_id, "newer@example.net", by=OPS, at=NOW + 4 * DAY)
    assert (await post.notice()).state is NoticeState.ACCEPTED


async def test_the_same_address_given_again_changes_nothing(post: Post) -> None:
    member = post.members[0]
    row = await correct_address(member.id, " m0@example.org ", by=OPS, at=NOW)
    assert row.address == "m0@example.org"
    assert await Address.filter(member_id=member.id).count() == 1
    assert await events("address.given") == []


@pytest.mark.parametrize(
    "address", ["", "x", "a b@example.org", "a@example.org\r\nBcc: b@example.org", "ü@example.org"]
)
async def test_an_address_that_no_mail_can_reach_is_refused(post: Post, address: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        await correct_address(post.members[0].id, address, by=OPS, at=NOW)
    assert refused.value.code == "address_invalid"


async def test_what_is_accepted_at_an_address_that_was_replaced_meanwhile_is_not_sent(post: Post) -> None:
    [notice] = await claim_notices(Range(post.version.id, post.members[0].id, post.members[0].id), "one", NOW)
    sending = await post.begin(notice)
    assert sending is not None
    await correct_address(notice.member_id, "new@example.net", by=OPS, at=NOW + MINUTE)
    state = await record_outcome(await post.campaign(), Attempted(notice, sending, OK, NOW + 2 * MINUTE))
    assert state is NoticeState.QUEUED
    assert (await post.notice()).effective_at is None
    second = await post.attempt(OK, NOW + 3 * MINUTE, name="<t2@x>")
    assert (second.number, (await post.notice()).effective_at) == (2, NOW + 3 * MINUTE)


async def test_an_address_that_had_arrived_before_the_sending_undoes_it(post: Post) -> None:
    first = await post.attempt(OK)
    await correct_address(
        first.member_id, "new@example.net", by=OPS, at=NOW + 9 * DAY, received_at=NOW - timedelta(hours=1)
    )
    notice = await post.notice()
    assert (notice.state, notice.effective_at, notice.closes_at) == (NoticeState.QUEUED, None, None)


async def test_a_message_made_for_an_older_address_is_not_begun(post: Post) -> None:
    [notice, *_] = await claim_notices(post.everyone, "one", NOW)
    old = await last_address(notice.member_id)
    assert old is not None
    await correct_address(notice.member_id, "new@example.net", by=OPS, at=NOW)
    rendered = Rendered(old.id, "<t1@x>", "d")
    assert await begin_sending(await post.campaign(), notice, rendered, NOW) is None
    assert len(await claim_notices(post.everyone, "two", NOW, limit=1)) == 1


async def rows_of(post: Post) -> list[tuple[object, ...]]:
    """What the database says of the notices and their sendings, without ids that depend on the order of writing."""
    found: list[tuple[object, ...]] = []
    for notice in await Notice.filter(version_id=post.version.id).order_by("member_id"):
        sent = [
            (row.number, row.state, row.attempts, row.accepted_at, row.recorded_at, row.reply, row.sequence is None)
            for row in await Sending.filter(notice_id=notice.id).order_by("number")
        ]
        told = [event.action for event in await Event.filter(member_id=notice.member_id).order_by("id")]
        window = (notice.effective_at, notice.opens_at, notice.closes_at, notice.counted)
        found.append((notice.state, notice.owner, notice.next_attempt_at is None, window, sent, told))
    return found


async def test_turns_taken_together_leave_what_each_alone_would(post: Post) -> None:
    claimed = await claim_notices(post.everyone, "one", NOW)
    campaign = await post.campaign()
    begins = []
    for notice in claimed:
        address = await last_address(notice.member_id)
        assert address is not None
        begins.append(Begin(notice, Rendered(address.id, f"<{notice.id}@x>", "d")))
    refused = Outcome(Verdict.REFUSED, "5.1.1", "550 5.1.1")
    outcomes = [OK, OK, refused, OK, Outcome(Verdict.DEFERRED, "450", "450 later"), OK]
    await record_seen(claimed[3].member_id, post.version.id, by=OPS, at=NOW)
    begun = await take_turns(campaign, [Turn(next=begin) for begin in begins], NOW)
    ended = [
        Attempted(begin.notice, sending, outcome, NOW + MINUTE)
        for begin, sending, outcome in zip(begins, begun, outcomes, strict=True)
        if sending is not None
    ]
    assert len(ended) == 6
    assert await take_turns(campaign, [Turn(last=last) for last in ended], NOW + MINUTE) == [None] * 6
    together = await rows_of(post)
    for notice, outcome in zip(claimed, outcomes, strict=True):  # a policy of its own, one turn after the other
        assert (await Notice.get(id=notice.id)).state is {
            Verdict.ACCEPTED: NoticeState.ACCEPTED,
            Verdict.REFUSED: NoticeState.REFUSED,
            Verdict.DEFERRED: NoticeState.DEFERRED,
        }[outcome.verdict]
    alone = await another_post("cookies")
    single = await alone.campaign()
    await record_seen(alone.members[3].id, alone.version.id, by=OPS, at=NOW)
    for notice, outcome in zip(await claim_notices(alone.everyone, "one", NOW), outcomes, strict=True):
        address = await last_address(notice.member_id)
        assert address is not None
        sending = await begin_sending(single, notice, Rendered(address.id, f"<{notice.id}@x>", "d"), NOW)
        assert sending is not None
        await record_outcome(single, Attempted(notice, sending, outcome, NOW + MINUTE))
    assert await rows_of(alone) == together


async def test_a_message_that_the_relay_did_not_want_is_begun_and_ended_in_one_turn(post: Post) -> None:
    [notice, *_] = await claim_notices(post.everyone, "one", NOW)
    address = await last_address(notice.member_id)
    assert address is not None
    turn = Turn(
        next=Begin(notice, Rendered(address.id, "<t1@x>", "d")), refused=Outcome(Verdict.REFUSED, "5.1.1", "no")
    )
    assert await take_turns(await post.campaign(), [turn], NOW) == [None]
    assert (await post.notice()).state is NoticeState.REFUSED
    assert [row.code for row in await Refusal.all()] == ["5.1.1"]
    assert (await Sending.get(notice_id=notice.id)).state is SendingState.REFUSED
