"""Ratios as bars in an SVG, on a logarithmic scale, with a dashed line at one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _LEFT, _ROW, _TOP = 760, 230, 34, 64
_STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#1c2227}.quiet{fill:#555e65;font-size:12px}.bar{fill:#8a949b}"
    ".ours{fill:#0b5c66}.line{stroke:#dcd9d1}.one{stroke:#82201a;stroke-dasharray:4 3}rect.back{fill:#fbfaf7}"
    "@media(prefers-color-scheme:dark){text{fill:#e5e8e7}.quiet{fill:#a8b1b6}.bar{fill:#6d777d}.ours{fill:#6cc4cf}"
    ".line{stroke:#343b40}.one{stroke:#f8b8b1}rect.back{fill:#14181b}}"
)


@dataclass(frozen=True, slots=True)
class Plot:
    """What stands above the bars, and the powers of ten at the left end and near the right one."""

    title: str
    heading: str
    note: str
    decades: tuple[int, int]


def number(value: float | None) -> str:
    """Two digits, as the tables and the plots show ratios and times; a dash for none."""
    return "–" if value is None else f"{value:.2g}" if value < 10 else f"{value:.0f}"


def svg(plot: Plot, bars: Sequence[tuple[str, float]]) -> str:
    """A bar for each (name, ratio)."""
    height = _TOP + _ROW * len(bars) + 40
    said = "; ".join(f"{name}: {number(ratio)}" for name, ratio in bars)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="t d">',
        f"<style>{_STYLE}</style>",
        f'<title id="t">{escape(plot.title)}</title>',
        f'<desc id="d">{escape(said)}</desc>',
        f'<rect class="back" width="{_WIDTH}" height="{height}"/>',
        f'<text x="16" y="26">{escape(plot.heading)}</text>',
        f'<text class="quiet" x="16" y="46">{escape(plot.note)}</text>',
    ]
    low, high = plot.decades
    for power in range(low, high + 1):
        x, kind = _place(10.0**power, plot), "one" if power == 0 else "line"
        parts.append(f'<line class="{kind}" x1="{x}" x2="{x}" y1="{_TOP - 8}" y2="{height - 30}"/>')
        parts.append(f'<text class="quiet" x="{x}" y="{height - 12}" text-anchor="middle">{10.0**power:g}</text>')
    for row, (name, ratio) in enumerate(bars):
        parts += _bar(name, ratio, _TOP + row * _ROW, plot)
    return "\n".join([*parts, "</svg>", ""])


def _bar(name: str, ratio: float, y: int, plot: Plot) -> list[str]:
    width = max(_place(ratio, plot) - _LEFT, 2)
    return [
        f'<text x="{_LEFT - 12}" y="{y + 18}" text-anchor="end">{escape(name)}</text>',
        f'<rect class="ours" x="{_LEFT}" y="{y + 4}" width="{width}" height="{_ROW - 14}" rx="2"/>',
        f'<text class="quiet" x="{_LEFT + width + 8}" y="{y + 18}">{number(ratio)}</text>',
    ]


def _place(ratio: float, plot: Plot) -> int:
    """Where a ratio lies between the ends of the scale."""
    low, high = plot.decades
    share = (math.log10(min(max(ratio, 10.0**low), 10.0**high)) - low) / (high - low)
    return round(_LEFT + share * (_WIDTH - _LEFT - 70))
