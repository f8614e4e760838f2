"""Markdown as plain words, for readers who should not meet its marks: in a change's words, and in its place."""

import re
from collections.abc import Sequence

_LINK = re.compile(r"\[([^\[\]]+)\]\((?:mailto:)?([^()\s]+)\)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
_EMPHASIS = re.compile(r"(?<!\w)\*(?=\S)([^*\n]+?)(?<=\S)\*(?!\w)")
_START = re.compile(r"\A(?:#{1,6}(?: +|\Z)|\| *)")
_ITEM = re.compile(r"^( *)[-*+] +", re.MULTILINE)
_END = re.compile(r" *\|\s*\Z")
_CELLS = re.compile(r" +\| +")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_TITLE = re.compile(r"\s*# +(.+)")


def plain_words(markdown: str) -> str:
    """The words without marks: a link's target follows in brackets, a table's cells are parted by a bar."""
    text = _END.sub("", _START.sub("", markdown))
    text = _LINK.sub(lambda m: m[1] if m[1] == m[2] else f"{m[1]} ({m[2]})", text)
    text = _ITEM.sub(r"\1• ", _EMPHASIS.sub(r"\1", _STRONG.sub(r"\2", text)))
    return _ESCAPED.sub(r"\1", _CELLS.sub(" │ ", text))


def plain_parts(parts: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The parts of a change, each in plain words. Blanks at their ends stay: they part words."""
    return tuple((operation, _between_blanks(text)) for operation, text in parts)


def below_title(section: tuple[str, ...], text: str) -> tuple[str, ...]:
    """The headings without the text's own title, which stands above everything."""
    title = _TITLE.match(text)
    return section[1:] if len(section) > 1 and title and section[0] == title[1].strip() else section


def _between_blanks(text: str) -> str:
    inner = text.strip(" \n")
    start = text.index(inner) if inner else len(text)
    return text[:start] + (plain_words(inner) if inner else "") + text[start + len(inner) :]
