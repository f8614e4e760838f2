"""What SQLite's daybook notes comes to the same rows, whoever writes in between, and whenever it is carried over."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

import pytest
from tortoise import connections
from tortoise.exceptions import IntegrityError

from portal.actions.claim import LEASE, expire_leases
from portal.actions.hold import hold_campaign
from portal.actions.sending_many import Turn
from portal.store.connections import WRITER, transaction
from portal.store.notices import Notice, Sending, SendingState
from portal.store.procedure import Found
from tests.support.posting import MINUTE, NOW, OPS, rows_of
from tests.support.sender import Between, Sender, closed, new_address, seen, sender_of

pytestmark = pytest.mark.database("sqlite")


@pytest.fixture
async def sender(store: str) -> Sender:
    return await sender_of("privacy")


async def notes() -> int:
    """How many there are that say anything."""
    [found] = await connections.get(WRITER).execute_query_dict(
        "SELECT count(*) AS number FROM daybook WHERE begun <> '[]' OR accepted <> '[]'"
    )
    return int(found["number"])


async def carry_all() -> None:
    """As whoever writes anything does."""
    async with transaction():
        pass


async def whole_campaign(sender: Sender, carried: Collection[str]) -> None:
    """Twelve messages over six connections. `carried`: where the notes are carried over in between."""
    begins = await sender.claimed()
    first = await sender.begin(begins[:6])
    if "begun" in carried:
        await sender.carry_notes()
    second = await sender.begin(begins[6:], first, NOW + MINUTE)
    if "both" in carried:
        await sender.carry_notes()
    await sender.take(*[Turn(last=one) for one in second], at=NOW + MINUTE)


@pytest.mark.parametrize("carried", [(), ("begun",), ("both",), ("begun", "both")], ids="-".join)
async def test_what_is_noted_comes_to_the_rows_of_what_is_not(sender: Sender, carried: Collection[str]) -> None:
    await whole_campaign(sender, carried)
    assert (await notes(), await Sending.filter(state=SendingState.ACCEPTED).count()) == (0, 12)
    direct = await sender_of("cookies", noting=False)
    await whole_campaign(direct, ())
    assert await rows_of(sender.post) == await rows_of(direct.post)


async def test_a_group_is_one_note_until_somebody_writes(sender: Sender) -> None:
    begins = await sender.claimed()
    await sender.begin(begins[6:], await sender.begin(begins[:6]), NOW + MINUTE)
    assert (await notes(), await Sending.all().count()) == (2, 0)
    await carry_all()
    assert (await notes(), await Sending.all().count()) == (0, 12)
    assert await Sending.filter(state=SendingState.ACCEPTED).count() == 6


@pytest.mark.parametrize("between", [new_address, closed, seen])
async def test_what_somebody_else_writes_before_a_message_is_begun_counts(sender: Sender, between: Between) -> None:
    begins = await sender.claimed()
    await between(sender.post)
    begun = await sender.take(*[Turn(next=one) for one in begins])
    third = begins[2].notice.id
    if between is seen:  # it is sent all the same, by the actions that look at one notice
        assert set(begun) == {one.notice.id for one in begins}
    else:
        assert set(begun) == {one.notice.id for one in begins} - {third}
        assert (await Notice.get(id=third)).owner is None
        assert not await Sending.filter(notice_id=third).exists()


async def test_a_hold_before_a_message_is_begun_counts_for_all(sender: Sender) -> None:
    begins = await sender.claimed()
    await hold_campaign(sender.post.version.id, by=OPS, reason="The summary is wrong.", at=NOW)
    assert await sender.take(*[Turn(next=one) for one in begins]) == {}
    assert not await Sending.all().exists()


@pytest.mark.parametrize("between", [new_address, closed, seen])
async def test_what_somebody_else_writes_while_messages_are_on_their_way_counts(
    sender: Sender, between: Between
) -> None:
    begins = await sender.claimed()
    lasts = await sender.begin(begins[:6])
    await between(sender.post)
    assert (await notes(), await Sending.filter(state=SendingState.SENDING).count()) == (0, 6)
    await sender.begin(begins[6:], lasts, NOW + MINUTE)
    await carry_all()
    assert await Sending.filter(state=SendingState.ACCEPTED).count() == 6
    direct = await sender_of("cookies", noting=False)
    begins = await direct.claimed()
    lasts = await direct.begin(begins[:6])
    await between(direct.post)
    await direct.begin(begins[6:], lasts, NOW + MINUTE)
    assert await rows_of(sender.post) == await rows_of(direct.post)


async def test_what_was_foreseen_is_not_noted_where_somebody_wrote_first(sender: Sender) -> None:
    """A closing has its turn first, then what this sender carries over, which shows it; then what was foreseen."""
    begins, may_ask = await sender.claimed(), asyncio.Event()

    async def asks(work: Callable[[], Awaitable[Found]]) -> Found:
        await may_ask.wait()
        return await work()

    carrying = asyncio.create_task(asks(sender.carry_notes))
    taking = asyncio.create_task(asks(lambda: sender.take(*[Turn(next=one) for one in begins])))
    async with transaction():
        may_ask.set()
        await asyncio.sleep(0.1)
        await closed(sender.post)
    await carrying
    assert set(await taking) == {one.notice.id for one in begins} - {begins[2].notice.id}


async def test_a_claim_that_is_over_is_asked_about_again(sender: Sender) -> None:
    begins = await sender.claimed()
    later = NOW + LEASE + MINUTE
    assert await sender.take(*[Turn(next=one) for one in begins], at=later) == {}


async def test_nothing_is_begun_twice_while_it_is_only_noted(sender: Sender) -> None:
    begins = await sender.claimed()
    assert len(await sender.begin(begins)) == 12
    with pytest.raises(IntegrityError):
        await sender.take(*[Turn(next=one) for one in begins])
    await carry_all()
    assert await Sending.all().count() == 12


async def test_what_a_dead_sender_noted_is_carried_over_by_whoever_writes_next_and_unknown_when_its_lease_ends(
    sender: Sender,
) -> None:
    await sender.begin(await sender.claimed())
    assert await Sending.all().count() == 0
    later = NOW + LEASE + MINUTE
    assert await expire_leases(later, resend=True) == 12
    assert {row.state for row in await Sending.all()} == {SendingState.UNKNOWN}
    again = Sender(sender.post, await sender.post.campaign("two"))
    found = await again.claimed(later)
    assert [one.earlier is not None for one in found] == [True] * 12
    assert all(one.asked is None for one in found)


async def test_two_senders_note_side_by_side(sender: Sender) -> None:
    second = await sender_of("cookies", owner="two")
    both = (sender, second)
    begins = [await one.claimed() for one in both]
    lasts = [await one.begin(some[:6]) for one, some in zip(both, begins, strict=True)]
    await sender.carry_notes()
    more = [
        await one.begin(some[6:], ended, NOW + MINUTE) for one, some, ended in zip(both, begins, lasts, strict=True)
    ]
    assert [len(some) for some in more] == [6, 6]
    for one, some in zip(both, more, strict=True):
        await one.take(*[Turn(last=last) for last in some], at=NOW + MINUTE)
    assert await Sending.filter(state=SendingState.ACCEPTED).count() == 24
    assert await rows_of(sender.post) == await rows_of(second.post)


async def test_what_is_noted_twice_counts_once_and_as_it_was_first(sender: Sender) -> None:
    begins = await sender.claimed()
    await sender.begin(begins[6:], await sender.begin(begins[:6]), NOW + MINUTE)
    writer = connections.get(WRITER)
    columns = "policy_id, version_id, begun, lease_until, accepted"
    copied = await writer.execute_query_dict(f"SELECT {columns} FROM daybook WHERE begun <> '[]'")
    once = await sender_of("cookies", noting=False)
    of_once = await once.claimed()
    await once.begin(of_once[6:], await once.begin(of_once[:6]), NOW + MINUTE)
    for _ in range(2):  # with the notes themselves, and when they have been carried over
        for row in copied:
            later = row["accepted"].replace("10:01:00", "11:01:00")
            values = [*row.values()][:-1]
            await writer.execute_query(f"INSERT INTO daybook ({columns}) VALUES (?, ?, ?, ?, ?)", [*values, later])
        await carry_all()
        assert await notes() == 0
        assert await rows_of(sender.post) == await rows_of(once.post)


async def test_a_note_is_never_altered_and_goes_only_when_it_was_carried_over(sender: Sender) -> None:
    await sender.begin(await sender.claimed())
    writer = connections.get(WRITER)
    with pytest.raises(IntegrityError, match="never altered"):
        await writer.execute_query("UPDATE daybook SET begun = '[]'")
    with pytest.raises(IntegrityError, match="when it was carried over"):
        await writer.execute_query("DELETE FROM daybook")
    await carry_all()
    assert await Sending.all().count() == 12
