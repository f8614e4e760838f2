"""Hundreds of members object in the last second of their window, and hundreds in the first second after it."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from httpx2 import ASGITransport, AsyncClient, Limits, Response
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from portal.keys import Keys
from portal.settings import Settings
from portal.store import connect, disconnect
from portal.store.answers import Objection, OptOut
from portal.store.members import Member
from tests.support.clock import Clock
from tests.support.many_noticed import CLOSES, ManyNoticed, many_noticed
from tests.support.world import events
from tests.web.conftest import BASE_URL, FROM_OUR_PAGE

LAST = CLOSES - timedelta(seconds=1)
EACH = 500
SERVER = """
import socket, sys
from datetime import datetime
from pathlib import Path
import uvicorn
from portal.app import create_app
from portal.settings import Settings

data, url, hour, door = sys.argv[1:]
settings = Settings(data=Path(data), database_url=url, history=Path(data) / "history")
app = create_app(settings, lambda: datetime.fromisoformat(Path(hour).read_text()))
config = uvicorn.Config(app, http="httptools", log_config=None, lifespan="on", timeout_keep_alive=600)
uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(door))])
"""


async def test_what_came_in_the_last_second_counts_when_its_turn_comes_after_it(app: Starlette, clock: Clock) -> None:
    told, keys = await many_noticed(2 * EACH), app.state.keys
    arrived, everybody = 0, asyncio.Event()

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal arrived
        arrived += 1
        if arrived == EACH:
            everybody.set()
        await app(scope, receive, send)

    clock.now = LAST
    async with AsyncClient(transport=ASGITransport(door), base_url=BASE_URL, headers=FROM_OUR_PAGE) as browser:
        in_time = [asyncio.create_task(objected(browser, told, one, keys)) for one in told.members[:EACH]]
        await everybody.wait()
        clock.now = CLOSES
        assert not any(task.done() for task in in_time)
        late = await asyncio.gather(*(objected(browser, told, one, keys) for one in told.members[EACH:]))
        await received(told.members[:EACH], await asyncio.gather(*in_time))
        refused(late)
        await still_open(browser, told, told.members[-1], keys)


async def test_two_processes_lose_nothing_and_let_nobody_in_late(settings: Settings, tmp_path: Path) -> None:
    """Every tenth member presses the button twice: each click goes to another process."""
    hour = tmp_path / "hour"
    await connect(settings.database)
    try:
        told = await many_noticed(2 * EACH)
        keys = Keys(settings.secrets())
        show(hour, LAST)
        async with servers(settings, hour, tmp_path) as browsers:
            twice = told.members[:EACH:10]
            first, again = await asyncio.gather(
                all_of(browsers, told, told.members[:EACH], keys), all_of(browsers[::-1], told, twice, keys)
            )
            await received(told.members[:EACH], first)
            assert [receipt(one) for one in again] == [receipt(one) for one in first[::10]]
            show(hour, CLOSES)
            refused(await all_of(browsers, told, told.members[EACH:], keys))
            await still_open(browsers[0], told, told.members[-1], keys)
        assert "Traceback" not in (tmp_path / "log").read_text()
    finally:
        await disconnect()


async def objected(browser: AsyncClient, told: ManyNoticed, member: Member, keys: Keys) -> Response:
    """To the change for marketing, by the mailed link."""
    here = told.link(member, keys, CLOSES.date())
    return await browser.post(f"{here}/objections", data={"change": [told.marketing]})


async def all_of(
    browsers: Sequence[AsyncClient], told: ManyNoticed, members: Sequence[Member], keys: Keys
) -> list[Response]:
    """At once, by turns to each of the servers."""
    sent = (objected(browsers[i % len(browsers)], told, one, keys) for i, one in enumerate(members))
    return await asyncio.gather(*sent)


async def received(members: Sequence[Member], answers: Sequence[Response]) -> None:
    """Each has a receipt with a number of its own, of the last second."""
    assert {answer.status_code for answer in answers} == {303}
    rows = {row.member_id: row for row in await Objection.all()}
    assert sorted(rows) == [member.id for member in members]
    assert {(row.received_at, row.recorded_at, row.withdrawn_at) for row in rows.values()} == {(LAST, LAST, None)}
    assert [receipt(answer) for answer in answers] == [rows[member.id].number for member in members]
    assert len({row.number for row in rows.values()}) == len(members)
    assert len(await events("objection.filed")) == len(members)


def receipt(answer: Response) -> str:
    return answer.headers["location"].rpartition("/")[2]


def refused(answers: Sequence[Response]) -> None:
    """Each is told the deadline, and what is still possible."""
    assert {answer.status_code for answer in answers} == {409}
    for answer in answers:
        assert "Your objection arrived after the deadline" in answer.text
        assert "22 March 2026, 00:00 (Europe/Berlin)" in answer.text
        assert "Opt out of Marketing" in answer.text


async def still_open(browser: AsyncClient, told: ManyNoticed, member: Member, keys: Keys) -> None:
    here = told.link(member, keys, CLOSES.date())
    assert (await browser.post(f"{here}/opt-outs", data={"purpose": "marketing"})).status_code == 303
    assert (await OptOut.get()).member_id == member.id


def show(hour: Path, instant: datetime) -> None:
    """What the servers' clocks read from now on."""
    unfinished = hour.with_suffix(".part")
    unfinished.write_text(instant.isoformat())
    unfinished.replace(hour)


@asynccontextmanager
async def servers(settings: Settings, hour: Path, folder: Path) -> AsyncIterator[list[AsyncClient]]:
    """Two processes that serve the same database, each on a socket that listens already; and a browser for each."""
    async with AsyncExitStack() as stack:
        with (folder / "log").open("wb") as log:
            doors, running = [], []
            for _ in range(2):
                door = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=2 * EACH))
                doors.append(door)
                arguments = [str(settings.data), settings.database, str(hour), str(door.fileno())]
                running.append(
                    await asyncio.create_subprocess_exec(
                        sys.executable, "-c", SERVER, *arguments, pass_fds=[door.fileno()], stdout=log, stderr=log
                    )
                )
        try:
            yield [await stack.enter_async_context(browser_at(door)) for door in doors]
        finally:
            for server in running:
                server.terminate()
                await server.wait()


def browser_at(door: socket.socket) -> AsyncClient:
    """So many connections at once as there are members."""
    base = f"http://127.0.0.1:{door.getsockname()[1]}"
    return AsyncClient(base_url=base, headers=FROM_OUR_PAGE, limits=Limits(max_connections=EACH), timeout=120)
