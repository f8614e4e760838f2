"""`manage.py bench`: measurements against named peers. Their code lies in bench/, beside the package."""

import importlib
import json
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from portal.cli import Stop

ROOT = Path(__file__).resolve().parents[2]


def changes(
    *,
    pairs: Annotated[
        Path | None, Parameter(help='Pairs of texts, {"id", "old", "new"} a line; without it, the samples.')
    ] = None,
    json_: Annotated[
        bool, Parameter(name="--json", negative="", help="Print one JSON object and write no file.")
    ] = False,
    out: Annotated[
        Path, Parameter(help="Folder for the table and the plot.", show_default=lambda _: "docs/bench")
    ] = ROOT / "docs" / "bench",
) -> None:
    """Compare the engine with git, diff-match-patch, rapidfuzz, jsdiff and lxml on the same pairs."""
    bench = _bench("changes")
    console = Console(stderr=True, highlight=False)
    report = bench.measured(_pairs(pairs), lambda said: console.print(said, style="dim"))
    if json_:
        print(json.dumps(report.to_json()))
        return
    command = "manage.py bench changes" + (f" --pairs {pairs.name}" if pairs else "")
    written = _bench("written").write(report, out, command)
    _print(report)
    print("\n".join(str(path) for path in written))


def _bench(name: str) -> Any:
    """A module of bench/; Stop where there is none, as in an installed portal."""
    if not (ROOT / "bench").is_dir():
        raise Stop("benches run in a checkout of the project: python3 manage.py bench changes")
    try:
        return importlib.import_module(f"bench.{name}")
    except ModuleNotFoundError as missing:
        raise Stop(f"the bench needs {missing.name}: run it by python3 manage.py, which installs it") from missing


def _pairs(path: Path | None) -> Any:
    module = _bench("pairs")
    if path is None:
        return module.sample_pairs()
    try:
        found = module.pairs_of(path)
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise Stop(f'{path}: {wrong}; wanted are lines {{"id": "…", "old": "PATH", "new": "PATH"}}', status=2) from None
    if not found:
        raise Stop(f"{path}: no pairs", status=2)
    return found


def _print(report: Any) -> None:
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


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
