"""`manage.py bench`: measurements against named peers. Their code lies in bench/, beside the package."""

import importlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from cyclopts import Parameter
from rich.console import Console

from portal.cli import Stop
from portal.cli.bench_tables import print_changes, print_mail

ROOT = Path(__file__).resolve().parents[2]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object and write no file.")]
Out = Annotated[Path, Parameter(help="Folder for the table and the plot.", show_default=lambda _: "docs/bench")]
DOCS = ROOT / "docs" / "bench"
Peer = Literal["smtp-source", "nodemailer", "django-post-office", "aiosmtplib", "bare-python"]


def changes(
    *,
    pairs: Annotated[
        Path | None, Parameter(help='Pairs of texts, {"id", "old", "new"} a line; without it, the samples.')
    ] = None,
    json_: Json = False,
    out: Out = DOCS,
) -> None:
    """Compare the engine with git, diff-match-patch, rapidfuzz, jsdiff and lxml on the same pairs."""
    _refuse_file(out)
    bench = _bench("changes")
    console = Console(stderr=True, highlight=False)
    report = bench.measured(_pairs(pairs), lambda said: console.print(said, style="dim"))
    if json_:
        print(json.dumps(report.to_json()))
        return
    command = "manage.py bench changes" + (f" --pairs {pairs.name}" if pairs else "")
    written = _bench("written").write(report, out, command)
    print_changes(report)
    print("\n".join(str(path) for path in written))


def mail(
    *,
    database: Annotated[
        Literal["sqlite", "postgresql"], Parameter(help="Where ours keeps its record; a server for this run only.")
    ] = "sqlite",
    messages: Annotated[
        int | None, Parameter(help="So many in each run; without it, so many as make the noise small.")
    ] = None,
    members: Annotated[int, Parameter(help="How many a version is published to; 0 leaves that out.")] = 1_000_000,
    rounds: Annotated[int, Parameter(help="How often each sender sends; the median counts.")] = 5,
    only: Annotated[list[Peer] | None, Parameter(negative="", help="Only this peer; may be repeated.")] = None,
    json_: Json = False,
    out: Out = DOCS,
) -> None:
    """Compare our sender with smtp-source, nodemailer, django-post-office and aiosmtplib at one mail server."""
    for name, given, least in (("messages", messages, 10), ("members", members, 0), ("rounds", rounds, 1)):
        if given is not None and given < least:
            raise Stop(f"--{name} {given}: {least} is the least", status=2)
    _refuse_file(out)
    bench = _bench("mail")
    plan = bench.Plan(database, messages, members, rounds, tuple(only or get_args(Peer)))
    console = Console(stderr=True, highlight=False)
    try:
        report = bench.measured(plan, lambda said: console.print(said, style="dim"))
    except (_bench("absent").NotRun, _bench("senders").SenderFailed) as reason:
        raise Stop(str(reason)) from None
    if json_:
        print(json.dumps(report.to_json()))
        return
    written = _bench("mail_written").write(report, out, plan.command)
    print_mail(report)
    print("\n".join(str(path) for path in written))


def _bench(name: str) -> Any:
    """A module of bench/; Stop where there is none, as in an installed portal."""
    if not (ROOT / "bench").is_dir():
        raise Stop("benches run in a checkout of the project: python3 manage.py bench changes")
    try:
        return importlib.import_module(f"bench.{name}")
    except ModuleNotFoundError as missing:
        raise Stop(f"the bench needs {missing.name}: run it by python3 manage.py, which installs it") from missing


def _refuse_file(out: Path) -> None:
    """Now, and not after minutes of measuring."""
    if out.exists() and not out.is_dir():
        raise Stop(f"--out {out}: this is a file, wanted is a folder", status=2)


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
