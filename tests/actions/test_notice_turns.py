"""What many connections have to say is recorded together, and comes to what each alone would."""

from portal.actions.campaign import Attempted
from portal.actions.notice import record_seen
from portal.actions.sending import take_turns, take_usual
from portal.actions.sending_many import Begin, Turn
from portal.mail.outcome import Outcome, Verdict
from portal.store.contacts import last_address
from portal.store.notices import Notice, NoticeState, Refusal, Sending, SendingState
from tests.support.posting import MINUTE, NOW, OK, OPS, Post, another_post, claim, rows_of


async def test_turns_taken_together_leave_what_each_alone_would(post: Post) -> None:
    claimed = await claim(post.everyone, "one", NOW)
    campaign = await post.campaign()
    begins = []
    for notice in claimed:
        address = await last_address(notice.member_id)
        assert address is not None
        begins.append(Begin(notice, address.id, f"<{notice.id}@x>", "d"))
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
    for notice, outcome in zip(await claim(alone.everyone, "one", NOW), outcomes, strict=True):
        address = await last_address(notice.member_id)
        assert address is not None
        begin = Begin(notice, address.id, f"<{notice.id}@x>", "d")
        [sending] = await take_turns(single, [Turn(next=begin)], NOW)
        assert sending is not None
        ended_alone = Attempted(notice, sending, outcome, NOW + MINUTE)
        assert await take_turns(single, [Turn(last=ended_alone)], NOW + MINUTE) == [None]
    assert await rows_of(alone) == together


async def test_where_all_of_a_group_is_taken_it_is_told_in_order_and_else_for_each(post: Post) -> None:
    campaign, begins = await post.campaign(), []
    for notice in await claim(post.everyone, "one", NOW):
        address = await last_address(notice.member_id)
        assert address is not None
        begins.append(Begin(notice, address.id, f"<{notice.id}@x>", "d"))
    turns = [Turn(next=begin) for begin in reversed(begins[:3])]
    taken = await take_usual(campaign, turns, NOW)
    looked_up = list(taken._replace(whole=None).of(turns))
    assert taken.whole is not None
    assert list(taken.of(turns)) == looked_up
    assert [begun.address_id for _whole, begun in looked_up if begun] == [begin.address_id for begin in begins[2::-1]]
    assert not taken.left_of(turns)
    [(_whole, begun), *_] = looked_up
    assert begun is not None
    last, other = Attempted(begins[2].notice, begun, OK, NOW), await post.campaign("two")
    claimed_by_one = [Turn(last, begins[3]), Turn(next=begins[4])]
    part = await take_usual(other, claimed_by_one, NOW)
    assert (part.recorded, part.begun, part.whole) == ({begun.id}, {}, None)
    assert part.left_of([Turn(last), *claimed_by_one]) == claimed_by_one


async def test_a_message_that_the_relay_did_not_want_is_begun_and_ended_in_one_turn(post: Post) -> None:
    [notice, *_] = await claim(post.everyone, "one", NOW)
    address = await last_address(notice.member_id)
    assert address is not None
    turn = Turn(next=Begin(notice, address.id, "<t1@x>", "d"), refused=Outcome(Verdict.REFUSED, "5.1.1", "no"))
    assert await take_turns(await post.campaign(), [turn], NOW) == [None]
    assert (await post.notice()).state is NoticeState.REFUSED
    assert [row.code for row in await Refusal.all()] == ["5.1.1"]
    assert (await Sending.get(notice_id=notice.id)).state is SendingState.REFUSED
