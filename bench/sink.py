"""The mail server that all senders are measured against: `sink.c`, compiled anew for each run."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.absent import NotRun

SOURCE = Path(__file__).with_name("sink.c")
COMPILERS = ("cc", "gcc", "clang")


@dataclass(frozen=True, slots=True)
class Counts:
    """What came: whole messages, connections, bytes with and without the commands around messages.

    `cpu_s` is what the sink itself took.
    """

    messages: int
    connections: int
    bytes: int
    message_bytes: int
    cpu_s: float


class Sink:
    """One that runs. `counts` are known when it has stopped."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self._process = process
        self.port = port

    def stop(self) -> Counts:
        self._process.terminate()
        said, _ = self._process.communicate()
        return Counts(**json.loads(said))


def compiled(folder: Path) -> Path:
    """The program, in that folder. Raises NotRun where there is no C compiler."""
    compiler = next((found for name in COMPILERS if (found := shutil.which(name))), None)
    if compiler is None:
        raise NotRun("there is no C compiler for the mail server that all are measured against (Debian: gcc)")
    program = folder / "sink"
    subprocess.run([compiler, "-O2", "-o", str(program), str(SOURCE)], check=True)
    return program


@contextmanager
def sink(program: Path, latency_ms: float = 0) -> Iterator[Sink]:
    """The sink while the block lasts, at 127.0.0.1 and its `port`; each answer takes `latency_ms`."""
    process = subprocess.Popen([str(program), str(latency_ms)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Sink(process, int(process.stdout.readline()))
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
