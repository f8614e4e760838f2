"""One side of a unit: its tokens, with their places in the text."""

from collections.abc import Sequence

from portal.rules.changes.document import Document
from portal.rules.changes.reading import Lexicon, Reading
from portal.rules.changes.result import Span
from portal.rules.changes.tokens import LINK, SPACE, Token

GLUE_WORDS = 3
"""Fewer words than this do not stand alone: between two edits they join them, in a link target they stay with it."""
_SEPARATOR = Token(SPACE, "\n\n", 0, visible=False)


class Side:
    """The tokens of one block, or of several in a row with the blank lines between them as a token each (`breaks`).

    `start` and `end` are its place in the text; `visible` the positions of visible tokens, of which `codes` has one
    character each.
    """

    def __init__(self, start: int, end: int, reading: Reading) -> None:
        self.start, self.end = start, end
        self.texts, self.tokens = reading.texts, reading.tokens
        self.visible, self.codes = reading.visible, reading.codes
        self.breaks: list[int] = []
        self._asked, self._place = (0, 0), (start, start)

    @classmethod
    def of(cls, document: Document, blocks: Sequence[int], lexicon: Lexicon) -> "Side":
        """The side of a unit that these blocks are."""
        last = document.blocks[blocks[0]]
        side = cls(last.start, document.blocks[blocks[-1]].end, lexicon.read(document.contents[blocks[0]]))
        if len(blocks) > 1:
            # Copied first: nobody writes to the lists of a reading.
            side.texts, side.tokens, side.visible = side.texts[:], side.tokens[:], side.visible[:]
        for index in blocks[1:]:
            block, reading = document.blocks[index], lexicon.read(document.contents[index])
            side.breaks.append(len(side.texts))
            side.texts.append(document.text[last.end : block.start])
            side.tokens.append(_SEPARATOR)
            side.visible += [at + len(side.texts) for at in reading.visible]
            side.texts += reading.texts
            side.tokens += reading.tokens
            side.codes += reading.codes
            last = block
        return side

    @property
    def chars(self) -> int:
        return self.end - self.start

    def place(self, first: int, last: int) -> Span:
        """Where tokens ``[first, last)`` stand in the text; told from those that were asked for last, as few are."""
        if (first, last) != self._asked:
            texts, behind = self.texts, self._asked[1]
            if first >= behind:
                begin = self._place[1] + len("".join(texts[behind:first]))
            else:
                begin = self._place[1] - len("".join(texts[first:behind]))
            self._asked, self._place = (first, last), (begin, begin + len("".join(texts[first:last])))
        return self._place

    def between(self, first: int, last: int) -> tuple[int, int]:
        """All tokens behind the visible token before `first` and before the visible token `last`."""
        visible = self.visible
        return visible[first - 1] + 1 if first else 0, visible[last] if last < len(visible) else len(self.texts)

    def first_visible(self, first: int, last: int) -> int:
        """The first visible token of a range, `last` where there is none."""
        return next((at for at in range(first, last) if self.tokens[at].visible), last)

    def last_visible(self, first: int, last: int) -> int:
        """The last visible token of a range, ``first - 1`` where there is none."""
        return next((at for at in range(last - 1, first - 1, -1) if self.tokens[at].visible), first - 1)

    def has_link(self, first: int, last: int) -> bool:
        return LINK in [token.kind for token in self.tokens[first:last]]

    def only_space(self, first: int, last: int) -> bool:
        """Whether a range has tokens, and all of them are spaces within a block."""
        return first < last and all(
            self.tokens[at].kind == SPACE and at not in self.breaks for at in range(first, last)
        )

    def long_links(self, first: int, last: int) -> list[int]:
        """Where the link targets of a range are; short ones count as part of the words around them."""
        if first == last or not self.has_link(first, last):
            return []
        return [
            at
            for at, token in enumerate(self.tokens[first:last], first)
            if token.kind == LINK and token.words >= GLUE_WORDS
        ]

    def keys(self, first: int, last: int) -> str:
        """The keys of visible tokens ``[first, last)``, which tell equal edits."""
        return " ".join([self.tokens[at].key for at in self.visible[first:last]])
