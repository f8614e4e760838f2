"""`mail roll` as a person meets it: number, digest, counted again, and the roll as a file."""

import asyncio
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from portal.actions.actor import SYSTEM
from portal.actions.members import import_members
from portal.cli import Stop
from portal.cli.mail_roll import roll
from portal.store import connect, disconnect, transaction
from portal.store.notices import Notice
from tests.support.campaign import owed_to
from tests.support.world import DAY, JOINED, POSTED_1, POSTED_2, make_policy, make_version

ROOT = Path(__file__).parents[2]
# As an installed portal runs it: manage.py might first have something to say about its environment.
PORTAL = f"{sys.executable} -c 'from portal.cli import main; main()'"
# printf '1\n2\n3\n4\n' | sha256sum
DIGEST = "sha256:16fbd7d1f18d2fedb247d73edc3bc6aa040f5ab99bd3b48c35b79e543d22179b"
SAID = f"""privacy 2, posted 2026-03-01 09:00:00 UTC
members on the roll: 4
added later: 0
{DIGEST}
counted again: the same
"""


@pytest.fixture
async def told(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The policy `privacy`, of whose version 2 four members were owed a mail; gives the database's address."""
    monkeypatch.setenv("PORTAL_DATABASE_URL", database_url)
    await connect(database_url)
    await owed_to(4)
    await disconnect()
    return database_url


async def test_number_and_digest_are_told_and_counted_again(told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert await roll("privacy", 2) == 0
    assert capsys.readouterr().out == SAID


async def test_who_was_entered_later_is_counted_apart(told: str, capsys: pytest.CaptureFixture[str]) -> None:
    await connect(told)
    late = f"external_id,joined_at\nlate,{JOINED:%Y-%m-%dT%H:%M:%SZ}\n".encode()
    await import_members(late, by=SYSTEM, at=POSTED_2 + DAY)
    await disconnect()
    assert await roll("privacy", 2) == 0
    assert capsys.readouterr().out == SAID.replace("later: 0", "later: 1")


async def test_a_notice_that_was_slipped_in_is_told_with_status_1(
    told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await connect(told)
    async with transaction() as connection:
        await connection.execute_query(
            "INSERT INTO member (external_id, language, link_epoch, recorded_at) SELECT 'm9', language, 1, recorded_at"
            " FROM member WHERE id = 1"
        )
        notice = await Notice.get(member_id=1, version_id=2)
        await Notice.create(id=-1, member_id=5, version_id=2, state=notice.state, recorded_at=notice.recorded_at)
    await disconnect()
    assert await roll("privacy", 2) == 1
    five = sha256(b"1\n2\n3\n4\n5\n").hexdigest()
    said = capsys.readouterr().out.splitlines()
    assert said[1:4] == ["members on the roll: 4", "added later: 0", DIGEST]
    assert said[4] == f"counted again: NOT the same, 5 members, sha256:{five}"


async def test_the_roll_goes_into_a_file_which_gives_the_digest(
    told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "roll.csv"
    assert await roll("privacy", 2, csv=file) == 0
    assert capsys.readouterr().out == SAID
    head, *lines = file.read_text(encoding="utf-8-sig").splitlines()
    assert head == "member,external_id,state"
    assert lines == ["1,m0,queued", "2,m1,queued", "3,m2,queued", "4,m3,queued"]


def run(command: str, surroundings: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["bash", "-c", command], env=surroundings, cwd=ROOT, capture_output=True, check=True)


async def test_the_commands_of_the_documentation_give_the_digest(told: str) -> None:
    counting = "tail -n +2 | cut -d, -f1 | sha256sum"
    assert counting.replace("-n +2", "-n +2 FILE") in (ROOT / "docs" / "mail.md").read_text(encoding="utf-8")
    done = await asyncio.to_thread(
        run,
        f"set -o pipefail; {PORTAL} mail roll privacy 2 --csv - | {counting}",
        {**os.environ, "PORTAL_DATABASE_URL": told},
    )
    assert done.stderr.decode() == SAID
    assert "sha256:" + done.stdout.decode().split()[0] == DIGEST


async def test_a_file_that_is_there_is_left_as_it_is(told: str, tmp_path: Path) -> None:
    file = tmp_path / "roll.csv"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(Stop, match="there is such a file already") as stopped:
        await roll("privacy", 2, csv=file)
    assert stopped.value.status == 2
    assert file.read_text(encoding="utf-8") == "mine"
    with pytest.raises(Stop, match="No such file or directory"):
        await roll("privacy", 2, csv=tmp_path / "nowhere" / "roll.csv")


async def test_half_a_file_is_not_left_behind(told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_rows: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("portal.web.roll.lines", full)
    file = tmp_path / "roll.csv"
    with pytest.raises(Stop, match="No space left on device"):
        await roll("privacy", 2, csv=file)
    assert not file.exists()


async def test_a_version_without_a_roll_and_one_that_is_not_there_are_told(told: str) -> None:
    await connect(told)
    await make_version(await make_policy("terms"), POSTED_1)
    await disconnect()
    with pytest.raises(Stop, match="terms 1 has no roll: it came with its history") as stopped:
        await roll("terms", 1)
    assert stopped.value.status == 1
    with pytest.raises(Stop, match="privacy has no version 9; the newest is 2"):
        await roll("privacy", 9)
