"""The reports of the benches, as tables at the terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table


def print_changes(report: Any) -> None:
    table = Table(title=f"{report.pairs} pairs, engine {report.engine}, {report.machine}", title_justify="left")
    for name in ("", "median ms", "p95 ms", "ours ÷ peer", "p95", "words marked", "short gaps", "invisible"):
        table.add_column(name, justify="right" if name else "left", no_wrap=not name)
    for row in report.rows:
        quality = row.quality or {}
        cells = (row.ms_median, row.ms_p95, row.ratio_median, row.ratio_p95, quality.get("marked_median"))
        shares = (quality.get("short_gaps_percent"), quality.get("invisible_percent"))
        if row.why_not:
            table.add_row(row.peer, "not run")
        else:
            table.add_row(
                row.peer,
                *map(_number, cells),
                *(f"{_number(share)}%" if share is not None else "–" for share in shares),
            )
    console = Console(highlight=False)
    console.print(table)
    for row in report.rows:
        if row.why_not:
            console.print(f"{row.peer} did not run: {row.why_not}")
    found, memory = f"{report.planted_found_percent:.2f}", f"{report.memory_mb:.0f}"
    again = "the same in two more processes" if report.reproducible else "NOT THE SAME in another process"
    console.print(f"{report.planted_edits} planted edits, {found}% found; {memory} MB at most; {again}")


def print_mail(report: Any) -> None:
    said = f"{report.letter_bytes:,} bytes a notice, {report.database}, {report.machine}"
    table = Table(title=said, title_justify="left")
    for name in ("", "sent", "CPU µs each", "peer ÷ ours", "in a second", "30 ms away", "ours ÷ peer"):
        table.add_column(name, justify="right" if name else "left", no_wrap=not name, min_width=6)
    far = {row.peer: (row.rate, row.wall_ratio) for row in report.far}
    for row in report.rows:
        if row.why_not:
            table.add_row(row.peer, "not run")
        else:
            rate, ratio = far.get(row.peer, (None, None))
            figures = (row.messages, row.cpu_us, row.cpu_ratio, row.rate, rate, ratio)
            table.add_row(
                row.peer, *("–" if one is None else f"{one:.2g}" if one < 10 else f"{one:,.0f}" for one in figures)
            )
    console = Console(highlight=False)
    console.print(table)
    for row in report.rows:
        if row.why_not:
            console.print(f"{row.peer} did not run: {row.why_not}")
    if report.fanout:
        one = report.fanout
        console.print(
            f"publishing to {one.members:,} members took {one.publish_s:.2f} s, the bare insert "
            f"{one.insert_select_s:.2f} s: {one.ratio:.2f} times as long"
        )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
