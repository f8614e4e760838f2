"""A hand-over token is sent several times at the same instant: the unique key lets one of them sign in."""

import asyncio
import sys
from pathlib import Path

from portal.hand_over import CompanyKeys
from portal.store.access import MemberSession, SpentToken
from tests.support.company_keys import SECRET, hand_over
from tests.support.world import JOINED, at, events, make_member, make_policy

NOON = at("2026-03-02 12:00")
PORTAL = "https://privacy.example.com"

RACER = """
import asyncio, sys, time
from datetime import datetime
from pathlib import Path
from portal.actions.sign_on import sign_in_handed_over
from portal.hand_over import CompanyKeys
from portal.rules.errors import RuleBroken
from portal.store import connect, disconnect

url, start, secret, token, audience, at = sys.argv[1:]
at = datetime.fromisoformat(at)

async def race():
    await connect(url)
    print("ready", flush=True)
    while not Path(start).exists():
        time.sleep(0.002)
    try:
        await sign_in_handed_over(CompanyKeys.of(secret, "").read(token, audience, at), at)
        print("signed in")
    except RuleBroken as refused:
        print(refused.code)
    finally:
        await disconnect()

asyncio.run(race())
"""


async def test_of_four_processes_with_one_token_one_signs_in(store: str, tmp_path: Path) -> None:
    await make_member(await make_policy(), "m1", JOINED)
    start, token = tmp_path / "start", hand_over(NOON, PORTAL)
    assert CompanyKeys.of(SECRET, "").read(token, PORTAL, NOON).external_id == "m1"
    arguments = (store, str(start), SECRET, token, PORTAL, NOON.isoformat())
    racers = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", RACER, *arguments, stdout=asyncio.subprocess.PIPE)
        for _ in range(4)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert await racer.stdout.readline() == b"ready\n"
    start.touch()
    said = [(await racer.communicate())[0].decode().strip() for racer in racers]
    assert sorted(said) == ["signed in", *["token_spent"] * 3]
    assert await MemberSession.all().count() == await SpentToken.all().count() == 1
    assert len(await events("member.signed_in")) == 1
