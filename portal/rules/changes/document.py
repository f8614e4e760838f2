"""A parsed text: its blocks, and the tree of sections that its headings make."""

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from portal.rules.changes.blocks import Block, blocks_of
from portal.rules.changes.bounds import MAX_BLOCKS
from portal.rules.changes.text import digest, normalised, too_large

_TARGET = re.compile(r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\s*\)|\]\[[^\]\n]*\]")
_MARKUP = re.compile(
    r"</?[A-Za-z][^<>\n]{0,500}>|[*`~\[\]|]|(?<!\w)_+|_+(?!\w)|^[ \t]*#{1,6}(?=\s)|\s#+\s*\Z|^[=-]{3,}$", re.MULTILINE
)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_NUMBER = re.compile(
    r"[\s>#*_+-]*+(?:(?:§|section|article|clause|part|chapter|annex|schedule)\s*)?"
    r"(\(?(?:\d{1,3}(?:\\?\.\d{1,3})*|[a-z]|[ivxlc]{1,7})\\?[.):]+(?!\w)"  # 4. 4.2) (a) iv)
    r"|\d{1,3}(?:\\?\.\d{1,3})+(?!\w)"  # 4.2
    r"|(?<=[§nelretx] )\d+(?!\w))"  # Section 4
    r"[-–—.:\s*_]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading. `path` holds the headings from the top to this one, `span` reaches to the next
    heading of the same or a higher level, `anchor` is unique in its text, `block` is the heading's block, `number` the
    clause number of the heading ("4.2"), or of the nearest one above that has one."""

    path: tuple[str, ...]
    level: int
    span: tuple[int, int]
    anchor: str
    block: int
    number: str | None

    @property
    def title(self) -> str:
        return self.path[-1]


@dataclass(frozen=True)
class Document:
    """A canonical text with its blocks (they tile it), sections, and for each block the section it stands in or -1."""

    text: str
    digest: str
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...]
    homes: tuple[int, ...]

    @cached_property
    def contents(self) -> tuple[str, ...]:
        """The text of each block, without blank lines around."""
        return tuple(self.text[block.start : block.end] for block in self.blocks)

    @cached_property
    def known(self) -> frozenset[str]:
        """All contents, to ask whether a block stands anywhere in the text."""
        return frozenset(self.contents)

    def path(self, block: int) -> tuple[str, ...]:
        """The headings above a block; a heading stands in its own section."""
        home = self.homes[block]
        return self.sections[home].path if home >= 0 else ()


def parse(text: str) -> Document:
    """Parse a text; RuleBroken("text_too_large") above 10,000 blocks."""
    text = normalised(text)
    blocks = blocks_of(text)
    if len(blocks) > MAX_BLOCKS:
        raise too_large("blocks", MAX_BLOCKS)
    sections, homes = _sections(text, blocks)
    document = Document(text, digest(text), blocks, sections, homes)
    assert len(document.known) <= len(blocks)  # computed here, once, and not within a comparison
    return document


def _sections(text: str, blocks: tuple[Block, ...]) -> tuple[tuple[Section, ...], tuple[int, ...]]:
    found: list[tuple[tuple[str, ...], int, int, str]] = []
    homes: list[int] = []
    above: list[tuple[int, str, int]] = []
    taken: dict[str, int] = {}
    ends: dict[int, int] = {}
    for index, block in enumerate(blocks):
        if block.level:
            while above and above[-1][0] >= block.level:
                ends[above.pop()[2]] = block.start
            title = plain(text[block.start : block.end])
            above.append((block.level, title, len(found)))
            found.append((tuple(entry[1] for entry in above), block.level, index, _anchor(title, taken)))
        homes.append(above[-1][2] if above else -1)
    return tuple(
        Section(path, level, (blocks[index].start, ends.get(number, len(text))), anchor, index, _nearest_number(path))
        for number, (path, level, index, anchor) in enumerate(found)
    ), tuple(homes)


def _anchor(title: str, taken: dict[str, int]) -> str:
    """A slug without the clause number, so that renumbering keeps the address; the second of a name gets ``-2``."""
    named = without_number(title) or title
    folded = unicodedata.normalize("NFKD", named.lower())
    slug = (
        re.sub(r"[^\w]+", "-", "".join(c for c in folded if not unicodedata.combining(c))).strip("-_")[:80] or "section"
    )
    candidate = slug
    while candidate in taken:
        taken[slug] += 1
        candidate = f"{slug}-{taken[slug]}"
    taken[candidate] = 1
    return candidate


def plain(markdown: str) -> str:
    """The words a reader sees of a short Markdown text, on one line."""
    text = _MARKUP.sub("", _TARGET.sub("", markdown))
    return " ".join(html.unescape(_ESCAPE.sub(r"\1", text)).split())


def number_of(text: str) -> str | None:
    """The clause number that a heading or another block begins with ("4.2", "a", "iv"), or None."""
    match = _NUMBER.match(text)
    return match[1].replace("\\", "").strip("().:") or None if match else None


def _nearest_number(path: tuple[str, ...]) -> str | None:
    return next((number for title in reversed(path) if (number := number_of(title))), None)


def without_number(title: str) -> str:
    match = _NUMBER.match(title)
    return title[match.end() :] if match else title
