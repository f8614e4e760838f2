"""A report as a page of the documentation: a table in Markdown and a plot in SVG."""

import math
from collections.abc import Iterable
from html import escape
from pathlib import Path

from bench.changes import OURS, Report, Row
from bench.judging import MOVED_WORDS

COLUMNS = (
    ("split_words_percent", "hunks that split a word"),
    ("cut_links_percent", "hunks that cut a link"),
    ("across_blocks_percent", "hunks across paragraphs"),
    ("short_gaps_percent", "gaps under 3 words"),
    ("invisible_percent", "hunks without visible change"),
)
_WIDTH, _LEFT, _ROW, _TOP = 760, 230, 34, 64
_STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#1c2227}.quiet{fill:#555e65;font-size:12px}.bar{fill:#8a949b}"
    ".ours{fill:#0b5c66}.line{stroke:#dcd9d1}.one{stroke:#82201a;stroke-dasharray:4 3}rect.back{fill:#fbfaf7}"
    "@media(prefers-color-scheme:dark){text{fill:#e5e8e7}.quiet{fill:#a8b1b6}.bar{fill:#6d777d}.ours{fill:#6cc4cf}"
    ".line{stroke:#343b40}.one{stroke:#f8b8b1}rect.back{fill:#14181b}}"
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
            ratios = ("1", "1") if row.peer == OURS else (_number(row.ratio_median), _number(row.ratio_p95))
            yield f"| {_name(row)} | {_number(row.ms_median)} | {_number(row.ms_p95)} | {ratios[0]} | {ratios[1]} |"


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
    """A bar for each peer: our time as a share of its time, at the median, on a scale of tenths to ten."""
    rows = [row for row in report.rows if row.ratio_median and row.peer != OURS]
    height = _TOP + _ROW * len(rows) + 40
    said = "; ".join(f"{row.peer}: {_number(row.ratio_median)}" for row in rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="t d">',
        f"<style>{_STYLE}</style>",
        '<title id="t">Our process time divided by that of each peer, median pair</title>',
        f'<desc id="d">{escape(said)}</desc>',
        f'<rect class="back" width="{_WIDTH}" height="{height}"/>',
        '<text x="16" y="26">Ours ÷ peer, process time of the median pair</text>',
        '<text class="quiet" x="16" y="46">Left of the dashed line we take less. Logarithmic scale.</text>',
    ]
    for tick in (0.01, 0.1, 1.0, 10.0):
        x, kind = _place(tick), "one" if tick == 1.0 else "line"
        parts.append(f'<line class="{kind}" x1="{x}" x2="{x}" y1="{_TOP - 8}" y2="{height - 30}"/>')
        parts.append(f'<text class="quiet" x="{x}" y="{height - 12}" text-anchor="middle">{tick:g}</text>')
    for number, row in enumerate(rows):
        parts += _bar(row, _TOP + number * _ROW)
    return "\n".join([*parts, "</svg>", ""])


def _bar(row: Row, y: int) -> list[str]:
    width = max(_place(row.ratio_median or 0) - _LEFT, 2)
    return [
        f'<text x="{_LEFT - 12}" y="{y + 18}" text-anchor="end">{escape(row.peer)}</text>',
        f'<rect class="ours" x="{_LEFT}" y="{y + 4}" width="{width}" height="{_ROW - 14}" rx="2"/>',
        f'<text class="quiet" x="{_LEFT + width + 8}" y="{y + 18}">{_number(row.ratio_median)}</text>',
    ]


def _place(ratio: float) -> int:
    """Where a ratio lies: 0.01 at the left end, 10 near the right one."""
    share = (math.log10(min(max(ratio, 0.01), 10)) + 2) / 3
    return round(_LEFT + share * (_WIDTH - _LEFT - 70))


def _name(row: Row) -> str:
    return f"**{row.peer}**" if row.peer == OURS else row.peer


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2g}" if value < 10 else f"{value:.0f}"
