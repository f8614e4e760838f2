"""What may be tried only so often is counted, also when the tries come at once."""

import asyncio

import pytest

from portal.actions.limit import limit_key, spend
from portal.rules.errors import RuleBroken
from portal.store.staff import Attempt
from tests.support.world import at

NOON = at("2026-03-02 12:00")
HOUR = 3600

pytestmark = pytest.mark.usefixtures("store")


async def tries(count: int, limit: int) -> int:
    """How many of that many tries at once are let through."""
    answers = await asyncio.gather(*(spend("key", limit, HOUR, NOON) for _ in range(count)), return_exceptions=True)
    assert all(answer is None or isinstance(answer, RuleBroken) for answer in answers), answers
    return sum(answer is None for answer in answers)


async def test_tries_at_once_are_all_counted() -> None:
    assert await tries(12, limit=5) == 5
    assert [row.tries for row in await Attempt.all()] == [12]


async def test_the_refusal_says_when_to_come_again() -> None:
    await spend("key", 1, HOUR, at("2026-03-02 12:20"))
    with pytest.raises(RuleBroken) as refused:
        await spend("key", 1, HOUR, at("2026-03-02 12:59"))
    assert refused.value.code == "too_often"
    assert refused.value.facts == {"retry_at": at("2026-03-02 13:00")}
    await spend("key", 1, HOUR, at("2026-03-02 13:00"))


async def test_other_keys_have_counts_of_their_own() -> None:
    await spend("key", 1, HOUR, NOON)
    await spend("another", 1, HOUR, NOON)


async def test_what_is_older_than_a_day_is_forgotten() -> None:
    await spend("key", 1, HOUR, NOON)
    await spend("another", 1, HOUR, at("2026-03-03 13:00"))
    assert [row.key for row in await Attempt.all()] == ["another"]


async def test_a_key_names_nobody() -> None:
    key = limit_key("sign-in", "Maria@example.org")
    assert key.startswith("sign-in:")
    assert "maria" not in key.lower()
    assert key == limit_key("sign-in", " maria@example.org ")
    assert len(limit_key("x" * 60, "y" * 500)) <= 100
