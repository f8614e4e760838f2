"""What the tests ask of a real mail server, and how one is started and stopped, whatever its make."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.postgresql import free_port, memory_folder

ROOT = Path(__file__).parents[2]
CERTIFICATE = Path(__file__).parent / "localhost.pem"
STARTS_WITHIN = 30.0
ENDS_WITHIN = 10.0
TRIES = 3
SHOWN = 15
TELLING = re.compile(r"fatal|panic|warning|status=(deferred|bounced)|reject| (\*\*|==) ", re.IGNORECASE)

# What `Ports.small` takes, in bytes: less than any notice.
SMALL = 1_000
# Recipients of this domain are accepted and then bounced; of the next one, refused at once.
GONE, UNKNOWN = "gone.example.org", "unknown.example.org"
# Where bounces go: to `manage.py mail receive`.
PORTAL = "portal.example.org"


class ServerFailed(Exception):
    """A mail server did not do what it must; the text ends with its log."""


@dataclass(frozen=True)
class Ports:
    """`plain` offers no STARTTLS, `small` takes messages of SMALL bytes; `usual` takes nothing unencrypted."""

    usual: int
    plain: int
    small: int


@dataclass(frozen=True)
class Taken:
    """A message from the portal that the server took, as its log tells it."""

    message_id: str
    sender: str
    recipient: str


@dataclass
class MailServer(ABC):
    """A server at 127.0.0.1, with its own folders: `here` for settings and programs, `queue` for mail."""

    here: Path
    queue: Path
    ports: Ports

    @abstractmethod
    def configure(self, variables: Mapping[str, str]) -> None:
        """Writes its settings; bounces go to `manage.py mail receive` with these environment variables."""

    @property
    @abstractmethod
    def command(self) -> tuple[Sequence[str | Path], Mapping[str, str]]:
        """What runs it in the foreground, and that program's environment."""

    @property
    @abstractmethod
    def log_file(self) -> Path: ...

    def log(self) -> str:
        """All that it has written so far."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else "(none)"

    @abstractmethod
    def fill(self, *addresses: str) -> None:
        """From the next connection on these mailboxes are full, and no others: recipients are answered with 450."""

    @abstractmethod
    def taken(self) -> list[Taken]:
        """What it took that has an envelope sender, in the order of its log."""

    @abstractmethod
    def encrypted(self) -> int:
        """How many connections or messages came encrypted."""

    @abstractmethod
    def queued(self) -> int:
        """How many messages it still has to deliver or to return."""


@contextmanager
def running(make: type[MailServer], variables: Mapping[str, str]) -> Iterator[MailServer]:
    """A running server of that make; bounces go to `manage.py mail receive` with these environment variables.

    Raises:
        ServerFailed: it does not start.
    """
    with folders() as (here, queue):
        server = make(here, queue, Ports(free_port(), free_port(), free_port()))
        shutil.copy(CERTIFICATE, here)
        server.fill()
        server.configure(variables)
        with started(server, *server.command):
            yield server


@contextmanager
def folders() -> Iterator[tuple[Path, Path]]:
    """One for programs and settings, and one for the queue, in memory where there is enough: each message is synced.

    The server's users may pass through both. Not pytest's own folder: that one is closed to them.
    """
    here = Path(tempfile.mkdtemp(prefix="portal-relay-"))
    queue = Path(tempfile.mkdtemp(prefix="portal-relay-", dir=memory_folder()))
    try:
        for folder in (here, queue):
            folder.chmod(0o711)
        yield here, queue
    finally:
        for folder in (here, queue):
            shutil.rmtree(folder, ignore_errors=True)


def receiving(folder: Path, group: str, environment: Mapping[str, str]) -> list[str]:
    """The command for a pipe that hands a message to `manage.py mail receive`; options may follow.

    A mail server runs nothing as root, and a checkout may lie where only root may go, as may Python itself. So the
    server's user gets a way to become root, as sudo would be one on a real host: a program in a folder for its group.
    """
    door = folder / "receive"
    door.mkdir(mode=0o750)
    become = Path(shutil.copy(shutil.which("setpriv") or "setpriv", door))
    for path in (door, become):
        shutil.chown(path, "root", group)
    become.chmod(0o4750)
    manage = [python(), str(ROOT / "manage.py"), "mail", "receive"]
    variables = [f"{name}={value}" for name, value in environment.items()]
    return [str(become), "--reuid=0", "--regid=0", "--clear-groups", "/usr/bin/env", *variables, *manage]


def python() -> str:
    """The interpreter of the tests, by the name that makes it know its packages."""
    return os.path.abspath(sys.executable)  # noqa: PTH100 - resolved, it would be another one


@contextmanager
def started(server: MailServer, command: Sequence[str | Path], environment: Mapping[str, str]) -> Iterator[None]:
    """The server's process, from its first greeting to its end. It ends with the tests, however these end."""
    mortal = ["setpriv", "--pdeathsig=TERM", *map(str, command)]
    process = subprocess.Popen(mortal, env=dict(environment), cwd="/", stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        for port in (server.ports.usual, server.ports.plain, server.ports.small):
            wait_for_greeting(server, process, port)
        yield
    finally:
        end(process)
        sys.stdout.write(shown(server))  # by pytest, where a test fails


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ends the server, and what it has started: an Exim at work would make its log anew in a folder that is gone."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(ENDS_WITHIN)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for_greeting(server: MailServer, process: "subprocess.Popen[bytes]", port: int) -> None:
    give_up = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < give_up:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=STARTS_WITHIN) as connection:
            if connection.recv(200).startswith(b"220 "):
                connection.sendall(b"QUIT\r\n")
                return
        time.sleep(0.05)
    raise ServerFailed(f"no greeting at port {port}; the server's log:\n{shown(server)}")


def shown(server: MailServer) -> str:
    """The last lines of its log, and before them the last ones that tell of trouble."""
    lines = [line[:600] for line in server.log().splitlines()]
    telling = [line for line in lines[:-SHOWN] if TELLING.search(line)]
    return "\n".join([*telling[-SHOWN:], "…", *lines[-SHOWN:]])
