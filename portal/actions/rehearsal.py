"""A deed tried out: what it would answer, or why it is refused, by the very code that does it."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from portal.store.connections import transaction

Result = TypeVar("Result")


class _Undone(Exception):
    """Ends a transaction of which nothing shall stay."""


async def rehearsed(deed: Callable[[], Awaitable[Result]]) -> Result:
    """What the deed would answer or raise now; nothing of it stays."""
    answer: list[Result] = []
    try:
        async with transaction():
            answer.append(await deed())
            raise _Undone
    except _Undone:
        return answer[0]
