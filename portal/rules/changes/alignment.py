"""Which block of the old text became which of the new one: the state that the steps of the alignment add to."""

from collections.abc import Sequence

from portal.rules.changes.document import Document
from portal.rules.changes.reading import Lexicon

Gap = tuple[int, int, int, int]
"""Old blocks ``[i1, i2)`` beside new blocks ``[j1, j2)``, as ``(i1, i2, j1, j2)``."""
Run = tuple[int, int, int]
"""Old blocks from i on that equal new blocks from j on, as ``(i, j, count)``."""


class Alignment:
    """`partner[i]` is the new block of old block `i`, `origin[j]` the old block of new block `j`; -1 for none.

    `runs` are equal blocks that kept their order, `olds` and `news` all other blocks. `splits` holds the new blocks of
    an old one that became several, `merges` the old ones of a new one.
    """

    def __init__(self, old: Document, new: Document, lexicon: Lexicon) -> None:
        self.old, self.new, self.lexicon = old, new, lexicon
        self.a, self.b = old.contents, new.contents
        self.partner = [-1] * len(self.a)
        self.origin = [-1] * len(self.b)
        self.runs: list[Run] = []
        self.gaps: list[Gap] = []
        self.olds: list[int] = []
        self.news: list[int] = []
        self.splits: dict[int, tuple[int, ...]] = {}
        self.merges: dict[int, tuple[int, ...]] = {}
        self.degraded = False

    def join(self, i: int, j: int) -> None:
        self.partner[i], self.origin[j] = j, i

    def join_run(self, run: Run) -> None:
        i, j, count = run
        self.partner[i : i + count] = range(j, j + count)
        self.origin[j : j + count] = range(i, i + count)
        self.runs.append(run)

    def free_olds(self, gap: Gap | None = None) -> list[int]:
        """Old blocks without a partner, of one gap or of all."""
        partner = self.partner
        return [i for i in (range(gap[0], gap[1]) if gap else self.olds) if partner[i] < 0]

    def free_news(self, gap: Gap | None = None) -> list[int]:
        origin = self.origin
        return [j for j in (range(gap[2], gap[3]) if gap else self.news) if origin[j] < 0]

    def codes(self, content: str) -> str:
        """The visible tokens of a block, one character each."""
        return self.lexicon.read(content).codes

    def words(self, content: str) -> str:
        """The words of a block alone, one character each, capitals told as small letters."""
        return self.lexicon.words(content)

    def all_codes(self, contents: Sequence[str], places: Sequence[int]) -> list[str]:
        return [self.codes(contents[at]) for at in places]


def runs_of(pairs: list[tuple[int, int]], i1: int, j1: int) -> list[Run]:
    """Pairs of equal blocks in order as runs, told from `i1` and `j1` on."""
    found: list[Run] = []
    first_i = first_j = behind_i = behind_j = -1
    for i, j in pairs:
        if i != behind_i or j != behind_j:
            if behind_i >= 0:
                found.append((i1 + first_i, j1 + first_j, behind_i - first_i))
            first_i, first_j = i, j
        behind_i, behind_j = i + 1, j + 1
    if pairs:
        found.append((i1 + first_i, j1 + first_j, behind_i - first_i))
    return found


def joined(runs: list[Run]) -> list[Run]:
    """Runs in order, those that follow each other on both sides as one."""
    found: list[Run] = []
    first_i, first_j, _ = runs[0] if runs else (0, 0, 0)
    behind_i, behind_j = first_i, first_j
    for i, j, count in runs:
        if i != behind_i or j != behind_j:
            found.append((first_i, first_j, behind_i - first_i))
            first_i, first_j = i, j
        behind_i, behind_j = i + count, j + count
    if runs:
        found.append((first_i, first_j, behind_i - first_i))
    return found
