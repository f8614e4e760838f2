"""`mail listen`, as a mail server meets it."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.store import connect, disconnect, transaction
from portal.store.returned import ReturnedMail
from portal.store.statement import execute
from tests.support.came_back import ADDRESS, OBJECTION, PATH, dsn

MANAGE = Path(__file__).parents[2] / "manage.py"
MAILS = "privacy@example.com"


@pytest.fixture
def surroundings(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PORTAL_DATABASE_URL": database_url,
        "PORTAL_DATA": str(tmp_path / "data"),
        "PORTAL_MAIL_FROM": MAILS,
        "PORTAL_BOUNCE_ADDRESS": "bounces@example.com",
    }


@contextmanager
def listening(surroundings: dict[str, str], log: Path, *where: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, str(MANAGE), "mail", "listen", *where]
    with log.open("wb") as written:
        server = subprocess.Popen(command, env=surroundings, stdout=written, stderr=written)
    try:
        give_up = time.monotonic() + 60
        while b"mail_listening" not in log.read_bytes():
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < give_up, "it does not start"
            time.sleep(0.05)
        yield server
    finally:
        server.kill()
        server.wait()


def raw_session(port: int) -> tuple[socket.socket, Iterator[bytes]]:
    """A socket on which LHLO was said, and the lines that come over it."""
    wire = socket.create_connection(("127.0.0.1", port), timeout=60)
    lines = iter(wire.makefile("rb").readline, b"")
    assert next(lines).startswith(b"220 ")
    wire.sendall(b"LHLO mx.example.com\r\n")
    while not next(lines).startswith(b"250 "):
        pass
    return wire, lines


async def taken_in(url: str) -> list[tuple[str, int]]:
    await connect(url)
    try:
        return [(str(row.kind), row.size) for row in await ReturnedMail.all().order_by("id")]
    finally:
        await disconnect()


async def test_a_mail_server_hands_over_bounces_and_letters(
    surroundings: dict[str, str], database_url: str, unused_port: int, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with listening(surroundings, log, "--port", str(unused_port)) as server:
        with smtplib.LMTP("127.0.0.1", unused_port, timeout=60) as client:
            assert client.sendmail("", [PATH], dsn()) == {}
            assert client.esmtp_features["size"] == "10000000"
            assert client.sendmail(ADDRESS, ["Privacy@mail.example.net"], OBJECTION) == {}
            assert client.sendmail("", ["bounces@example.com"], dsn()) == {}
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    assert await taken_in(database_url) == [("unknown_bounce", len(dsn())), ("letter", len(OBJECTION))]
    said = log.read_text()
    assert "mail_stopped" in said
    assert "example.org" not in said
    assert "bounces+" not in said


async def test_recipients_that_are_not_ours_and_too_large_messages_are_refused(
    surroundings: dict[str, str], database_url: str, unused_port: int, tmp_path: Path
) -> None:
    with (
        listening(surroundings, tmp_path / "log", "--port", str(unused_port)),
        smtplib.LMTP("127.0.0.1", unused_port, timeout=60) as client,
    ):
        client.ehlo_or_helo_if_needed()
        client.mail("")
        for stranger in ("root@example.com", "privacyx@example.com", "bounces.x@example.com", "+s1-0@example.com"):
            assert client.rcpt(stranger)[0] == 550
        client.rset()
        assert client.mail("", ["SIZE=10000001"])[0] == 552
        client.mail(ADDRESS)
        client.rcpt(MAILS)
        assert client.data(b"x: y\r\n\r\n" + (b"z" * 998 + b"\r\n") * 10_100)[0] == 552
        long_line = b"Subject: A long line\r\n\r\n" + b"z" * 200_000 + b"\r\n"
        assert client.sendmail(ADDRESS, [MAILS], long_line) == {}
    assert await taken_in(database_url) == [("letter", len(long_line))]


async def test_every_recipient_gets_a_reply_and_only_after_the_commit(
    surroundings: dict[str, str], database_url: str, unused_port: int, tmp_path: Path
) -> None:
    with listening(surroundings, tmp_path / "log", "--port", str(unused_port)):
        wire, lines = raw_session(unused_port)
        wire.sendall(b"MAIL FROM:<>\r\nRCPT TO:<nobody@example.com>\r\n")
        assert [next(lines)[:3] for _ in range(2)] == [b"250", b"550"]
        wire.sendall(b"RCPT TO:<%s>\r\nRCPT TO:<bounces@example.com>\r\nDATA\r\n" % PATH.encode())
        assert [next(lines)[:3] for _ in range(3)] == [b"250", b"250", b"354"]
        wire.sendall(dsn() + b".\r\n")
        replies = [next(lines) for _ in range(2)]
        assert replies[0] == replies[1]
        assert replies[0].startswith(b"250 ")
        assert await taken_in(database_url) == [("unknown_bounce", len(dsn()))]
        wire.sendall(b"NOOP\r\n")
        assert next(lines).startswith(b"250 ")
        wire.close()


async def test_who_asks_for_more_than_the_options_allow_is_told_to_come_again(
    surroundings: dict[str, str], database_url: str, unused_port: int, tmp_path: Path
) -> None:
    where = ("--port", str(unused_port), "--connections", "1", "--messages", "1")
    with listening(surroundings, tmp_path / "log", *where) as server:
        with smtplib.LMTP("127.0.0.1", unused_port, timeout=60) as client:
            with pytest.raises(smtplib.SMTPConnectError) as refused:
                smtplib.LMTP("127.0.0.1", unused_port, timeout=60)
            assert refused.value.smtp_code == 421
            assert client.sendmail(ADDRESS, [MAILS], OBJECTION) == {}
            assert client.mail(ADDRESS)[0] == 421
        wire, lines = raw_session(unused_port)
        server.send_signal(signal.SIGTERM)
        assert next(lines).startswith(b"421 ")
        assert next(lines, b"") == b""
        wire.close()
        assert server.wait(30) == 0
    assert await taken_in(database_url) == [("letter", len(OBJECTION))]


@pytest.mark.parametrize("option", ["--connections", "--messages"])
def test_a_limit_of_nothing_is_no_limit(option: str, surroundings: dict[str, str]) -> None:
    command = [sys.executable, str(MANAGE), "mail", "listen", option, "0"]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "Must be >= 1" in done.stdout + done.stderr


async def test_trouble_with_the_database_is_temporary(
    surroundings: dict[str, str], database_url: str, unused_port: int, tmp_path: Path
) -> None:
    async def rename(old: str, new: str) -> None:
        await connect(database_url)
        async with transaction() as connection:
            await execute(connection, f"ALTER TABLE {old} RENAME TO {new}")
        await disconnect()

    with (
        listening(surroundings, tmp_path / "log", "--port", str(unused_port)),
        smtplib.LMTP("127.0.0.1", unused_port, timeout=60) as client,
    ):
        await rename("returned_content", "elsewhere")
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail(ADDRESS, [MAILS], OBJECTION)
        assert refused.value.smtp_code == 451
        await rename("elsewhere", "returned_content")
        assert await taken_in(database_url) == []
        assert client.sendmail(ADDRESS, [MAILS], OBJECTION) == {}
    assert await taken_in(database_url) == [("letter", len(OBJECTION))]


async def test_it_listens_on_a_unix_socket_that_others_cannot_use(
    surroundings: dict[str, str], database_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "lmtp"
    with listening(surroundings, tmp_path / "log", "--socket", str(path)):
        assert path.stat().st_mode & 0o777 == 0o660
        with smtplib.LMTP(str(path)) as client:
            assert client.sendmail("", [PATH], dsn()) == {}
    assert await taken_in(database_url) == [("unknown_bounce", len(dsn()))]


def test_a_port_or_socket_that_cannot_be_used_is_named_in_one_line(
    surroundings: dict[str, str], tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for where, words in (
            (["--port", str(port)], f"cannot listen on 127.0.0.1, port {port}: Address already in use"),
            (["--socket", str(tmp_path / "no" / "lmtp")], f"cannot listen on {tmp_path}/no/lmtp: No such file"),
        ):
            command = [sys.executable, str(MANAGE), "mail", "listen", *where]
            done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 1
            assert words in done.stderr.splitlines()[-1]
