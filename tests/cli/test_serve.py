"""`manage.py serve`, as its operator meets it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

MANAGE = Path(__file__).parents[2] / "manage.py"


@pytest.fixture
def surroundings(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "PORTAL_DATABASE_URL": database_url, "PORTAL_DATA": str(tmp_path / "data")}


def command(port: int, *more: str) -> list[str]:
    return [sys.executable, str(MANAGE), "serve", "--port", str(port), *more]


@contextmanager
def serving(port: int, surroundings: dict[str, str], log: Path, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as written:
        server = subprocess.Popen(command(port, *more), env=surroundings, stdout=written, stderr=written)
    try:
        wait_for(port, server)
        yield server
    finally:
        server.kill()
        server.wait()


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the server does not start")


def test_it_serves_on_loopback_and_ends_in_order_without_tokens_in_its_log(
    surroundings: dict[str, str], unused_port: int, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with serving(unused_port, surroundings, log) as server:
        base = f"http://127.0.0.1:{unused_port}"
        with urlopen(f"{base}/policies", timeout=30) as answer:
            assert answer.status == 200
            assert "server" not in answer.headers
        asked = Request(f"{base}/sign-in/a-secret-token", method="HEAD", headers={"X-Forwarded-For": "203.0.113.9"})
        with pytest.raises(OSError, match="410"):
            urlopen(asked, timeout=30)
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) in (0, -signal.SIGTERM)
    lines = log.read_text()
    assert "secret" not in lines
    assert re.search(r'"path": "/sign-in/\\u2026", "status": 410.*"client": "203.0.113.9"', lines)
    assert "Application shutdown complete" in lines
    assert "Traceback" not in lines


def test_several_processes_serve_and_end_in_order(
    surroundings: dict[str, str], unused_port: int, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with serving(unused_port, surroundings, log, "--workers", "2") as server:
        for _ in range(6):
            with urlopen(f"http://127.0.0.1:{unused_port}/policies", timeout=30) as answer:
                assert answer.status == 200
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) in (0, -signal.SIGTERM)
    lines = log.read_text()
    assert lines.count("Application startup complete") == 2
    assert lines.count("Application shutdown complete") == 2
    assert "Traceback" not in lines


@pytest.mark.parametrize(
    ("workers", "jobs", "said"),
    [
        ("0", "true", "at least one process has to serve"),
        ("1", "false", "with SQLite the server does the jobs itself"),
    ],
)
@pytest.mark.database("sqlite")
def test_what_cannot_be_served_is_named_in_one_line(
    surroundings: dict[str, str], unused_port: int, workers: str, jobs: str, said: str
) -> None:
    asked, around = command(unused_port, "--workers", workers), surroundings | {"PORTAL_JOBS": jobs}
    done = subprocess.run(asked, env=around, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.database("sqlite")
def test_a_worker_needs_a_database_that_several_hosts_can_share(surroundings: dict[str, str]) -> None:
    asked = [sys.executable, str(MANAGE), "worker"]
    done = subprocess.run(asked, env=surroundings, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "workers need PORTAL_DATABASE_URL" in done.stderr


def test_a_port_that_is_taken_is_named_in_one_line(surroundings: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(command(port), env=surroundings, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"manage.py: cannot listen on 127.0.0.1, port {port}: Address already in use"


@pytest.mark.database("postgresql")
def test_a_database_that_is_not_migrated_is_named(
    surroundings: dict[str, str], unused_port: int, unmigrated_database_url: str
) -> None:
    """SQLite is migrated by the start itself; a PostgreSQL server only by its owner."""
    done = subprocess.run(
        command(unused_port),
        env=surroundings | {"PORTAL_DATABASE_URL": unmigrated_database_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.endswith("; run: manage.py migrate\n")
