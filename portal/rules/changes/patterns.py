"""The shapes of tokens in Markdown text."""

import re
import unicodedata
from functools import lru_cache

BLANK = "\u200b\u200e\u200f\u2060\ufeff\u00ad"
"""Characters without width, which count as space."""
BULLETS = "•●▪◦‣○■▸►➢"

# No possessive quantifiers: Python 3.11.2 (Debian 12) finds empty matches with nested ones.
# First what most of a text is, in a form that is quick to find: a space before a letter, a word of plain letters that
# nothing can join. Then, in order: space; bare address; word with its parts ("don't", "opt-in", "1,000", "example.com",
# a mail address); link target; common punctuation; escaped underscores with their word; space as entity; bullet;
# emphasis; rules; comment and tag; brackets; line break; escaped sign; entity; dots and dashes; any other sign, or
# joined emoji.
_TOKEN = r"""
    \ (?=[A-Za-z(\[])
  | [A-Za-z]+(?=[\ ,;)\]*"!?\n])
  | [\s{blank}]+
  | https?://{address}+ | _+(?=https?://{address})
  | [{w}]+(?:(?:['’\-‑](?=[{w}])|\\_|[.,:/](?<=\d.)(?=\d)|\.(?=[a-z]))[{w}]*)*
    (?:@[{w}-]+(?:\.[{w}-]+)+)?
  | \\?\]\((?:<[^<>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)
    (?:\s+(?:"[^"\n]*"|'[^'\n]*'|[“„][^“”„\n]*[“”]))?\s*\)
  | \]\((?:mailto:|tel:|https?:)[^()\n]{{0,500}}\)
  | [.,;:"“”()](?![.\-\u200d\ufe0f])
  | (?:\\_)+[{w}]*(?:\\_[{w}]*)*
  | &nbsp;
  | [{bullets}][ \t]*
  | [*`~]+
  | :?-{{3,}}:? | ={{3,}}
  | <!--[^<>]{{0,2000}}--> | </?[A-Za-z][^<>\n]{{0,499}}>
  | !?\[ | \]\[[^\]\[\n]{{0,200}}\] | \]
  | \\(?=\n)
  | \\[!-/:-@\[-`{{-~]
  | &(?:\#\d{{1,7}}|\#[xX][0-9a-fA-F]{{1,6}}|[A-Za-z][A-Za-z0-9]{{1,31}});
  | \.\.\. | --
  | [^{w}\s{blank}](?:[\U0001F3FB-\U0001F3FF]|\ufe0f?\u200d[^{w}\s{blank}])*
"""
_CLAUSE = (
    r"\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zA-Z]|[ivxlcIVXLC]{1,7})\\?[.)]+(?=[\s*_]|\Z)"
    r"|\d{1,3}(?:\.\d{1,3})+(?=[\s*_:]|\Z)"
)
START = re.compile(
    r"(?P<indent>\s*(?:>[ \t]?)*[ \t]*)"
    r"(?P<bullet>(?:[-*+·" + BULLETS + r"][ \t]+(?:\[[ xX]\][ \t]+)?)*)(?P<item>\d{1,9}[.)](?=\s|\Z))?"
    r"(?P<hashes>[ \t]*\#{1,6}(?=\s|\Z))?(?P<gap>[ \t]*(?:\*\*|__|\*|_)?)(?P<clause>" + _CLAUSE + ")?"
)
"""What may stand before the words of a block: quote marks, list marker, heading marks, clause number."""


_MAY_BE_MARKS = re.compile(r"[^\x00-\u02ff\u2000-\u206f\u20a0-\u20bf\u2100-\u2bff]")


def token_pattern(text: str) -> re.Pattern[str]:
    """The token pattern for a text; a combining mark counts as part of its word, and `re` has no class for them."""
    if text.isascii() or not _MAY_BE_MARKS.search(text):
        return _compiled("")
    return _compiled("".join(sorted(c for c in set(text) if c > "\u02ff" and unicodedata.category(c)[0] == "M")))


@lru_cache(maxsize=64)
def _compiled(marks: str) -> re.Pattern[str]:
    return re.compile(
        _TOKEN.format(w=r"\w" + marks, blank=BLANK, bullets=BULLETS, address=r"[^\s<>()\[\]\"|]"), re.VERBOSE
    )
