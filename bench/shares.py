"""Whose code runs while ours sends: Python's, the kernel's, SQLite's, by samples of Linux' perf.

`python -m bench.shares [messages] [connections]` with a database in SQLite; it takes perf (Debian: linux-perf) and the
right to use it. The samples are taken of the sender alone, after its warm-up, and say what it took.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from bench import send_smtp_source
from bench.absent import NotRun
from bench.letter import real_letter
from bench.machine import machine, python
from bench.order import Order
from bench.portals import SQLITE, portals
from bench.rounds import WARM_UP
from bench.send_ours import OursOrder, prepare, send
from bench.sink import compiled, sink
from portal.cli.logs import start_log

SAMPLES_A_SECOND = 4000
OWNERS = {
    "Python": ("python3", "libpython"),
    "SQLite": ("libsqlite3",),
    "the kernel": ("[kernel",),
    "the C library": ("libc.so",),
    "OpenSSL": ("libcrypto",),
}
OTHERS = "other libraries"
_ALL = re.compile(r"^# Event count \(approx\.\): (\d+)", re.MULTILINE)
_SHARE = re.compile(r"^\s*([0-9.]+)%\s+(\S+)", re.MULTILINE)


@contextmanager
def sampled(file: Path) -> Iterator[None]:
    """Samples of this process while the block lasts. Raises NotRun where there is no perf, or it may not be used."""
    if not shutil.which("perf"):
        raise NotRun("there is no perf (Debian: linux-perf)")
    how = f"record -e cpu-clock -F {SAMPLES_A_SECOND} -p {os.getpid()} -o"
    command = ["perf", *how.split(), str(file)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as perf:
        time.sleep(1)
        try:
            yield
        finally:
            perf.send_signal(signal.SIGINT)
            _, said = perf.communicate()
    if not file.exists():
        raise NotRun(f"perf: {said.strip()}")


def shared_out(said: str, messages: int) -> Counter[str]:
    """Owner of the code -> its CPU for a message, µs, by what `perf report` says of libraries."""
    [nanoseconds] = _ALL.findall(said)
    found: Counter[str] = Counter()
    for percent, library in _SHARE.findall(said):
        owner = next((name for name, begins in OWNERS.items() if library.startswith(begins)), OTHERS)
        found[owner] += round(float(percent) / 100 * int(nanoseconds) / messages)
    return Counter({owner: round(spent / 1000) for owner, spent in found.items()})


def measured(messages: int, connections: int) -> tuple[Counter[str], float]:
    """Whose code ours ran, and smtp-source's CPU for a message in the same minute, µs."""
    with TemporaryDirectory() as name, portals(SQLITE, Path(name)) as databases:
        folder = Path(name)
        program, letter = compiled(folder), real_letter(databases, folder)
        with databases.copy("due", lambda url: prepare(url, messages, WARM_UP)) as url, sink(program) as server:
            uvloop.run(send(OursOrder(url, name, server.port, connections), lambda: sampled(folder / "samples")))
        with sink(program) as server:
            peer = send_smtp_source.send(Order(server.port, connections, messages, 0, name, letter))
        command = ["perf", "report", "-i", str(folder / "samples"), "--stdio", "--sort", "dso"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return shared_out(said, messages), peer.cpu_us


def main(messages: int = 30_000, connections: int = 20) -> None:
    start_log("error")
    try:
        found, peer_us = measured(messages, connections)
    except NotRun as missing:
        sys.exit(f"bench.shares: {missing}")
    print(f"{machine()}; {python()}; {messages} messages, {connections} connections")
    print(f"{found.total():6} µs of CPU a message; smtp-source {peer_us:.0f} µs")
    for owner, spent in found.most_common():
        print(f"{spent:6} µs {owner}")
    print(f"{found.total() - found['Python']:6} µs all but Python")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
