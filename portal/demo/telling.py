"""The story on a terminal: chapters, lines with their hour, a bar for what takes a while, tables at the end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from portal.demo.asking import Answered
from portal.demo.stage import Outcome


class Bar:
    """Moves a bar."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def reached(self, count: int) -> None:
        self._progress.update(self._task, completed=count)


class Terminal:
    """A Narrator that prints."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def chapter(self, title: str) -> None:
        self._console.print(f"\n[bold]{title}[/]")

    def tell(self, hour: datetime, line: str) -> None:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", width=12, no_wrap=True)
        grid.add_column()
        grid.add_row(f"{hour.day:2} {hour:%b %H:%M}", Text(line))
        self._console.print(grid)

    @contextmanager
    def watching(self, label: str, total: int) -> Iterator[Bar]:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=self._console, transient=True) as progress:
            yield Bar(progress, progress.add_task(label, total=total))


def answers_table(answers: Sequence[Answered]) -> Table:
    """Which version governs, for each that was asked, and why."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Data", "Version", "Use", "Why"):
        table.add_column(heading, overflow="fold")
    for one in answers:
        asked, (version, allowed, _basis) = one.question, one.came
        table.add_row(
            f"{asked.person.external_id} ({asked.who}): {asked.purpose} of {asked.collected_at[:10]}",
            str(version or "none"),
            "yes" if allowed else "no",
            one.reason,
        )
    return table


def outcomes_table(outcomes: Sequence[Outcome]) -> Table:
    """What came out; where the story says otherwise, also what it says."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("", "What", "Came out"):
        table.add_column(heading, overflow="fold")
    for one in outcomes:
        mark = "[green]✓[/]" if one.as_told else "[bold red]✗[/]"
        came = shown(one.came) if one.as_told else f"{shown(one.came)}, not {shown(one.told)}"
        table.add_row(mark, Text(one.what), Text(came))
    return table


def shown(value: object) -> str:
    """A value in a cell: short, and for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(shown(part) for part in value)
    words = "nothing" if value in (None, []) else str(value)
    return words if len(words) <= 60 else words[:57].rstrip() + "…"
