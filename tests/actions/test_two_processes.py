"""Several processes do the same thing at the same instant: the database lets one of them."""

import asyncio
import sys
from pathlib import Path

from portal.store.answers import Objection
from portal.store.outcomes import Closure
from tests.actions.conftest import OBJECTED, Told
from tests.support.world import events

RACER = """
import asyncio, sys, time
from datetime import datetime
from pathlib import Path
from portal.actions.actor import Actor
from portal.actions.objection import file_objection
from portal.actions.outcome import close_account
from portal.rules.errors import RuleBroken
from portal.store import connect, disconnect
from portal.store.answers import Way

url, start, what, member, version, at = sys.argv[1:]
at = datetime.fromisoformat(at)

async def race():
    await connect(url)
    print("ready", flush=True)
    while not Path(start).exists():
        time.sleep(0.002)
    by = Actor("member", int(member))
    try:
        if what == "object":
            await file_objection(int(member), int(version), ["c1"], way=Way.LINK, by=by, at=at)
        else:
            await close_account(int(member), by=by, at=at)
        print("done")
    except RuleBroken as refused:
        print(refused.code)
    finally:
        await disconnect()

asyncio.run(race())
"""


async def race(url: str, told: Told, tmp_path: Path, deeds: list[str]) -> list[str]:
    """Starts a process for each deed, lets all go at once, and gives what each said."""
    start = tmp_path / "start"
    arguments = [str(told.member.id), str(told.version.id), OBJECTED.isoformat()]
    racers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", RACER, url, str(start), deed, *arguments, stdout=asyncio.subprocess.PIPE
        )
        for deed in deeds
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert await racer.stdout.readline() == b"ready\n"
    start.touch()
    said = [await racer.communicate() for racer in racers]
    return sorted(output.decode().strip() for output, _ in said)


async def test_of_four_processes_that_object_one_is_first(store: str, told: Told, tmp_path: Path) -> None:
    said = await race(store, told, tmp_path, ["object"] * 4)
    assert said == ["already_objected"] * 3 + ["done"]
    assert await Objection.all().count() == 1
    assert len(await events("objection.filed")) == 1


async def test_closing_and_objecting_at_once_leave_no_objection_after_the_closing(
    store: str, told: Told, tmp_path: Path
) -> None:
    said = await race(store, told, tmp_path, ["object", "close", "close", "object"])
    assert said.count("done") in {1, 2}
    assert await Closure.all().count() == 1
    (closed,) = await events("account.closed")
    assert all(filed.id < closed.id for filed in await events("objection.filed"))
