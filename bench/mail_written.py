"""A report of the mail bench as a page of the documentation: tables in Markdown and a plot in SVG."""

from collections.abc import Iterable
from pathlib import Path

from bench.mail import Report
from bench.plot import Plot, number, svg
from bench.portals import SQLITE
from bench.rounds import FAR_CONNECTIONS, FAR_MS, NEAR_CONNECTIONS, Row
from bench.senders import OURS

PLOT = Plot(
    title="The process time of each peer for a message divided by ours",
    heading="Peer ÷ ours, process time of a message",
    note="Right of the dashed line we take less. Logarithmic scale.",
    decades=(-2, 2),
)


def write(report: Report, folder: Path, command: str) -> tuple[Path, Path]:
    """Writes `mail.md` and `mail.svg` into the folder, with PostgreSQL `mail-postgresql.…`; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = "mail" if report.database == SQLITE else f"mail-{report.database}"
    table, plot = folder / f"{stem}.md", folder / f"{stem}.svg"
    table.write_text(markdown(report, command, plot.name), encoding="utf-8")
    bars = [(row.peer, row.cpu_ratio) for row in report.rows if row.cpu_ratio and row.peer != OURS]
    plot.write_text(svg(PLOT, bars), encoding="utf-8")
    return table, plot


def markdown(report: Report, command: str, plot: str) -> str:
    head = [
        "# Sending mail, measured",
        "",
        f"*{report.measured_on}; {report.machine}; {report.python}; ours with {_database(report)}; `{command}`*",
        "",
        f"All send the words of a real notice, text and HTML, {report.letter_bytes:,} bytes with ours, to a mail "
        "server of our own that takes everything and answers at once. CPU is user and system time of the sender and "
        f"its children, after a warm-up, over {NEAR_CONNECTIONS} connections, the median of all runs. *Peer ÷ ours* is "
        f"the median of {report.rounds} rounds, in each of which ours ran directly before or behind that peer; above 1 "
        "means that ours takes less.",
        "",
        f"![The CPU of each peer as a multiple of ours]({plot})",
        "",
    ]
    return "\n".join([*head, *_near(report.rows), "", *_peers(report), "", *_far(report), *_fanout(report)])


def _near(rows: Iterable[Row]) -> Iterable[str]:
    yield (
        "| | version | messages | bytes each | CPU µs a message | of all runs "
        "| peer ÷ ours | of all rounds | messages a second |"
    )
    yield "|---|---|--:|--:|--:|--:|--:|--:|--:|"
    for row in rows:
        if row.why_not:
            yield f"| {row.peer} | not run: {row.why_not} | | | | | | | |"
            continue
        spread = f"{min(row.cpu_us_runs):,.0f}–{max(row.cpu_us_runs):,.0f}"
        ratios = row.cpu_ratio_rounds
        between = f"{number(min(ratios))}–{number(max(ratios))}" if ratios else ""
        yield (
            f"| {_name(row.peer)} | {row.version} | {row.messages:,} | {row.message_bytes:,} | {row.cpu_us:,.0f} | "
            f"{spread} | {number(row.cpu_ratio)} | {between} | {row.rate:,.0f} |"
        )


def _peers(report: Report) -> Iterable[str]:
    yield "What each does for a message:"
    yield ""
    yield (
        "- **ours**: the portal's real jobs, from the claim of the first notice to the record of the last answer, each "
        f"with its event, in {_database(report)}."
        + ("" if report.database == SQLITE else " What PostgreSQL itself takes is not counted.")
    )
    yield "- smtp-source: the same bytes to one address, written in C; nothing personal, no record. `smtp-source -d`."
    yield "- nodemailer: its pool, and a JavaScript template string for each member; no record."
    yield (
        "- django-post-office: `send_queued_mail`, which renders Django's template for each row of its queue in SQLite "
        "and marks the row; what putting it in the queue takes is not counted."
    )
    yield "- aiosmtplib: Jinja2 and an `EmailMessage` for each member, uvloop; no record."
    yield (
        "- bare-python: what Python takes at the least for ours. The same dialogue by hand, bytes that are joined and "
        "hashed, one plain row a message in SQLite; no rule, key, index, trigger, link or retry."
    )


def _far(report: Report) -> Iterable[str]:
    if not report.far:
        return
    yield f"At a server that answers after {FAR_MS:g} ms, over {FAR_CONNECTIONS} connections:"
    yield ""
    yield "| | messages | messages a second | ours ÷ peer | CPU µs a message |"
    yield "|---|--:|--:|--:|--:|"
    for row in report.far:
        yield (
            f"| {_name(row.peer)} | {row.messages:,} | {row.rate:,.0f} | {number(row.wall_ratio)} | {row.cpu_us:,.0f} |"
        )
    yield ""


def _fanout(report: Report) -> Iterable[str]:
    if report.fanout is None:
        return
    one = report.fanout
    yield (
        f"Publishing a version to {one.members:,} members, with all that the action checks and records, took "
        f"{one.publish_s:.2f} s; the bare `INSERT … SELECT` of the same notices on an equal database "
        f"{one.insert_select_s:.2f} s: {number(one.ratio)} times as long."
    )
    yield ""


def _database(report: Report) -> str:
    return "SQLite" if report.database == SQLITE else "PostgreSQL"


def _name(peer: str) -> str:
    return f"**{peer}**" if peer == OURS else peer
