"""The comparison engine beside its peers: speed as ratios, quality side by side, all on the same pairs in one run."""

import gc
import hashlib
import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.absent import NotRun
from bench.judging import judged, quantile, summary
from bench.machine import machine, python
from bench.pairs import Pair
from bench.peers import PEERS, Answer
from bench.planting import found_of, plant
from portal.rules.changes import ENGINE, compare

ROOT = Path(__file__).resolve().parents[1]
OURS = "ours"
PLANTED_IN = 200
"""At most so many texts get edits planted in them."""
LONG_MS = 2000.0
"""A peer that takes longer for a pair is asked once."""
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One peer. Times in milliseconds of process time; `ratio_…` is our time divided by the peer's, below 1 = we are
    quicker. `why_not` says what is missing where the peer did not run. None: the peer gives nothing to judge."""

    peer: str
    ms_median: float | None = None
    ms_p95: float | None = None
    ratio_median: float | None = None
    ratio_p95: float | None = None
    lossless_percent: float | None = None
    same_again: bool | None = None
    quality: dict[str, float] | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What one run found. `planted_found_percent` is the share of planted edits found with the right kind and class;
    `reproducible`: two more processes, with other seeds for hashing, found exactly what this one found."""

    engine: str
    pairs: int
    characters: int
    machine: str
    python: str
    measured_on: str
    planted_edits: int
    planted_found_percent: float
    planted_false: int
    memory_mb: float
    reproducible: bool
    rows: list[Row] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def measured(pairs: Sequence[Pair], tell: Tell) -> Report:
    """Runs every peer twice, the second time without the pairs it was long at; the quicker time of a pair counts."""
    answers: dict[str, list[Answer]] = {}
    rows: dict[str, Row] = {}
    same = {}
    for name, peer in PEERS.items():
        tell(f"{name} …")
        try:
            with _settled():
                first = list(peer(pairs))
                short = [at for at, one in enumerate(first) if one.ms < LONG_MS]
                second = dict(zip(short, peer([pairs[at] for at in short]), strict=True))
        except NotRun as missing:
            rows[name] = Row(name, why_not=str(missing))
            continue
        answers[name] = [min(one, second.get(at, one), key=lambda it: it.ms) for at, one in enumerate(first)]
        same[name] = all(first[at].hunks == one.hunks for at, one in second.items())
    tell("two more processes …")
    reproducible = _same_in_other_processes(pairs)
    rows |= {name: _row(name, found, answers[OURS], pairs, same=same[name]) for name, found in answers.items()}
    tell("planted edits, memory …")
    planted, right, false = _planted(pairs)
    return Report(
        engine=ENGINE,
        pairs=len(pairs),
        characters=sum(len(pair.old) + len(pair.new) for pair in pairs),
        machine=machine(),
        python=python(),
        measured_on=datetime.now(UTC).date().isoformat(),
        planted_edits=planted,
        planted_found_percent=100 * right / planted if planted else 0.0,
        planted_false=false,
        memory_mb=_memory(pairs),
        reproducible=reproducible,
        rows=[rows[name] for name in PEERS],
    )


@contextmanager
def _settled() -> Iterator[None]:
    """What is loaded by now stays, for every peer alike: collecting it again would be counted as a pair's time."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _row(name: str, found: Sequence[Answer], ours: Sequence[Answer], pairs: Sequence[Pair], *, same: bool) -> Row:
    times, base = [one.ms for one in found], [one.ms for one in ours]
    median, p95 = statistics.median(times), quantile(times, 0.95)
    rebuilt = [one.rebuilt for one in found if one.rebuilt is not None]
    judge = [
        judged(one.hunks, pair.old, pair.new) for one, pair in zip(found, pairs, strict=True) if one.hunks is not None
    ]
    return Row(
        name,
        ms_median=median,
        ms_p95=p95,
        ratio_median=statistics.median(base) / median if median else None,
        ratio_p95=quantile(base, 0.95) / p95 if p95 else None,
        lossless_percent=100 * statistics.fmean(rebuilt) if rebuilt else None,
        same_again=same if judge else None,
        quality=summary(judge) if judge else None,
    )


def _same_in_other_processes(pairs: Sequence[Pair]) -> bool:
    """Whether two more processes, with other seeds for hashing, find exactly what we find."""
    with TemporaryDirectory() as folder:
        batch = _batch(Path(folder), pairs)
        digests = {_digest_of(batch, seed) for seed in ("1", "4711")}
    return len(digests) == 1


def _digest_of(batch: Path, seed: str) -> str:
    ran = subprocess.run(
        [sys.executable, "manage.py", "changes", "--batch", str(batch)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
    )
    found = hashlib.sha256()
    for line in ran.stdout.splitlines():
        result = json.loads(line)
        del result["cpu_ms"]
        found.update(json.dumps(result, sort_keys=True).encode())
    return found.hexdigest()


def _planted(pairs: Sequence[Pair]) -> tuple[int, int, int]:
    """How many edits were planted in the pairs' newer texts, how many were found as what they are, how many false."""
    edits = right = false = 0
    for seed, pair in enumerate(pairs[:PLANTED_IN]):
        planted = plant(pair.new, random.Random(seed))
        if planted.edits:
            found, wrong = found_of(planted, compare(pair.new, planted.text), pair.new, planted.text)
            edits, right, false = edits + len(planted.edits), right + found, false + wrong
    return edits, right, false


def _memory(pairs: Sequence[Pair]) -> float:
    """The most memory, in MB, that `manage.py changes --batch` takes for all pairs."""
    with TemporaryDirectory() as folder:
        watched = (
            "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True);"
        )
        told = " print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        batch = str(_batch(Path(folder), pairs))
        ran = subprocess.run(
            [sys.executable, "-c", watched + told, sys.executable, "manage.py", "changes", "--batch", batch],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
    return int(ran.stdout) / 1024


def _batch(folder: Path, pairs: Sequence[Pair]) -> Path:
    lines = []
    for number, pair in enumerate(pairs):
        old, new = folder / f"{number}.old.md", folder / f"{number}.new.md"
        old.write_text(pair.old, encoding="utf-8")
        new.write_text(pair.new, encoding="utf-8")
        lines.append(json.dumps({"id": pair.id, "old": str(old), "new": str(new)}) + "\n")
    batch = folder / "pairs.jsonl"
    batch.write_text("".join(lines), encoding="utf-8")
    return batch
