"""The jobs end when the server does, whatever they were about to do."""

import asyncio
from pathlib import Path

import pytest

from portal.jobs import running
from portal.keys import Keys
from portal.settings import Settings
from portal.store import connect, disconnect
from tests.support.clock import Clock


@pytest.fixture
async def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, database_url=database_url, smtp_port=9)


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8])
async def test_woken_at_the_instant_of_stopping_they_still_end(settings: Settings, turns: int) -> None:
    await connect(settings.database)
    try:
        async with asyncio.timeout(8):
            async with running(settings, Keys(("a key",)), Clock()) as jobs:
                await jobs.idle()
                await asyncio.sleep(0.2)  # by now the sweeper waits to be woken
                jobs.wake()
                for _ in range(turns):
                    await asyncio.sleep(0)
    finally:
        await disconnect()


@pytest.mark.parametrize("turns", [0, 1, 3, 10, 30])
async def test_stopped_while_their_queue_is_being_opened_they_end_at_once(settings: Settings, turns: int) -> None:
    await connect(settings.database)
    try:
        async with asyncio.timeout(8):
            async with running(settings, Keys(("a key",)), Clock()):
                for _ in range(turns):
                    await asyncio.sleep(0.002)
    finally:
        await disconnect()
