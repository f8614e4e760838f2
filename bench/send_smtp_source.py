"""Postfix's smtp-source: C, the same bytes to everybody, no record. What a machine can do at best.

Where it is not installed, Debian's package is fetched and unpacked beside this file, which needs no root: installing it
would start a mail server.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

from bench.absent import HERE, NotRun
from bench.order import Order
from bench.spent import Spent, cpu_s

UNPACKED = HERE / "postfix"
INSTALLED = ("/usr/sbin", "/usr/libexec/postfix", "/usr/local/sbin")


def send(order: Order) -> Spent:
    """A process for all messages, each session keeps its connection. Its start counts, it has no warm-up."""
    program = _program()
    command = (
        *(str(program), "-d", "-s", str(order.connections), "-m", str(order.messages), "-l", str(order.letter.size)),
        *("-f", "privacy@example.com", "-t", "member@example.org", f"inet:127.0.0.1:{order.port}"),
    )
    cpu, began = cpu_s(), time.perf_counter()
    subprocess.run(command, env=_environment(), check=True, capture_output=True, text=True)
    return Spent(order.messages, cpu_s() - cpu, time.perf_counter() - began)


def version() -> str:
    """Postfix's; known once it has run."""
    unpacked = UNPACKED / "version"
    if unpacked.exists():
        return unpacked.read_text().strip()
    postconf = _installed("postconf")
    if postconf is None:
        return ""
    return subprocess.run([postconf, "-dh", "mail_version"], capture_output=True, text=True, check=True).stdout.strip()


def _program() -> Path:
    """The installed one, or the one that was unpacked. Raises NotRun."""
    found = _installed("smtp-source")
    if found:
        return Path(found)
    unpacked = UNPACKED / "usr" / "sbin" / "smtp-source"
    if not unpacked.exists():
        _unpack()
    return unpacked


def _installed(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join((*INSTALLED, os.environ.get("PATH", ""))))


def _unpack() -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise NotRun("smtp-source is not installed (it comes with Postfix), and this is no Debian to fetch it from")
    shutil.rmtree(UNPACKED, ignore_errors=True)
    UNPACKED.mkdir()
    fetched = _ran("apt-get", "-qq", "download", "postfix")
    package = next(UNPACKED.glob("postfix_*.deb"), None)
    if package is None:
        raise NotRun(f"smtp-source is not installed; apt-get download postfix: {_last_line(fetched)}")
    unpacked = _ran("dpkg-deb", "--extract", package.name, ".")
    if not (UNPACKED / "usr" / "sbin" / "smtp-source").exists():
        raise NotRun(f"smtp-source could not be unpacked from {package.name}: {_last_line(unpacked)}")
    (UNPACKED / "version").write_text(package.name.split("_")[1] + "\n")
    package.unlink()


def _ran(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=UNPACKED, capture_output=True, text=True, check=False)


def _last_line(ran: "subprocess.CompletedProcess[str]") -> str:
    return (ran.stderr.strip().splitlines() or [f"status {ran.returncode}"])[-1]


def _environment() -> dict[str, str]:
    """Its own libraries lie where the package would have put them."""
    libraries = UNPACKED / "usr" / "lib" / "postfix"
    return {**os.environ, "LD_LIBRARY_PATH": str(libraries)} if libraries.exists() else dict(os.environ)
