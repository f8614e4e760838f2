"""Claiming: nobody sends the same notice twice, and a sender that dies leaves its claims to others."""

import asyncio
import sys

from portal.actions.address import send_again
from portal.actions.campaign import Attempted
from portal.actions.claim import LEASE, Range, due_ranges, expire_leases, release_notices
from portal.mail.outcome import Outcome, Verdict
from portal.store.notices import NoticeState, Refusal, Sending, SendingState
from tests.support.posting import MINUTE, NOW, OK, OPS, Post, claim
from tests.support.world import DAY, events


async def test_what_is_claimed_by_one_is_not_claimed_by_another(post: Post) -> None:
    first = await claim(post.everyone, "one", NOW, limit=4)
    second = await claim(post.everyone, "two", NOW, limit=4)
    assert [len(first), len(second)] == [4, 2]
    assert not {row.id for row in first} & {row.id for row in second}
    assert await claim(post.everyone, "three", NOW) == []


async def test_claimers_at_the_same_instant_never_share_a_notice(post: Post) -> None:
    taken = await asyncio.gather(*(claim(post.everyone, f"o{i}", NOW, limit=2) for i in range(6)))
    ids = [notice.id for some in taken for notice in some]
    assert sorted(ids) == sorted(set(ids))
    assert len(ids) == 6


CLAIMER = """
import asyncio, sys
from datetime import datetime
from portal.actions.claim import Range, claim_batch
from portal.store import connect, disconnect

async def main(url, owner, version, first, last, at):
    await connect(url)
    everyone = Range(int(version), int(first), int(last))
    while taken := (await claim_batch(everyone, owner, datetime.fromisoformat(at), 1)).rows:
        print(taken[0][0])
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
    claimed = await claim(post.everyone, "one", NOW)
    later = NOW + LEASE
    assert len(await claim(post.everyone, "two", later)) == 6
    assert await post.begin(claimed[0], "one", later) is None


async def test_a_claim_given_back_is_free_at_once(post: Post) -> None:
    claimed = await claim(post.everyone, "one", NOW)
    await post.begin(claimed[0])
    await release_notices([notice.id for notice in claimed], "one")
    assert len(await claim(post.everyone, "two", NOW)) == 5


async def test_due_notices_are_cut_into_ranges_of_members(post: Post) -> None:
    ranges = await due_ranges(NOW, 2)
    assert len(ranges) == 3
    assert sum([len(await claim(one, "x", NOW)) for one in ranges]) == 6
    assert await due_ranges(NOW, 2) == []


async def test_a_sender_that_died_on_the_wire_leaves_an_unknown_that_is_sent_again(post: Post) -> None:
    [notice, *_] = await claim(post.everyone, "one", NOW)
    assert await post.begin(notice) is not None
    assert await expire_leases(NOW + LEASE - MINUTE, resend=True) == 0
    assert await expire_leases(NOW + LEASE, resend=True) == 1
    lost = await post.notice()
    assert (lost.state, (await Sending.get(notice_id=lost.id)).state) == (NoticeState.UNKNOWN, SendingState.UNKNOWN)
    sending = await post.attempt(OK, NOW + LEASE)
    assert (sending.number, sending.attempts, sending.message_id) == (1, 2, "<t1@x>")
    assert len(await events("notice.unknown")) == 1


async def test_an_unknown_can_be_held_for_ops_who_have_it_sent_again(post: Post) -> None:
    [notice, *_] = await claim(post.everyone, "one", NOW)
    await post.begin(notice)
    await expire_leases(NOW + LEASE, resend=False)
    assert await claim(post.everyone, "two", NOW + 2 * LEASE, limit=1) != [notice]
    assert await send_again(notice.member_id, notice.version_id, by=OPS, at=NOW + DAY)
    assert (await post.notice()).state is NoticeState.QUEUED


async def test_an_answer_that_comes_after_the_lease_still_counts(post: Post) -> None:
    [notice, *_] = await claim(post.everyone, "one", NOW)
    first = await post.begin(notice)
    assert first is not None
    later = NOW + LEASE
    await expire_leases(later, resend=True)
    [taken] = await claim(Range(post.version.id, notice.member_id, notice.member_id), "two", later)
    second = await post.begin(taken, "two", later)
    assert second is not None
    await post.end(Attempted(notice, first, OK, later))
    failed = Outcome(Verdict.DEFERRED, "450", "450 later")
    await post.end(Attempted(taken, second, failed, later), "two")
    row = await Sending.get(notice_id=notice.id)
    assert (row.state, row.accepted_at, (await post.notice()).state) == (
        SendingState.ACCEPTED,
        later,
        NoticeState.ACCEPTED,
    )


async def test_another_outcome_than_acceptance_is_dropped_where_the_claim_was_lost(post: Post) -> None:
    [notice, *_] = await claim(post.everyone, "one", NOW)
    sending = await post.begin(notice)
    assert sending is not None
    await expire_leases(NOW + LEASE, resend=True)
    refused = Outcome(Verdict.REFUSED, "5.1.1", "550 5.1.1")
    assert await post.end(Attempted(notice, sending, refused, NOW + LEASE)) is NoticeState.UNKNOWN
    assert await Refusal.all().count() == 0
