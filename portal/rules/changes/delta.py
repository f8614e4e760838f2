"""The new text told from the old one: copies and literal strings."""

from collections.abc import Sequence

from portal.rules.changes.result import Delta, Span


class DeltaWriter:
    """Collects the parts of a delta in the order of the new text, joining neighbours."""

    def __init__(self) -> None:
        self.parts: list[Span | str] = []

    def copy(self, start: int, end: int) -> None:
        if start == end:
            return
        last = self.parts[-1] if self.parts else ""
        if not isinstance(last, str) and last[1] == start:
            self.parts[-1] = (last[0], end)
        else:
            self.parts.append((start, end))

    def literal(self, text: str) -> None:
        if not text:
            return
        if self.parts and isinstance(self.parts[-1], str):
            self.parts[-1] += text
        else:
            self.parts.append(text)


def apply_delta(old_text: str, delta: Sequence[Span | str]) -> str:
    """The new text; IndexError where the delta reaches beyond the old text."""
    if any(not isinstance(part, str) and not 0 <= part[0] <= part[1] <= len(old_text) for part in delta):
        raise IndexError("the delta is of another text")
    return "".join(part if isinstance(part, str) else old_text[part[0] : part[1]] for part in delta)


def invert(delta: Sequence[Span | str], old_text: str) -> Delta:
    """The delta that leads back: applied to the new text it gives the old one."""
    copies: list[tuple[int, int, int]] = []
    at = 0
    for part in delta:
        if not isinstance(part, str):
            copies.append((part[0], part[1], at))
        at += len(part) if isinstance(part, str) else part[1] - part[0]
    writer = DeltaWriter()
    done = 0
    for start, end, place in sorted(copies):
        first = max(start, done)
        if first >= end:
            continue
        writer.literal(old_text[done:first])
        writer.copy(place + first - start, place + end - start)
        done = end
    writer.literal(old_text[done:])
    return tuple(writer.parts)
