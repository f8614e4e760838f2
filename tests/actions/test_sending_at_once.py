"""On PostgreSQL a turn is taken by statements that write into several tables: it comes to the rows of one by one."""

from itertools import product

import pytest

from portal.actions.sending_at_once import accept_at_once, begin_at_once
from portal.actions.sending_many import Steps, Turn, accept_many, begin_many
from tests.support.posting import MINUTE, NOW, Post, rows_of
from tests.support.sender import Between, Sender, closed, new_address, seen, sender_of

pytestmark = [pytest.mark.database("postgresql"), pytest.mark.usefixtures("store")]
ONE_BY_ONE, AT_ONCE = Steps(accept_many, begin_many), Steps(accept_at_once, begin_at_once)


async def nothing(_post: Post) -> None:
    """Nobody writes."""


async def whole_campaign(sender: Sender, before: Between, meanwhile: Between) -> list[tuple[object, ...]]:
    """Twelve messages over six connections, which are answered at two instants."""
    begins = await sender.claimed()
    await before(sender.post)
    first = await sender.begin(begins[:6])
    await meanwhile(sender.post)
    first[3:] = [last._replace(at=last.at + MINUTE) for last in first[3:]]
    second = await sender.begin(begins[6:], first, NOW + 2 * MINUTE)
    await sender.take(*[Turn(last=one) for one in second], at=NOW + 2 * MINUTE)
    return await rows_of(sender.post)


@pytest.mark.parametrize(
    ("before", "meanwhile"),
    [pair for pair in product((nothing, new_address, closed, seen), repeat=2) if pair != (closed, closed)],
)
async def test_it_comes_to_the_same_rows(before: Between, meanwhile: Between) -> None:
    at_once = await whole_campaign(await sender_of("privacy", noting=False, by=AT_ONCE), before, meanwhile)
    one_by_one = await whole_campaign(await sender_of("cookies", noting=False, by=ONE_BY_ONE), before, meanwhile)
    assert at_once == one_by_one
    windows = [str(window) for _state, _owner, _due, window, *_ in at_once]
    assert len(set(windows)) > 1
