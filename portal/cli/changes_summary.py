"""A comparison for a person at a terminal: coloured, wrapped, one paragraph a change."""

from collections import Counter

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from portal.rules.changes import Change, Comparison, marked

_NAMES = {
    "insert": "added",
    "delete": "removed",
    "modify": "reworded",
    "move": "moved",
    "move+modify": "moved and reworded",
    "split": "split",
    "merge": "merged",
}
_STYLES = {"equal": "", "delete": "red strike", "insert": "green underline"}
_SIGNS = {"equal": ("", ""), "delete": ("[-", "-]"), "insert": ("{+", "+}")}
_CONTEXT = 60


def print_summary(console: Console, result: Comparison, old_text: str, new_text: str) -> None:
    """Print what changed: sections, each change with its words, and how many minor ones there are."""
    main = [change for change in result.changes if not change.minor]
    minor = Counter(change.cls for change in result.changes if change.minor)
    if not result.changes:
        console.print("The texts are equal.")
        return
    if result.degraded:
        console.print("Parts were too large to compare word by word: they are shown as wholes.", style="yellow")
    for event in result.sections:
        places = [" › ".join(path) for path in (event.old, event.new) if path is not None]
        console.print(Text(f"section {event.event}: {' → '.join(dict.fromkeys(places))}", style="magenta"))
    for change in main:
        console.print(_headline(change))
        console.print(Padding(_words(change, old_text, new_text, plain=not console.is_terminal), (0, 0, 1, 4)))
    counts = ", ".join(f"{count} {name}" for name, count in sorted(minor.items()))
    console.print(
        Text(
            f"{len(main)} change{'s' * (len(main) != 1)}" + (f"; minor ones besides: {counts}" if counts else ""),
            style="bold",
        )
    )


def _headline(change: Change) -> Text:
    text = Text(f"{change.id[:8]} ", style="dim")
    text.append(_NAMES[change.kind], style="bold cyan")
    if change.label:
        text.append(f" {change.label}", style="bold")
    text.append(f"  {' › '.join(change.section)}", style="")
    if change.flags:
        text.append(f"  [{', '.join(change.flags)}]", style="yellow")
    text.append(f"  {change.group}", style="dim")
    return text


def _words(change: Change, old_text: str, new_text: str, *, plain: bool) -> Text:
    """The words with their marks; where there is no colour, in the signs of wdiff. Long kept stretches are cut."""
    text = Text()
    for segment in marked(change, old_text, new_text):
        words = segment.text
        if segment.op == "equal" and len(words) > 2 * _CONTEXT + 5:
            words = f"{words[:_CONTEXT]} … {words[-_CONTEXT:]}"
        before, after = _SIGNS[segment.op] if plain else ("", "")
        text.append(before + words + after, style=_STYLES[segment.op])
    text.rstrip()
    return text
