"""Ops is shown why nothing is sent, or not everything."""

from collections.abc import AsyncIterator

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.settings import Settings
from portal.store.connections import transaction
from portal.store.notices import Notice
from portal.store.outage import Outage
from portal.store.staff import Role
from tests.support.clock import Clock
from tests.support.disk import Disk
from tests.support.noticed import Noticed, noticed_world
from tests.support.relay import ScriptedRelay, scripted_relay
from tests.support.waiting import until_it_is_true
from tests.web.conftest import SignIn


@pytest.fixture
async def relay() -> AsyncIterator[ScriptedRelay]:
    async with scripted_relay() as made:
        yield made


@pytest.fixture
def settings(settings: Settings, relay: ScriptedRelay) -> Settings:
    return settings.model_copy(update={"smtp_port": relay.port})


@pytest.fixture
async def owed(app: Starlette) -> Noticed:
    return await noticed_world(app, mailed=False)


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS, name="Olga")


async def send(app: Starlette, clock: Clock) -> None:
    async with transaction():
        await Notice.all().update(next_attempt_at=clock())
    await app.state.jobs.idle()


async def shown(ops: AsyncClient, owed: Noticed) -> str:
    answer = await ops.get(f"/staff/notices/{owed.version.id}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_mail_server_that_takes_nothing(
    app: Starlette, clock: Clock, ops: AsyncClient, owed: Noticed, relay: ScriptedRelay
) -> None:
    assert "takes nothing" not in await shown(ops, owed)
    relay.script["CONNECT", ""] = "554 5.3.2 <closed> for today"
    await send(app, clock)
    page = await shown(ops, owed)
    assert "The mail server takes nothing at present" in page
    assert "554 5.3.2 &lt;closed&gt; for today" in page
    relay.script.clear()
    await send(app, clock)
    assert "takes nothing" not in await shown(ops, owed)


async def test_messages_that_are_too_large(
    app: Starlette, clock: Clock, ops: AsyncClient, owed: Noticed, relay: ScriptedRelay
) -> None:
    relay.extensions = ("SIZE 1000",)
    await send(app, clock)
    page = await shown(ops, owed)
    assert "Some messages are too large for the mail server" in page
    assert "The relay takes messages of 1000 bytes" in page
    assert "takes nothing" not in page


async def test_a_database_whose_disk_is_full(app: Starlette, clock: Clock, ops: AsyncClient, owed: Noticed) -> None:
    disk = Disk(app.state.settings.database)
    await disk.prepare()
    async with transaction():
        await Notice.all().update(next_attempt_at=clock())
    await disk.fill()
    await app.state.jobs.sweep()
    await until_it_is_true(lambda: app.state.jobs.outage is Outage.FULL)
    page = await shown(ops, owed)
    assert "The database takes nothing at present" in page
    assert "Its disk is full." in page
    await disk.make_room()
    await app.state.jobs.idle()
    assert "takes nothing" not in await shown(ops, owed)
