"""`manage.py test`: everything that must hold before a change lands, step by step."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from portal.cli import Stop
from portal.cli.machine import install_missing

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
BROWSER_TESTS = "tests/browser"


@dataclass(frozen=True)
class Step:
    """A program to run in the project folder, with what it needs from the machine."""

    name: str
    heading: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()
    slow: bool = False


def pytest(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", "--quiet", *arguments)


# As many processes as cores, but each keeps databases of its own: eight are enough. One of them plays the story.
PARALLEL = ("-n", "auto", "--maxprocesses=8", "--dist=loadgroup", f"--ignore={BROWSER_TESTS}")

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
    # In a process of their own: Playwright keeps an event loop running, which asynchronous tests cannot bear.
    Step("browser", "pytest: the browser tests, in Chromium", pytest(BROWSER_TESTS), needs=("chromium",), slow=True),
)
NAMES = tuple(step.name for step in STEPS)


def test(
    *,
    only: Annotated[
        list[str] | None, Parameter(help=f"Run this step ({', '.join(NAMES)}); may be repeated.", negative="")
    ] = None,
    fast: Annotated[bool, Parameter(help="Leave out PostgreSQL and the browser.", negative="")] = False,
) -> int:
    """Run every check, and end with a table of what passed and what failed."""
    if not (ROOT / "tests").is_dir():
        raise Stop("the tests are not part of an installed portal; run this in a checkout of the project")
    steps = chosen_steps(only or [], fast=fast)
    install_missing([package for step in steps for package in step.needs])
    outcomes = [run(step) for step in steps]
    summarize(outcomes)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def chosen_steps(only: list[str], *, fast: bool) -> list[Step]:
    if unknown := [name for name in only if name not in NAMES]:
        raise Stop(f"there is no step {unknown[0]!r}; there are: {', '.join(NAMES)}", status=2)
    return [step for step in STEPS if (step.name in only if only else not (fast and step.slow))]


@dataclass(frozen=True)
class Outcome:
    step: Step
    passed: bool
    seconds: float


def run(step: Step) -> Outcome:
    print(f"\n== {step.name}: {step.heading}", flush=True)
    started = time.monotonic()
    status = subprocess.run(step.command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode
    return Outcome(step, status == 0, time.monotonic() - started)


def summarize(outcomes: list[Outcome]) -> None:
    print("\n== summary")
    for outcome in outcomes:
        print(f"{'passed' if outcome.passed else 'FAILED'}  {outcome.step.name:<12}{outcome.seconds:7.1f} s")
    if left_out := [step.name for step in STEPS if step not in {outcome.step for outcome in outcomes}]:
        print(f"not run, as asked: {', '.join(left_out)}")
    passed = sum(outcome.passed for outcome in outcomes)
    print(f"steps: {passed} passed, {len(outcomes) - passed} failed", flush=True)
