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
_QUIET = ("space", "format", "typography")
"""Differences that are not marked among words that are: the words stand as the new text has them."""
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
    for group in _groups(main):
        console.print(_headline(group))
        if group[0].kind != "move":
            plain = not console.is_terminal or console.no_color
            console.print(Padding(_words(group[0], old_text, new_text, plain=plain), (0, 0, 1, 4), expand=False))
    counts = ", ".join(f"{count} {name}" for name, count in sorted(minor.items()))
    console.print(
        Text(
            f"{len(main)} change{'s' * (len(main) != 1)}" + (f"; minor ones besides: {counts}" if counts else ""),
            style="bold",
        )
    )
    console.print(Text(f"engine {result.engine}, {result.old.digest[:19]}… → {result.new.digest[:19]}…", style="dim"))


def _groups(changes: list[Change]) -> list[list[Change]]:
    """The same edit in several places is shown once."""
    found: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        alone = change.kind != "modify"
        found.setdefault((change.group, change.id if alone else ""), []).append(change)
    return list(found.values())


def _headline(group: list[Change]) -> Text:
    change = group[0]
    text = Text(f"{change.id[:8]} ", style="dim")
    text.append(_NAMES[change.kind], style="bold cyan")
    if change.label:
        text.append(f" {change.label}", style="bold")
    text.append(f"  {' › '.join(change.section) or 'opening of the text'}", style="")
    if change.flags:
        text.append(f"  [{', '.join(change.flags)}]", style="yellow")
    if len(group) > 1:
        text.append(f"  and the same in {len(group) - 1} more place{'s' * (len(group) != 2)}", style="bold")
    return text


def _words(change: Change, old_text: str, new_text: str, *, plain: bool) -> Text:
    """The words with their marks; where there is no colour, in the signs of wdiff. Long kept stretches are cut."""
    text = Text()
    for segment in marked(change, old_text, new_text):
        words = segment.text
        if segment.cls in _QUIET and not change.minor:
            text.append("" if segment.op == "delete" else words)
            continue
        if segment.op == "equal" and len(words) > 2 * _CONTEXT + 5:
            words = f"{words[:_CONTEXT]} … {words[-_CONTEXT:]}"
        before, after = _SIGNS[segment.op] if plain else ("", "")
        text.append(before + words + after, style=_STYLES[segment.op])
    text.rstrip()
    return text
