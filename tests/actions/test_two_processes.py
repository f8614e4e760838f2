"""Several processes do the same thing at the same instant: the database lets one of them."""

import asyncio
import sys
from pathlib import Path

from portal.actions.declare import declare_consent
from portal.actions.objection import file_objection
from portal.keys import Keys
from portal.store.access import OneTimeCode
from portal.store.answers import Consent, Objection, Way
from portal.store.declarations import Decision, Declaration
from portal.store.outcomes import Closure
from tests.actions.conftest import OBJECTED, Told
from tests.support.world import events

RACER = """
import asyncio, sys, time
from datetime import datetime
from pathlib import Path
from portal.actions.actor import Actor
from portal.actions.amendment import amend_objection
from portal.actions.declaration import confirm_declaration_by_code, drop_declaration
from portal.actions.declare import declare_consent
from portal.actions.objection import file_objection
from portal.actions.outcome import close_account
from portal.keys import Keys
from portal.rules.errors import RuleBroken
from portal.store import connect, disconnect
from portal.store.answers import Way

url, start, what, member, version, at, about, code = sys.argv[1:]
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
        elif what == "amend":
            await amend_objection(int(about), ["c2"], way=Way.LINK, by=by, at=at)
        elif what == "yes":
            await declare_consent(
                int(member), int(version), "ai_training", way=Way.LINK, known_as=None, by=by, at=at
            )
        elif what == "confirm":
            await confirm_declaration_by_code(int(about), code, keys=Keys(("a key",)), by=by, at=at)
        elif what == "leave":
            await drop_declaration(int(about), by=by, at=at)
        else:
            await close_account(int(member), by=by, at=at)
        print("done")
    except RuleBroken as refused:
        print(refused.code)
    finally:
        await disconnect()

asyncio.run(race())
"""


async def race(url: str, told: Told, tmp_path: Path, deeds: list[str], *, about: int = 0, code: str = "") -> list[str]:
    """Starts a process for each deed, lets all go at once, and gives what each said."""
    start = tmp_path / "start"
    arguments = [str(told.member.id), str(told.version.id), OBJECTED.isoformat(), str(about), code]
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


async def test_of_four_processes_that_amend_one_is_first(store: str, told: Told, tmp_path: Path) -> None:
    first = await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=OBJECTED)
    said = await race(store, told, tmp_path, ["amend"] * 4, about=first.id)
    assert said == ["done"] + ["no_objection"] * 3
    assert await Objection.filter(withdrawn_at__isnull=True).count() == 1
    assert len(await events("objection.withdrawn")) == 1


async def test_of_four_processes_that_declare_the_same_one_is_first_and_one_code_is_mailed(
    store: str, told: Told, tmp_path: Path
) -> None:
    assert await race(store, told, tmp_path, ["yes"] * 4) == ["done"] * 4
    assert await Declaration.all().count() == 1
    assert await OneTimeCode.all().count() == 1


async def test_confirming_and_leaving_at_once_are_one_or_the_other(store: str, told: Told, tmp_path: Path) -> None:
    declared = await declare_consent(
        told.member.id, told.version.id, "ai_training", way=Way.LINK, known_as=None, by=told.by, at=OBJECTED
    )
    assert declared is not None
    code = Keys(("a key",)).code((await OneTimeCode.get()).id)
    said = await race(store, told, tmp_path, ["confirm", "leave", "confirm", "leave"], about=declared.id, code=code)
    decided = await Declaration.get(id=declared.id)
    if decided.decided_as is Decision.CONFIRMED:
        assert said == ["declaration_over"] * 2 + ["done"] * 2
        assert await Consent.all().count() == 1
    else:
        assert said.count("done") == 1
        assert await Consent.all().count() == 0
