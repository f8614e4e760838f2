"""`mail receive`, as a mail server's pipe meets it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.store import connect, disconnect
from portal.store.returned import ReturnedContent, ReturnedMail
from tests.support.came_back import OBJECTION, PATH, crlf, dsn

MANAGE = Path(__file__).parents[2] / "manage.py"


@pytest.fixture
def surroundings(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PORTAL_DATABASE_URL": database_url,
        "PORTAL_DATA": str(tmp_path / "data"),
        "PORTAL_MAIL_FROM": "privacy@example.com",
        "PORTAL_BOUNCE_ADDRESS": "bounces@example.com",
    }


def received(
    message: bytes, surroundings: dict[str, str], *options: str, **changed: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, str(MANAGE), "mail", "receive", *options],
        input=message,
        env=surroundings | changed,
        capture_output=True,
        timeout=120,
        check=False,
    )


async def rows(url: str) -> list[tuple[str, int, str, bytes]]:
    await connect(url)
    try:
        contents = {row.returned_id: row for row in await ReturnedContent.all()}
        return [
            (str(row.kind), row.size, contents[row.id].sender, contents[row.id].content)
            for row in await ReturnedMail.all().order_by("id")
        ]
    finally:
        await disconnect()


async def test_a_message_is_taken_in_once_by_its_envelope_or_its_headers(
    surroundings: dict[str, str], database_url: str
) -> None:
    done = received(dsn(), surroundings, "--sender=", f"--recipient={PATH}")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"taken in as 1: unknown_bounce\n", b"")
    again = received(dsn(), surroundings)
    assert (again.returncode, again.stdout) == (0, b"taken in before as 1: unknown_bounce\n")
    letter = received(OBJECTION, surroundings)
    assert (letter.returncode, letter.stdout) == (0, b"taken in as 2: letter\n")
    assert [row[0] for row in await rows(database_url)] == ["unknown_bounce", "letter"]
    assert (await rows(database_url))[1][2:] == ("Maria <maria@example.org>", OBJECTION)


async def test_strange_mail_is_taken_and_a_large_one_cut(surroundings: dict[str, str], database_url: str) -> None:
    assert received(b"\0\xff", surroundings).returncode == 0
    large = b"Subject: Large\r\n\r\n" + b"x" * 12_000_000
    assert received(large, surroundings).returncode == 0
    strange, cut = await rows(database_url)
    assert (strange[0], strange[1], strange[3]) == ("letter", 2, b"\0\xff")
    assert (cut[1], len(cut[3])) == (len(large), 1_000_000)


async def test_the_mail_server_is_asked_to_try_again_where_it_cannot_be_recorded(
    surroundings: dict[str, str], unused_port: int, tmp_path: Path, database_url: str
) -> None:
    nowhere = f"postgres://nobody@127.0.0.1:{unused_port}/none"
    letter = crlf("Subject: Hello\n\nHello.\n")
    (tmp_path / "no-folder").write_text("")
    for changed in (
        {"PORTAL_DATABASE_URL": nowhere},
        {"PORTAL_DATABASE_URL": f"sqlite://{tmp_path}/no-folder/portal.sqlite3"},
        {"PORTAL_SMTP_PORT": "many"},
    ):
        done = received(letter, surroundings, **changed)
        assert done.returncode == 75, changed
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert done.stderr.startswith(b"manage.py: ")
    empty = received(b"", surroundings)
    assert (empty.returncode, empty.stderr) == (75, b"manage.py: there is no message on standard input\n")
    assert await rows(database_url) == []
