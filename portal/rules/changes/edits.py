"""Where two token sequences differ: a minimal script, its edits slid to good boundaries and glued over short gaps."""

from typing import NamedTuple

from diff_match_patch import diff_match_patch
from rapidfuzz.distance import Indel, Postfix, Prefix

from portal.rules.changes.bounds import MAX_SIGN_CELLS, MAX_TOKEN_CELLS
from portal.rules.changes.side import GLUE_WORDS, Side

MOST_SHIFTS = 200
"""So far an edit is moved each way in search of a better boundary."""


_differ = diff_match_patch()
_differ.Diff_Timeout = 0  # a clock would make the result depend on the machine's load


class Edit(NamedTuple):
    """Visible tokens ``[i1, i2)`` of the old side became ``[j1, j2)`` of the new one."""

    i1: int
    i2: int
    j1: int
    j2: int


def script(a: str, b: str) -> list[Edit]:
    """A minimal script of deletions and insertions; the same on every run and machine."""
    if a == b:
        return []
    edits: list[Edit] = []
    if len(a) * len(b) > MAX_SIGN_CELLS:
        for code in Indel.opcodes(a, b):
            if code.tag != "equal":
                _append(edits, Edit(code.src_start, code.src_end, code.dest_start, code.dest_end))
        return edits
    plain = _plain_edit(a, b)
    if plain:
        return [plain]
    i = j = 0
    for operation, signs in _differ.diff_main(a, b, checklines=False):
        p = i + (len(signs) if operation <= 0 else 0)
        q = j + (len(signs) if operation >= 0 else 0)
        if operation:
            _append(edits, Edit(i, p, j, q))
        i, j = p, q
    return edits


def _plain_edit(a: str, b: str) -> Edit | None:
    """What diff-match-patch finds where all between two equal ends differs, which most often is so, told without it."""
    first = Prefix.similarity(a, b)
    last = min(Postfix.similarity(a, b), min(len(a), len(b)) - first)
    edit = Edit(first, len(a) - last, first, len(b) - last)
    deleted, inserted = a[first : edit.i2], b[first : edit.j2]
    if deleted and inserted:
        return edit if set(deleted).isdisjoint(inserted) else None
    # It moves an insertion or a deletion over the whole of what is equal before or behind it, if it can.
    alone = deleted or inserted
    before, behind = a[:first], a[edit.i2 :]
    moves = before and behind and (alone.endswith(before) or alone.startswith(behind))
    return None if moves else edit


def _append(edits: list[Edit], edit: Edit) -> None:
    if edits and edits[-1].i2 == edit.i1 and edits[-1].j2 == edit.j1:
        edits[-1] = Edit(edits[-1].i1, edit.i2, edits[-1].j1, edit.j2)
    else:
        edits.append(edit)


def sentence_edits(old: Side, new: Side) -> list[Edit]:
    """The edits of a unit too large to compare by its words: whole sentences or lines, in the last resort all of it."""
    olds, news = _sentences(old), _sentences(new)
    if len(olds) * len(news) > MAX_TOKEN_CELLS:
        return [Edit(0, len(old.codes), 0, len(new.codes))]
    known: dict[str, int] = {}
    a = [known.setdefault(old.codes[first:last], len(known)) for first, last in olds]
    b = [known.setdefault(new.codes[first:last], len(known)) for first, last in news]
    edits: list[Edit] = []
    for code in Indel.opcodes(a, b):
        if code.tag != "equal":
            i1, i2 = _ends(olds, code.src_start, code.src_end)
            j1, j2 = _ends(news, code.dest_start, code.dest_end)
            _append(edits, Edit(i1, i2, j1, j2))
    return edits


def _sentences(side: Side) -> list[tuple[int, int]]:
    """Ranges of visible tokens that end after a full stop or a line."""
    found = []
    first = 0
    for at in range(len(side.visible)):
        if at + 1 == len(side.visible) or _boundary(side, at + 1) >= 4 or at - first >= 200:
            found.append((first, at + 1))
            first = at + 1
    return found


def _ends(ranges: list[tuple[int, int]], first: int, last: int) -> tuple[int, int]:
    begin = ranges[first - 1][1] if first else 0
    return begin, ranges[last - 1][1] if last > first else begin


def slid(old: Side, new: Side, edits: list[Edit]) -> list[Edit]:
    """Move each pure insertion or deletion along equal tokens to where a reader would put it: sentences, clauses."""
    result: list[Edit] = []
    for at, edit in enumerate(edits):
        after = edits[at + 1] if at + 1 < len(edits) else Edit(len(old.codes), 0, len(new.codes), 0)
        before = result[-1] if result else Edit(0, 0, 0, 0)
        step = 0
        if edit.i1 == edit.i2:
            step = _best_shift(new, edit.j1, edit.j2, before.j2, after.j1)
        elif edit.j1 == edit.j2:
            step = _best_shift(old, edit.i1, edit.i2, before.i2, after.i1)
        _append(result, Edit(edit.i1 + step, edit.i2 + step, edit.j1 + step, edit.j2 + step))
    return result


def _best_shift(side: Side, first: int, last: int, low: int, high: int) -> int:
    codes = side.codes
    left = right = 0
    while first + left > low and left > -MOST_SHIFTS and codes[first + left - 1] == codes[last + left - 1]:
        left -= 1
    while last + right < high and right < MOST_SHIFTS and codes[first + right] == codes[last + right]:
        right += 1
    if left == right:
        return 0
    return max(
        range(right, left - 1, -1),
        key=lambda step: (_boundary(side, first + step) + _boundary(side, last + step), step),
    )


def _boundary(side: Side, at: int) -> int:
    """How good a place to part is before the visible token `at`: 6 at an end, 5 after a sentence, 0 inside a word."""
    if at == 0 or at == len(side.visible):
        return 6
    here, there = side.visible[at - 1], side.visible[at]
    last = side.tokens[here].key
    if there == here + 1:
        return 3 if last == ")" or side.tokens[there].key == "(" else 0
    if any("\n" in text for text in side.texts[here + 1 : there]):
        return 6 if "\n\n" in "".join(side.texts[here + 1 : there]) else 4
    if last in ".!?":
        return 5
    if last in ";:":
        return 4
    return 3 if last in ",)" or side.tokens[there].key == "(" else 1


def glued(old: Side, new: Side, edits: list[Edit]) -> list[Edit]:
    """Join edits with fewer than three words between them: single kept words read worse than one longer edit."""
    result: list[Edit] = []
    for edit in edits:
        if result and _is_short(old, new, Edit(result[-1].i2, edit.i1, result[-1].j2, edit.j1)):
            result[-1] = Edit(result[-1].i1, edit.i2, result[-1].j1, edit.j2)
        else:
            result.append(edit)
    return result


def _is_short(old: Side, new: Side, run: Edit) -> bool:
    """Whether an equal run of visible tokens has too few words to stand alone. Where both sides go on with the same
    link, that stays with the run and counts; the border of a block is never glued over."""
    if run.i2 - run.i1 > 4 * GLUE_WORDS:
        return False
    if run.i1 == run.i2:
        return True
    words = min(_words(old, run.i1, run.i2), _words(new, run.j1, run.j2))
    if words >= GLUE_WORDS or _breaks(old, run.i1, run.i2) or _breaks(new, run.j1, run.j2):
        return False
    behind_old, behind_new = old.visible[run.i2 - 1] + 1, new.visible[run.j2 - 1] + 1
    same = old.texts[behind_old : behind_old + 1] == new.texts[behind_new : behind_new + 1]
    return words + (old.tokens[behind_old].words if same and behind_old < len(old.tokens) else 0) < GLUE_WORDS


def _words(side: Side, first: int, last: int) -> int:
    return sum([token.words for token in side.tokens[side.visible[first] : side.visible[last - 1] + 1]])


def _breaks(side: Side, first: int, last: int) -> bool:
    if not side.breaks:
        return False
    begin, end = side.between(first, last)
    return any(begin <= at < end for at in side.breaks)
