"""A report as a page of the documentation: a table in Markdown and a plot in SVG."""

from collections.abc import Iterable
from pathlib import Path

from bench.changes import OURS, Report, Row
from bench.judging import MOVED_WORDS
from bench.plot import Plot, number
from bench.plot import svg as plotted

COLUMNS = (
    ("split_words_percent", "hunks that split a word"),
    ("cut_links_percent", "hunks that cut a link"),
    ("across_blocks_percent", "hunks across paragraphs"),
    ("short_gaps_percent", "gaps under 3 words"),
    ("invisible_percent", "hunks without visible change"),
)
PLOT = Plot(
    title="Our process time divided by that of each peer, median pair",
    heading="Ours ÷ peer, process time of the median pair",
    note="Left of the dashed line we take less. Logarithmic scale.",
    decades=(-2, 1),
)


def write(report: Report, folder: Path, command: str) -> tuple[Path, Path]:
    """Writes `changes.md` and `changes.svg` into the folder; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    table, plot = folder / "changes.md", folder / "changes.svg"
    table.write_text(markdown(report, command), encoding="utf-8")
    plot.write_text(svg(report), encoding="utf-8")
    return table, plot


def markdown(report: Report, command: str) -> str:
    head = [
        "# Comparing texts, measured",
        "",
        f"*{report.measured_on}; engine {report.engine}; {report.pairs} pairs, {report.characters:,} characters; "
        f"{report.machine}; {report.python}; `{command}`*",
        "",
        "Process time of the comparison alone, texts read before; ours with both texts parsed before, tokens counted "
        "for peers that need them, git with its process. Each peer ran twice, once for pairs that take it over two "
        "seconds; the quicker time counts. *Ours ÷ peer* below 1 means that ours takes less.",
        "",
        "![Our time as a share of each peer's](changes.svg)",
        "",
    ]
    return "\n".join([*head, *_speed(report), "", *_quality(report), "", *_besides(report), ""])


def _speed(report: Report) -> Iterable[str]:
    yield "| | median ms | p95 ms | ours ÷ peer, median | ours ÷ peer, p95 |"
    yield "|---|--:|--:|--:|--:|"
    for row in report.rows:
        if row.why_not:
            yield f"| {row.peer} | not run: {row.why_not} | | | |"
        else:
            ratios = ("1", "1") if row.peer == OURS else (number(row.ratio_median), number(row.ratio_p95))
            yield f"| {_name(row)} | {number(row.ms_median)} | {number(row.ms_p95)} | {ratios[0]} | {ratios[1]} |"


def _quality(report: Report) -> Iterable[str]:
    names = [name for _key, name in COLUMNS]
    yield f"| | gives the new text back | same again | {' | '.join(names)} | words marked ÷ minimal: median, p95 |"
    yield "|---|--:|---|" + "--:|" * (len(names) + 1)
    for row in report.rows:
        if row.quality is not None:
            shares = " | ".join(f"{row.quality[key]:.2f}%" for key, _name in COLUMNS)
            lossless = "–" if row.lossless_percent is None else f"{row.lossless_percent:.0f}%"
            again = "yes" if row.same_again else "**no**"
            marked = f"{row.quality['marked_median']:.2f}, {row.quality['marked_p95']:.2f}"
            yield f"| {_name(row)} | {lossless} | {again} | {shares} | {marked} |"


def _besides(report: Report) -> Iterable[str]:
    ours = next(row for row in report.rows if row.peer == OURS)
    least = (ours.quality or {})["marked_unavoidable_median"]
    yield (
        f"Of {report.planted_edits} planted edits the engine found {report.planted_found_percent:.2f}% with the right "
        f"kind and class, and named {report.planted_false} text changes that nobody made. `manage.py changes --batch` "
        f"on all pairs took {report.memory_mb:.0f} MB of memory at most. Two more processes, with other seeds for "
        f"hashing, found {'exactly the same' if report.reproducible else '**something else**'}."
    )
    yield ""
    yield (
        "*Words marked ÷ minimal* is how many characters a comparison marks as changed wording, as a share of what a "
        "minimal script of words, blanks and signs marks. No comparison of these pairs can come below a median of "
        f"{least:.2f}: so much is wording that stands nowhere in the other text, not even as {MOVED_WORDS} words of a "
        "longer passage."
    )


def svg(report: Report) -> str:
    """A bar for each peer: our time as a share of its time, at the median, on a scale of hundredths to ten."""
    return plotted(PLOT, [(row.peer, row.ratio_median) for row in report.rows if row.ratio_median and row.peer != OURS])


def _name(row: Row) -> str:
    return f"**{row.peer}**" if row.peer == OURS else row.peer
