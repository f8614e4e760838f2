"""`manage.py changes`: compare two texts, or many pairs of them."""

import gc
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from portal.cli import Stop
from portal.cli.changes_summary import print_summary
from portal.rules.changes import canonical, compare, parse
from portal.rules.errors import RuleBroken


def changes(
    old: Annotated[Path | None, Parameter(help="The text before, Markdown in UTF-8.")] = None,
    new: Annotated[Path | None, Parameter(help="The text after.")] = None,
    *,
    json_: Annotated[
        bool, Parameter(name="--json", negative="", help="Print the whole result as one JSON line.")
    ] = False,
    batch: Annotated[
        Path | None, Parameter(help='Compare the pairs of a file, {"id", "old", "new"} a line; print a result a line.')
    ] = None,
) -> int | None:
    """Compare two texts and list the changes, the same on every run."""
    if batch:
        return compare_batch(batch)
    if old is None or new is None:
        raise Stop("changes needs two files, OLD.md and NEW.md, or --batch FILE", status=2)
    before, after = text_of(old), text_of(new)
    try:
        result = compare(before, after)
    except RuleBroken as refusal:
        raise Stop(f"{old}, {new}: {refusal}") from None
    if json_:
        print(json.dumps(result.to_json(), ensure_ascii=False))
    else:
        print_summary(Console(), result, before, after)
    return None


def text_of(path: Path) -> str:
    """The canonical text of a file; Stop names what is wrong with it."""
    try:
        return canonical(path.read_bytes())
    except OSError as error:
        raise Stop(f"{path}: {error.strerror}") from None
    except RuleBroken as refusal:
        raise Stop(f"{path}: {refusal}") from None


def compare_batch(batch: Path) -> int:
    """Print a result a line; a pair that is refused is named on stderr, and the status is then 1."""
    refused = 0
    # What is loaded by now stays; collecting it again for each pair would be counted as the pair's time.
    gc.freeze()
    gc.set_threshold(100_000)
    for place, pair in pairs_of(batch):
        try:
            print(json.dumps(timed(pair), ensure_ascii=False), flush=True)
        except (Stop, RuleBroken) as refusal:
            refused += 1
            print(f"{place}: {refusal}", file=sys.stderr)
    return int(refused > 0)


def pairs_of(batch: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each pair of a batch file with its place; Stop where a line has another form."""
    try:
        lines = batch.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"{batch}: {error}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        place = f"{batch}:{number}"
        try:
            pair = json.loads(line)
            complete = all(isinstance(pair[key], str) for key in ("id", "old", "new"))
        except (json.JSONDecodeError, KeyError, TypeError):
            complete = False
        if not complete:
            raise Stop(f'{place}: not of the form {{"id": "…", "old": "PATH", "new": "PATH"}}', status=2)
        yield place, pair


def timed(pair: dict[str, Any]) -> dict[str, Any]:
    """A pair's result with `id`, `old_path`, `new_path` and `cpu_ms`: process time of comparing them, once parsed."""
    old, new = parse(text_of(Path(pair["old"]))), parse(text_of(Path(pair["new"])))
    begin = time.process_time()
    result = compare(old, new)
    spent = 1000 * (time.process_time() - begin)
    return {
        "id": pair["id"],
        "old_path": pair["old"],
        "new_path": pair["new"],
        "cpu_ms": round(spent, 3),
        **result.to_json(),
    }
