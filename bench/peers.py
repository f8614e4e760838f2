"""The programs we are measured against. Each compares two texts and says what it would mark, and what it cost.

Costs are process time in milliseconds of the comparison itself: texts read, and for ours parsed, before. What a peer
needs besides (tokens, rendered HTML) counts where the peer cannot do without it: tokens do, HTML does not.
"""

import json
import re
import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fast_diff_match_patch
from diff_match_patch import diff_match_patch
from lxml.html.diff import htmldiff
from rapidfuzz.distance import Indel

from bench.absent import HERE, NotRun, need_npm_package
from bench.judging import Marked, Span
from bench.pairs import Pair
from portal.rules.changes import compare, parse
from portal.web.markdown import rendered_piece

TOKEN_LIMIT_S = 5.0
"""diff-match-patch in pure Python would take minutes for some pairs without one."""
_TOKEN = re.compile(r"\w+(?:['’]\w+)*|\s+|[^\w\s]")
SPOKEN = frozenset({"text", "punctuation"})


@dataclass(frozen=True, slots=True)
class Answer:
    """`hunks` is None where the peer's output is no marking of the two texts. `rebuilt`: they give the new text."""

    ms: float
    hunks: tuple[Marked, ...] | None
    rebuilt: bool | None = None


Peer = Callable[[Sequence[Pair]], Iterable[Answer]]


def ours(pairs: Sequence[Pair]) -> Iterable[Answer]:
    for pair in pairs:
        old, new = parse(pair.old), parse(pair.new)
        begin = time.process_time()
        result = compare(old, new)
        spent = time.process_time() - begin
        hunks = tuple(
            Marked(hunk.old, hunk.new, unit)
            for unit, change in enumerate(result.changes)
            for hunk in change.hunks
            if hunk.cls in SPOKEN
        )
        parts = (part if isinstance(part, str) else pair.old[part[0] : part[1]] for part in result.delta)
        yield Answer(1000 * spent, hunks, "".join(parts) == pair.new)


def git_words(pairs: Sequence[Pair]) -> Iterable[Answer]:
    """`git diff --word-diff=porcelain`: a process each, as it is used; it does not keep blanks."""
    if not shutil.which("git"):
        raise NotRun("git is not installed")
    with TemporaryDirectory() as folder:
        old, new = Path(folder) / "old.md", Path(folder) / "new.md"
        for pair in pairs:
            old.write_text(pair.old, encoding="utf-8")
            new.write_text(pair.new, encoding="utf-8")
            begin = _children()
            ran = subprocess.run(
                ["git", "diff", "--no-index", "--no-color", "--word-diff=porcelain", str(old), str(new)],
                capture_output=True,
                check=False,
            )
            yield Answer(1000 * (_children() - begin), _of_porcelain(ran.stdout.decode(), pair))


def dmp_characters(pairs: Sequence[Pair]) -> Iterable[Answer]:
    """As its documentation shows it: characters, one second at most, then a semantic clean-up."""
    tool = diff_match_patch()
    tool.Diff_Timeout = 1.0
    for pair in pairs:
        begin = time.process_time()
        found = tool.diff_main(pair.old, pair.new)
        tool.diff_cleanupSemantic(found)
        spent = time.process_time() - begin
        yield _answer(spent, [(op, len(text)) for op, text in found], pair)


def dmp_tokens(pairs: Sequence[Pair]) -> Iterable[Answer]:
    tool = diff_match_patch()
    tool.Diff_Timeout = TOKEN_LIMIT_S
    for pair in pairs:
        begin = time.process_time()
        old, new, a, b = _encoded(pair)
        found = tool.diff_main(a, b, False)  # noqa: FBT003 - the library's own signature
        spent = time.process_time() - begin
        yield _of_tokens(spent, [(op, len(codes)) for op, codes in found], old, new, pair)


def fast_dmp_tokens(pairs: Sequence[Pair]) -> Iterable[Answer]:
    signs = {"-": -1, "=": 0, "+": 1}
    for pair in pairs:
        begin = time.process_time()
        old, new, a, b = _encoded(pair)
        found = fast_diff_match_patch.diff(a, b, timelimit=0, checklines=False, cleanup="No")
        spent = time.process_time() - begin
        yield _of_tokens(spent, [(signs[op], size) for op, size in found], old, new, pair)


def rapidfuzz_tokens(pairs: Sequence[Pair]) -> Iterable[Answer]:
    for pair in pairs:
        begin = time.process_time()
        old, new, a, b = _encoded(pair)
        codes = Indel.opcodes(a, b)
        spent = time.process_time() - begin
        runs = [
            run
            for code in codes
            for run in (
                [(0, code.src_end - code.src_start)]
                if code.tag == "equal"
                else [(-1, code.src_end - code.src_start), (1, code.dest_end - code.dest_start)]
            )
            if run[1]
        ]
        yield _of_tokens(spent, runs, old, new, pair)


def jsdiff(pairs: Sequence[Pair]) -> Iterable[Answer]:
    """`diffWordsWithSpace` of the npm package "diff", in one Node.js process for all pairs."""
    need_npm_package("diff")
    lines = "".join(json.dumps({"old": pair.old, "new": pair.new}) + "\n" for pair in pairs)
    ran = subprocess.run(["node", "jsdiff.mjs"], cwd=HERE, input=lines, check=True, capture_output=True, text=True)
    for pair, line in zip(pairs, ran.stdout.splitlines(), strict=True):
        given: dict[str, Any] = json.loads(line)
        yield _answer(given["ms"] / 1000, [(op, len(text)) for op, text in given["parts"]], pair)


def lxml_html(pairs: Sequence[Pair]) -> Iterable[Answer]:
    """`lxml.html.diff.htmldiff` of both texts rendered; it marks HTML, which the judge of texts cannot read."""
    for pair in pairs:
        old, new = str(rendered_piece(pair.old)), str(rendered_piece(pair.new))
        begin = time.process_time()
        htmldiff(old, new)
        yield Answer(1000 * (time.process_time() - begin), None)


PEERS: dict[str, Peer] = {
    "ours": ours,
    "git diff --word-diff": git_words,
    "diff-match-patch, characters": dmp_characters,
    "diff-match-patch, tokens": dmp_tokens,
    "fast-diff-match-patch, tokens": fast_dmp_tokens,
    "rapidfuzz, tokens": rapidfuzz_tokens,
    "jsdiff, words": jsdiff,
    "lxml.html.diff": lxml_html,
}


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _encoded(pair: Pair) -> tuple[list[str], list[str], str, str]:
    """The tokens of both texts, and one character for each."""
    known: dict[str, str] = {}
    sides = [_TOKEN.findall(pair.old), _TOKEN.findall(pair.new)]
    a, b = ("".join(known.setdefault(token, _code(len(known))) for token in side) for side in sides)
    return sides[0], sides[1], a, b


def _code(number: int) -> str:
    return chr(number + 1 if number + 1 < 0xD800 else number + 0x801)  # no surrogates


def _of_tokens(spent: float, runs: list[tuple[int, int]], old: list[str], new: list[str], pair: Pair) -> Answer:
    at = [0, 0]
    found: list[tuple[int, int]] = []
    for op, size in runs:
        side, place = (new, at[1]) if op > 0 else (old, at[0])
        found.append((op, sum(map(len, side[place : place + size]))))
        at = [at[0] + size * (op <= 0), at[1] + size * (op >= 0)]
    return _answer(spent, found, pair)


def _answer(spent: float, runs: Sequence[tuple[int, int]], pair: Pair) -> Answer:
    """From runs of characters: 0 kept, -1 only in the old text, 1 only in the new one."""
    hunks: list[tuple[Span, Span]] = []
    i = j = 0
    changed = False
    rebuilt: list[str] = []
    for op, size in runs:
        if op == 0:
            rebuilt.append(pair.old[i : i + size])
            i, j, changed = i + size, j + size, False
            continue
        if not changed:
            hunks.append(((i, i), (j, j)))
        changed = True
        before, after = hunks[-1]
        if op < 0:
            i += size
        else:
            rebuilt.append(pair.new[j : j + size])
            j += size
        hunks[-1] = ((before[0], i), (after[0], j))
    marked = tuple(Marked(_some(old), _some(new)) for old, new in hunks)
    return Answer(1000 * spent, marked, "".join(rebuilt) == pair.new and i == len(pair.old))


def _some(span: Span) -> Span | None:
    return span if span[1] > span[0] else None


def _of_porcelain(output: str, pair: Pair) -> tuple[Marked, ...]:
    """The words that git marks, looked up in the texts in their order."""
    lines = [(line[:1], line[1:]) for line in output.partition("\n@@")[2].split("\n")[1:]]
    hunks: list[Marked] = []
    i = j = 0
    last = ""
    for sign, words in lines:
        old, new = _next(pair.old, words, i, sign in "- "), _next(pair.new, words, j, sign in "+ ")
        i, j = old[1] if old else i, new[1] if new else j
        if sign == "-":
            hunks.append(Marked(old, None))
        elif sign == "+" and last == "-" and hunks:
            hunks[-1] = Marked(hunks[-1].old, new)
        elif sign == "+":
            hunks.append(Marked(None, new))
        last = sign
    return tuple(hunk for hunk in hunks if hunk.old or hunk.new)


def _next(text: str, words: str, start: int, wanted: bool) -> Span | None:  # noqa: FBT001 - a condition on the sign
    found = text.find(words, start) if wanted and words else -1
    return (found, found + len(words)) if found >= 0 else None
