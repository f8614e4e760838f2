"""A database that lacks migrations while the portal runs: it is said once which, and what to do."""

import asyncpg
import pytest
from structlog.testing import capture_logs
from tortoise import connections

from portal.jobs import running
from portal.store.connections import WRITER
from portal.store.job_queue import QUEUE
from portal.store.notices import NoticeState
from portal.store.outage import Outage
from tests.jobs.conftest import KEYS, Mailing, states
from tests.support.campaign import owed_to
from tests.support.waiting import until_it_is_true

LACKING = "0008_campaign_hold"
PUT_BACK = (
    "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('portal', '0008_campaign_hold', '2026-01-01')"
)


async def execute(statement: str) -> None:
    await connections.get(WRITER).execute_query(statement)


async def test_the_missing_migration_is_named_once_and_sending_goes_on_when_it_is_there(mailing: Mailing) -> None:
    await owed_to(3)
    await execute("ALTER TABLE campaign_hold RENAME TO away")
    await execute(f"DELETE FROM tortoise_migrations WHERE name = '{LACKING}'")
    with capture_logs() as logs:
        async with running(mailing.settings, KEYS, mailing.clock) as jobs:
            for _ in range(3):
                await jobs.sweep()
            assert jobs.outage is Outage.BEHIND
            assert await states() == [NoticeState.QUEUED] * 3
            await execute("ALTER TABLE away RENAME TO campaign_hold")
            await execute(PUT_BACK)
            await jobs.idle()
            assert jobs.troubles == (None, "", "")
    assert await states() == [NoticeState.ACCEPTED] * 3
    assert [(line["event"], line.get("lacks"), line.get("todo")) for line in logs] == [
        ("database_not_migrated", [LACKING], "run: manage.py migrate"),
        ("database_works_again", None, None),
    ]


async def test_a_table_that_is_missing_though_all_migrations_are_there_is_told_as_what_it_is(mailing: Mailing) -> None:
    await execute("ALTER TABLE campaign_hold RENAME TO away")
    with capture_logs() as logs:
        async with running(mailing.settings, KEYS, mailing.clock) as jobs:
            await jobs.sweep()
            assert jobs.outage is None
    assert {(line["event"], line["error"]) for line in logs} == {("job_failed", "OperationalError")}
    await execute("ALTER TABLE away RENAME TO campaign_hold")


@pytest.mark.database("postgresql")
async def test_a_missing_queue_is_named_too(mailing: Mailing) -> None:
    own = await asyncpg.connect(mailing.settings.database)
    await own.execute("ALTER TABLE pgqueuer RENAME TO away")
    with capture_logs() as logs:
        async with running(mailing.settings, KEYS, mailing.clock) as jobs:
            await until_it_is_true(lambda: jobs.outage is not None)
            await own.execute("ALTER TABLE away RENAME TO pgqueuer")
            await owed_to(3)
            await jobs.idle()
    await own.close()
    assert await states() == [NoticeState.ACCEPTED] * 3
    assert [(line["event"], line.get("lacks")) for line in logs] == [
        ("database_not_migrated", [QUEUE]),
        ("database_works_again", None),
    ]
