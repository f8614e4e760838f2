"""Waiting for what nobody tells of."""

import asyncio
from collections.abc import Callable

LONGEST = 30.0


async def until_it_is_true(question: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONGEST):
        while not question():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.01)
