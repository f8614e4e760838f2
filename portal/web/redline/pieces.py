"""Some blocks of a text as HTML of their own: a list item as a list, a table's row under its table's head."""

import textwrap

from markupsafe import Markup

from portal.web.markdown import piece_html
from portal.web.redline.signs import with_tags
from portal.web.redline.source import HIDDEN, Marked
from portal.web.redline.unit import Text


def piece(text: Text, blocks: tuple[int, ...], marked: list[Marked]) -> Markup:
    """The blocks, which follow each other, rendered; no ids, as several pieces may stand on a page."""
    if not blocks:
        return Markup("")
    parts = [_above(text, blocks[0])]
    for place, (index, block) in enumerate(zip(blocks, marked, strict=True)):
        source = block.source()
        if block.kind in HIDDEN:
            source = _as_code(source)
        following = blocks[place + 1] if place + 1 < len(blocks) else None
        parts += [source, _between(text, index, following)]
    return with_tags(piece_html(textwrap.dedent("".join(parts)) + text.definitions))


def _above(text: Text, index: int) -> str:
    """The head of the table that a row belongs to."""
    blocks = text.document.blocks
    if blocks[index].kind != "row":
        return ""
    top = index
    while top and blocks[top - 1].kind == "row" and not (top < index and text.is_delimiter(top + 1)):
        top -= 1
    if top == index or not text.is_delimiter(top + 1):
        return "" if text.is_delimiter(index + 1) else blank_head(text.content(index))
    last = top + 2 if index > top + 1 else top + 1
    return "".join(text.content(at).strip() + "\n" for at in range(top, last))


def blank_head(row: str) -> str:
    """A table's head without words, as wide as a row."""
    cells = max(row.strip().strip("|").count("|") + 1, 1)
    return "|" + "   |" * cells + "\n|" + " --- |" * cells + "\n"


def _as_code(source: str) -> str:
    return "\n".join(["~~~~~~", *source.strip("\n").split("\n"), "~~~~~~"])


def _between(text: Text, index: int, following: int | None) -> str:
    blocks = text.document.blocks
    if following is None:
        return "\n"
    if following == index + 1:
        return text.text[blocks[index].end : blocks[following].start] or "\n"
    return "\n" if blocks[index].kind == blocks[following].kind and blocks[index].kind in ("item", "row") else "\n\n"
