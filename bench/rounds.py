"""The runs, round after round: ours directly before or behind each peer, and that pair compared.

A shared machine's speed changes by a half within seconds, and not alike for all kinds of work: what is divided by one
another should have run in the same minute.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.absent import NotRun
from bench.letter import Letter
from bench.order import Order
from bench.senders import NODEMAILER, OURS, SMTP_SOURCE, Sender, SenderFailed
from bench.sink import sink
from bench.spent import Spent

NEAR_CONNECTIONS, FAR_CONNECTIONS, FAR_MS = 50, 50, 30.0
"""CPU is measured at a server that answers at once; the rate at one that is 30 ms away."""
FAR = (OURS, SMTP_SOURCE, NODEMAILER)
WARM_UP, TRIAL = 200, 1_000
"""Messages before those that are measured; messages by which it is found out how many those shall be."""
Tell = Callable[[str], None]
_Run = tuple[Spent, int]
"""What it took, and the bytes of a message as they came."""


@dataclass(frozen=True, slots=True)
class Row:
    """One sender. CPU in microseconds a message, the median of all runs, which `cpu_us_runs` lists; `rate` is messages
    a second in the median's run. `cpu_ratio` is its CPU divided by that of ours beside it, the median of all rounds,
    which `cpu_ratio_rounds` lists: above 1 = we take less. `message_bytes` is what came of a message, on average.
    `why_not` says why it did not run."""

    peer: str
    version: str = ""
    messages: int = 0
    message_bytes: int = 0
    cpu_us: float | None = None
    cpu_us_runs: tuple[float, ...] = ()
    rate: float | None = None
    cpu_ratio: float | None = None
    cpu_ratio_rounds: tuple[float, ...] = ()
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class FarRow:
    """Messages a second at the server that is far away; `wall_ratio` is our rate divided by this one."""

    peer: str
    messages: int
    rate: float
    cpu_us: float
    wall_ratio: float


@dataclass(frozen=True, slots=True)
class Size:
    """So many messages that they take about these seconds of CPU, but no fewer and no more than that."""

    cpu_seconds: float
    least: int
    most: int


NEAR_SIZE, FAR_SIZE = Size(5.0, 200, 100_000), Size(15.0, 1_000, 10_000)


class Rounds:
    """`messages`: so many in each run, where they are not to be found out. `program` is the sink's."""

    def __init__(
        self, senders: Mapping[str, Sender], letter: Letter, *, messages: int | None, program: Path, tell: Tell
    ) -> None:
        self._senders = senders
        self._letter = letter
        self._messages = messages
        self._program = program
        self._tell = tell
        self._trials: dict[str, Spent] = {}

    def near(self, rounds: int) -> list[Row]:
        """A row for each sender. Raises NotRun or SenderFailed where it is ours that does not run."""
        missing = {name: why_not for name in self._senders if (why_not := self._try(name))}
        found: dict[str, list[_Run]] = {name: [] for name in self._trials}
        ratios: dict[str, list[float]] = {name: [] for name in self._trials}
        peers = [name for name in self._trials if name != OURS]
        for number in range(rounds):
            for peer in peers:
                self._tell(f"{peer} and ours, round {number + 1} of {rounds} …")
                pair = {name: self._near(name) for name in ((OURS, peer) if number % 2 == 0 else (peer, OURS))}
                for name, run in pair.items():
                    found[name].append(run)
                ratios[peer].append(pair[peer][0].cpu_us / pair[OURS][0].cpu_us)
            if not peers:
                found[OURS].append(self._near(OURS))
        rows = {name: _row(name, self._senders[name].version(), runs, ratios[name]) for name, runs in found.items()}
        rows |= {name: Row(name, why_not=why_not) for name, why_not in missing.items()}
        return [rows[name] for name in self._senders]

    def far(self) -> list[FarRow]:
        """A row for each of `FAR` that `near` has found here."""
        found: dict[str, Spent] = {}
        for name in (name for name in FAR if name in self._trials):
            self._tell(f"{name}, {FAR_MS:g} ms away …")
            count = self._count(name, FAR_SIZE)
            found[name], _ = self._sent(name, count, latency_ms=FAR_MS, connections=FAR_CONNECTIONS)
        return [
            FarRow(name, spent.messages, spent.rate, spent.cpu_us, found[OURS].rate / spent.rate)
            for name, spent in found.items()
        ]

    def _try(self, name: str) -> str:
        """A short run; why there was none, where that is so."""
        self._tell(f"{name}, a trial …")
        try:
            self._trials[name], _ = self._sent(name, self._messages or TRIAL)
        except (NotRun, SenderFailed) as missing:
            if name == OURS:
                raise
            return str(missing)
        return ""

    def _near(self, name: str) -> _Run:
        return self._sent(name, self._count(name, NEAR_SIZE))

    def _count(self, name: str, size: Size) -> int:
        wanted = 1e6 * size.cpu_seconds / self._trials[name].cpu_us
        return self._messages or round(min(max(wanted, size.least), size.most))

    def _sent(self, name: str, messages: int, *, latency_ms: float = 0, connections: int = NEAR_CONNECTIONS) -> _Run:
        """What it took, and the bytes of a message as they came. Raises SenderFailed unless every message came once."""
        warm_up = 0 if name == SMTP_SOURCE else min(WARM_UP, messages)
        with TemporaryDirectory(dir=self._program.parent) as folder, sink(self._program, latency_ms) as server:
            spent = self._senders[name].send(Order(server.port, connections, messages, warm_up, folder, self._letter))
            came = server.stop()
        if came.messages != messages + warm_up or spent.messages != messages:
            raise SenderFailed(f"{name}: {came.messages} messages came, {messages + warm_up} were to be sent")
        return spent, came.message_bytes // came.messages


def _row(name: str, version: str, runs: Sequence[_Run], ratios: Sequence[float]) -> Row:
    """Ours is once itself."""
    costs = [spent.cpu_us for spent, _ in runs]
    median = statistics.median_low(costs)
    spent, size = runs[costs.index(median)]
    ratio = statistics.median(ratios) if ratios else 1.0
    return Row(name, version, spent.messages, size, median, tuple(costs), spent.rate, ratio, tuple(ratios))
