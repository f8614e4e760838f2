"""`manage.py test`: everything that must hold before a change lands, step by step."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from portal.cli import Stop
from portal.cli.machine import as_root, install_missing
from portal.cli.servers import unpack_missing

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
BROWSER_TESTS = "tests/browser"
RELAY_TESTS = "tests/relays"
ALONE = (BROWSER_TESTS, RELAY_TESTS)


@dataclass(frozen=True)
class Step:
    """A program to run in the project folder, with what it needs from the machine. `second`: another, run after it."""

    name: str
    heading: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    slow: bool = False


def pytest(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", "--quiet", *arguments)


# As many processes as cores, but each keeps databases of its own: eight are enough. One of them plays the story.
PARALLEL = ("-n", "auto", "--maxprocesses=8", "--dist=loadgroup", *(f"--ignore={path}" for path in ALONE))
# Alone on the machine, as root: mail servers change users. Nothing is kept that only root could throw away.
RELAYS = (RELAY_TESTS, "-p", "no:cacheprovider", "-o", "faulthandler_timeout=400")

STEPS = (
    Step("lint", "ruff: the rules of the code", (sys.executable, "-m", "ruff", "check", ".")),
    Step("format", "ruff: the format of the code", (sys.executable, "-m", "ruff", "format", "--check", ".")),
    Step("types", "mypy: the types, strictly", (sys.executable, "-m", "mypy")),
    Step("contracts", "import-linter: which room may import which", (str(BIN / "lint-imports"), "--no-logo")),
    Step("sqlite", "pytest: all but the browser tests, on SQLite", pytest(*PARALLEL, "--database=sqlite")),
    Step(
        "postgresql",
        "pytest: the tests that use a database, on PostgreSQL",
        pytest(*PARALLEL, "--database=postgresql"),
        needs=("postgresql",),
        slow=True,
    ),
    # In a process of their own: Playwright keeps an event loop running, which asynchronous tests cannot bear. And with
    # Python's own tracebacks: where pytest's are made of its source, Python 3.11 may fail in Playwright's greenlets.
    Step(
        "browser",
        "pytest: the browser tests, in Chromium",
        pytest(BROWSER_TESTS, "--tb=native"),
        needs=("chromium",),
        slow=True,
    ),
    Step(
        "relays",
        "pytest: thousands of notices, from SQLite through Postfix and from PostgreSQL through Exim",
        pytest(*RELAYS, "--database=sqlite"),
        second=pytest(*RELAYS, "--database=postgresql"),
        needs=("postgresql",),
        servers=("postfix", "exim4-daemon-light"),
        slow=True,
    ),
)
NAMES = tuple(step.name for step in STEPS)


def test(
    *,
    only: Annotated[
        list[str] | None, Parameter(help=f"Run this step ({', '.join(NAMES)}); may be repeated.", negative="")
    ] = None,
    fast: Annotated[bool, Parameter(help="Leave out PostgreSQL, the browser and the relays.", negative="")] = False,
    relays: Annotated[bool, Parameter(help="Only the relays; short for --only relays.", negative="")] = False,
) -> int:
    """Run every check, and end with a table of what passed and what failed."""
    if not (ROOT / "tests").is_dir():
        raise Stop("the tests are not part of an installed portal; run this in a checkout of the project")
    steps = chosen_steps([*(only or []), *(["relays"] if relays else [])], fast=fast)
    refuse_without_root(steps)
    install_missing([package for step in steps for package in step.needs])
    unpack_missing([package for step in steps for package in step.servers])
    outcomes = [run(step) for step in steps]
    summarize(outcomes)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def chosen_steps(only: list[str], *, fast: bool) -> list[Step]:
    if unknown := [name for name in only if name not in NAMES]:
        raise Stop(f"there is no step {unknown[0]!r}; there are: {', '.join(NAMES)}", status=2)
    return [step for step in STEPS if (step.name in only if only else not (fast and step.slow))]


def refuse_without_root(steps: list[Step]) -> None:
    for step in steps:
        if step.servers and as_root() is None:
            raise Stop(
                f"the step {step.name} runs mail servers, which takes root, or sudo without a password; "
                "run it so, or name the other steps with --only"
            )


@dataclass(frozen=True)
class Outcome:
    step: Step
    passed: bool
    seconds: float


def run(step: Step) -> Outcome:
    print(f"\n== {step.name}: {step.heading}", flush=True)
    started = time.monotonic()
    # sudo would clear some of the environment; and root shall leave no files behind that others cannot remove.
    root = (*(as_root() or ()), "env", "PYTHONDONTWRITEBYTECODE=1") if step.servers else ()
    # Tests start hundreds of processes: where the machine keeps no bytecode each would compile everything it imports.
    start = root if step.servers else ("env", "--unset=PYTHONDONTWRITEBYTECODE")
    commands = [(*start, *command) for command in (step.command, step.second) if command]
    statuses = [subprocess.run(one, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode for one in commands]
    return Outcome(step, not any(statuses), time.monotonic() - started)


def summarize(outcomes: list[Outcome]) -> None:
    print("\n== summary")
    for outcome in outcomes:
        print(f"{'passed' if outcome.passed else 'FAILED'}  {outcome.step.name:<12}{outcome.seconds:7.1f} s")
    if left_out := [step.name for step in STEPS if step not in {outcome.step for outcome in outcomes}]:
        print(f"not run, as asked: {', '.join(left_out)}")
    passed = sum(outcome.passed for outcome in outcomes)
    print(f"steps: {passed} passed, {len(outcomes) - passed} failed", flush=True)
