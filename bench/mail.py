"""Our sender beside others, all into the same mail server in one run, and what publishing to everybody takes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.fanout import Fanout, fanout
from bench.letter import real_letter
from bench.machine import machine, python
from bench.portals import SQLITE, portals
from bench.rounds import FarRow, Rounds, Row, Tell
from bench.senders import AIOSMTPLIB, BARE, NODEMAILER, OURS, POST_OFFICE, SMTP_SOURCE, senders
from bench.sink import compiled

PEERS = (SMTP_SOURCE, NODEMAILER, POST_OFFICE, AIOSMTPLIB, BARE)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure. `messages`: so many in each run, instead of as many as make the noise small. `only`: these
    peers beside ours. `members`: how many a version is published to; 0 leaves that out."""

    database: str = SQLITE
    messages: int | None = None
    members: int = 1_000_000
    rounds: int = 5
    only: Sequence[str] = PEERS

    @property
    def command(self) -> str:
        """What to type to have it measured."""
        usual = Plan()
        given = {name: getattr(self, name) for name in ("database", "messages", "members", "rounds")}
        options = [f"--{name} {value}" for name, value in given.items() if value != getattr(usual, name)]
        if set(self.only) != set(PEERS):
            options += [f"--only {name}" for name in self.only]
        return " ".join(["manage.py bench mail", *options])


@dataclass(frozen=True, slots=True)
class Report:
    """What one run found. `letter_bytes` is the size of a real notice, which all senders send."""

    database: str
    machine: str
    python: str
    measured_on: str
    rounds: int
    letter_bytes: int
    rows: list[Row]
    far: list[FarRow]
    fanout: Fanout | None

    def to_json(self) -> dict[str, Any]:
        """The ratios first, `null` where a peer did not run; all but the last say how many times better we are."""
        cpu = {row.peer: row.cpu_ratio for row in self.rows}
        wall = {row.peer: row.wall_ratio for row in self.far}
        return {
            "cpu_vs_smtp_source": cpu.get(SMTP_SOURCE),
            "cpu_vs_nodemailer": cpu.get(NODEMAILER),
            "cpu_vs_django_post_office": cpu.get(POST_OFFICE),
            "cpu_vs_aiosmtplib": cpu.get(AIOSMTPLIB),
            "wall_vs_smtp_source_30ms_50": wall.get(SMTP_SOURCE),
            "fanout_vs_insert_select": self.fanout.ratio if self.fanout else None,
            **asdict(self),
        }


def measured(plan: Plan, tell: Tell) -> Report:
    """Runs everything. Raises NotRun where there is no C compiler or no PostgreSQL, SenderFailed where ours fails."""
    with TemporaryDirectory(prefix="portal-bench-") as name, portals(plan.database, Path(name)) as databases:
        program = compiled(Path(name))
        tell("a real notice …")
        letter = real_letter(databases, Path(name))
        chosen = {peer: sender for peer, sender in senders(databases).items() if peer in (OURS, *plan.only)}
        rounds = Rounds(chosen, letter, messages=plan.messages, program=program, tell=tell)
        rows, far = rounds.near(plan.rounds), rounds.far()
        tell("publishing to everybody …")
        return Report(
            database=plan.database,
            machine=machine(),
            python=python(),
            measured_on=datetime.now(UTC).date().isoformat(),
            rounds=plan.rounds,
            letter_bytes=letter.size,
            rows=rows,
            far=far,
            fanout=fanout(databases, plan.members, plan.rounds) if plan.members else None,
        )
