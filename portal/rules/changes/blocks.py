"""Leaf blocks of a Markdown text: headings, paragraphs, list items, table rows, code. They tile the text."""

import re
from dataclasses import dataclass
from itertools import accumulate

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable("inline")
_LEAVES = {"heading_open", "paragraph_open", "fence", "code_block", "hr", "tr_open"}
_KINDS = {"fence": "code", "code_block": "code", "hr": "rule", "tr_open": "row"}
_BOLD_ALONE = re.compile(r"[ \t]*(?:\*\*(?![\s*])[^\n*]{1,120}\*\*|__(?![\s_])[^\n_]{1,120}__):?[ \t]*\n?\Z")
_FRONT_MATTER = re.compile(r"---[ \t]*\n(?:[A-Za-z_][\w-]*:.*\n|[ \t]+\S.*\n|- .*\n|#.*\n|\n)+?---[ \t]*\n")
_DEFINITION = re.compile(r"[ \t]*\[[^\]\n]+\]:")
_MARKERS_ONLY = re.compile(r"[ \t>]*+(?:[-*+]|\d{1,9}[.)])?[ \t>]*+\Z")
Range = tuple[int, int, str, int]
"""First line, line after the last, kind, level of a heading or 0."""
BOLD_LEVEL = 7
"""The level of a paragraph that is bold alone: it heads what follows, below every real heading."""


@dataclass(frozen=True, slots=True)
class Block:
    """``text[start:end]`` is the block, ``text[start:stop]`` the block with the blank lines after it.

    `kind`: heading, paragraph, item, quote, row, code, rule, definition, meta. `level`: of a heading, else 0.
    """

    kind: str
    level: int
    start: int
    end: int
    stop: int


def blocks_of(text: str) -> tuple[Block, ...]:
    """The leaf blocks of a canonical text, in order; joined from `start` to `stop` they are the text."""
    matter = _FRONT_MATTER.match(text)
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    offsets = [0, *accumulate(len(line) + 1 for line in lines)]
    offsets[-1] = len(text)
    first = text.count("\n", 0, matter.end()) if matter else 0
    ranges: list[Range] = [(0, first, "meta", 0)] if matter else []
    tokens = _PARSER.parse(text[matter.end() :] if matter else text)
    found = [(top + first, bottom + first, kind, level) for top, bottom, kind, level in _leaf_lines(tokens)]
    ranges += _with_leftovers(lines, first, found)
    return _tiles(text, offsets, ranges)


def _leaf_lines(tokens: list[Token]) -> list[Range]:
    """First line, line after the last, kind and level of each leaf that the parser found."""
    found: list[Range] = []
    inside: list[str] = []
    for token in tokens:
        if token.type in ("list_item_open", "blockquote_open"):
            inside.append("item" if token.type == "list_item_open" else "quote")
        elif token.type in ("list_item_close", "blockquote_close"):
            inside.pop()
        elif token.type in _LEAVES and token.map:
            if token.type == "heading_open":
                kind, level = "heading", int(token.tag[1])
            else:
                kind, level = _KINDS.get(token.type, inside[-1] if inside else "paragraph"), 0
            found.append((token.map[0], token.map[1], kind, level))
    return found


def _with_leftovers(lines: list[str], first: int, found: list[Range]) -> list[Range]:
    """Add the lines that no leaf covers: definitions, the line under a table's head, lone markers, too deep nesting."""
    ranges: list[Range] = []
    at = first
    for top, bottom, kind, level in [*found, (len(lines), len(lines), "", 0)]:
        top = max(top, at)
        ranges += _leftover(lines, at, top, ranges[-1][2] if ranges else "")
        if bottom > top and ranges and ranges[-1][1:3] == (top, "markers"):
            top = ranges.pop()[0]
        if bottom > top:
            ranges.append((top, bottom, kind, level))
            at = bottom
        else:
            at = max(at, top)
    return [(a, b, "item" if kind == "markers" else kind, level) for a, b, kind, level in ranges]


def _leftover(lines: list[str], top: int, bottom: int, behind: str) -> list[Range]:
    ranges: list[Range] = []
    for at in range(top, bottom):
        line = lines[at]
        if not line.strip():
            continue
        if _DEFINITION.match(line):
            kind = "definition"
        elif _MARKERS_ONLY.match(line):
            kind = "markers"
        else:
            kind = "row" if behind == "row" and at == top else "paragraph"
        if ranges and ranges[-1][1] == at and ranges[-1][2] == kind == "paragraph":
            ranges[-1] = (ranges[-1][0], at + 1, kind, 0)
        else:
            ranges.append((at, at + 1, kind, 0))
    return ranges


def _tiles(text: str, offsets: list[int], ranges: list[Range]) -> tuple[Block, ...]:
    blocks = []
    for place, (top, bottom, kind, level) in enumerate(ranges):
        start = offsets[top] if place else 0
        stop = offsets[ranges[place + 1][0]] if place + 1 < len(ranges) else len(text)
        end = start + len(text[start : min(offsets[bottom], stop)].rstrip())
        if kind == "paragraph" and end - start < 130 and _BOLD_ALONE.match(text[start:end].lstrip("\n")):
            kind, level = "heading", BOLD_LEVEL
        blocks.append(Block(kind, level, start, max(end, start), stop))
    if not blocks and text:
        blocks.append(Block("paragraph", 0, 0, 0, len(text)))
    return tuple(blocks)
