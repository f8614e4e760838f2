"""Pieces of a policy's Markdown as plain words, short enough for a mail."""

import re

LINK = re.compile(r"!?\[([^\]]*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)")
MARKS = re.compile(r"(\*\*|__|`|~~)|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
LINE_STARTS = re.compile(r"^\s{0,3}(?:#{1,6}\s+|>\s?|[-*+]\s+|\d{1,9}[.)]\s+)", re.MULTILINE)
TABLE_RULE = re.compile(r"^\s*\|?\s*:?-{3,}.*$", re.MULTILINE)
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def plain(markdown: str) -> str:
    """The words without the marks, on one line; the cells of a table row are set apart by dots."""
    text = TABLE_RULE.sub("", markdown)
    text = LINE_STARTS.sub("", text)
    text = LINK.sub(r"\1", text)
    text = MARKS.sub("", text)
    text = ESCAPED.sub(r"\1", text)
    cells = [
        " · ".join(cell.strip() for cell in line.strip().strip("|").split("|") if cell.strip())
        for line in text.splitlines()
    ]
    return " ".join(" ".join(cells).split())


def shortened(text: str, longest: int) -> str:
    """The text, cut at the end of a word."""
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:·") + " …"


def tail(text: str, longest: int) -> str:
    """The end of the text, cut at the beginning of a word."""
    if len(text) <= longest:
        return text
    return "… " + text[-(longest - 1) :].split(" ", 1)[-1]
