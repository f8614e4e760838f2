"""A PostgreSQL cluster for tests and measurements, made in seconds and thrown away."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from portal.cli.machine import postgresql_programs

STARTS_WITHIN = 30.0
TRIES = 3
MEMORY = Path("/dev/shm")
PRIVATE = {
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "error",
    "timezone": "UTC",
    "unix_socket_directories": "",
}
# Nobody will miss these data: durability is given for speed.
SETTINGS = {
    **PRIVATE,
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "max_connections": "300",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "synchronous_commit": "off",
    "wal_level": "minimal",
}


class ClusterFailed(Exception):
    """PostgreSQL could not be started; the text is the end of its log."""


@contextmanager
def cluster(settings: Mapping[str, str] = SETTINGS, *, in_memory: bool = True) -> Iterator[str]:
    """A running server with one superuser; yields the URL of its database `postgres`.

    It listens on a free loopback port, asks for a password made for it, and dies with this process however that ends.
    `in_memory`: its files lie in memory where there is enough of it, else on the disk.
    """
    with restartable(settings, in_memory=in_memory) as made:
        yield made.url


@contextmanager
def restartable(settings: Mapping[str, str] = SETTINGS, *, in_memory: bool = True) -> Iterator["Cluster"]:
    """The same, to be stopped and started again while the block lasts."""
    programs = postgresql_programs()
    if programs is None:
        raise ClusterFailed("PostgreSQL's server is not installed; `manage.py test` installs it")
    folder = Path(tempfile.mkdtemp(prefix="portal-postgresql-", dir=memory_folder() if in_memory else None))
    try:
        password = secrets.token_hex(16)
        initialize(programs, folder, password)
        made = Cluster(programs, folder, settings, password)
        made.start()
        try:
            yield made
        finally:
            made.stop(signal.SIGQUIT)
            made.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Cluster:
    """A server at one port. It dies with the thread that started it."""

    def __init__(self, programs: Path, folder: Path, settings: Mapping[str, str], password: str) -> None:
        self._programs, self._folder, self._settings, self._password = programs, folder, settings, password
        self.port = 0

    @property
    def url(self) -> str:
        return f"postgres://postgres:{self._password}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Returns when it takes connections."""
        for _ in range(TRIES):  # between being found and being bound the port may be taken by another process
            self.port = free_port()
            self.start_again()
            if answers(self._programs, self._server, self.port):
                return
            self._server.kill()
            self._server.wait()
        raise ClusterFailed(self._log.read_text(errors="replace")[-2000:])

    def start_again(self) -> None:
        """At the port that it had; it takes connections a little later."""
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        command = as_owner(self._programs / "postgres", "-D", self._folder / "data", f"--port={self.port}", *options)
        with self._log.open("wb") as output:
            self._server = subprocess.Popen(
                command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )

    def stop(self, how: signal.Signals) -> None:
        """SIGINT breaks off all connections, SIGQUIT is a crash."""
        self._server.send_signal(how)

    def wait(self) -> None:
        """Returns when it has ended."""
        self._server.wait()

    @property
    def _log(self) -> Path:
        return self._folder / "log"


def memory_folder() -> Path | None:
    """Copying a database takes a tenth of the time in memory; a container may have too little of it."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2**30 else None


def initialize(programs: Path, folder: Path, password: str) -> None:
    (folder / "password").write_text(password)
    if os.geteuid() == 0:
        for path in (folder, folder / "password"):
            os.chown(path, owner().pw_uid, owner().pw_gid)
    options = ("--username=postgres", f"--pwfile={folder / 'password'}", "--auth=scram-sha-256", "--no-sync")
    text = ("--encoding=UTF8", "--locale=C.UTF-8")
    command = as_owner(programs / "initdb", "--pgdata", folder / "data", *options, *text)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClusterFailed(done.stderr)


def answers(programs: Path, server: "subprocess.Popen[bytes]", port: int) -> bool:
    """Waits until the server takes connections; false when it has ended, or takes too long."""
    question = (programs / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={port}")
    give_up = time.monotonic() + STARTS_WITHIN
    while server.poll() is None and time.monotonic() < give_up:
        if subprocess.run(question, check=False).returncode == 0:
            return True
        time.sleep(0.05)
    return False


def as_owner(*command: str | Path) -> list[str]:
    """PostgreSQL refuses to run as root. And it is told to stop, at once, when its parent dies, even of SIGKILL."""
    user = [f"--reuid={owner().pw_uid}", f"--regid={owner().pw_gid}", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *user, "--pdeathsig=QUIT", *map(str, command)]


def owner() -> pwd.struct_passwd:
    """The user that Debian's package makes."""
    return pwd.getpwnam("postgres")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
