"""One side of a unit: its tokens, with their places in the text."""

from collections.abc import Sequence
from itertools import accumulate

from portal.rules.changes.blocks import Block
from portal.rules.changes.document import Document
from portal.rules.changes.reading import Lexicon
from portal.rules.changes.result import Span
from portal.rules.changes.tokens import LINK, SPACE, Token

GLUE_WORDS = 3
"""Fewer words than this do not stand alone: between two edits they join them, in a link target they stay with it."""
_SEPARATOR = Token(SPACE, "\n\n", 0, visible=False)


class Side:
    """The tokens of one block, or of several in a row with the blank lines between them as a token each (`breaks`).

    `offsets` are the tokens' places in the text, and the end; `visible` the positions of visible tokens, of which
    `codes` has one character each.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.tokens: list[Token] = []
        self.breaks: list[int] = []
        self.offsets = [0]
        self.visible: list[int] = []
        self.codes = ""

    @classmethod
    def of(cls, document: Document, blocks: Sequence[int], lexicon: Lexicon) -> "Side":
        """The side of a unit that these blocks are."""
        self = cls()
        if len(blocks) == 1:
            # Not copied: nobody writes to the lists of a side.
            self.texts, self.tokens, self.visible, self.codes = lexicon.read(document.contents[blocks[0]])
            self.offsets = list(accumulate(map(len, self.texts), initial=document.blocks[blocks[0]].start))
            return self
        last: Block | None = None
        for index in blocks:
            block = document.blocks[index]
            if last:
                self.breaks.append(len(self.texts))
                self.texts.append(document.text[last.end : block.start])
                self.tokens.append(_SEPARATOR)
            reading = lexicon.read(document.contents[index])
            self.visible += [at + len(self.texts) for at in reading.visible]
            self.texts += reading.texts
            self.tokens += reading.tokens
            self.codes += reading.codes
            last = block
        self.offsets = list(accumulate(map(len, self.texts), initial=document.blocks[blocks[0]].start))
        return self

    @property
    def start(self) -> int:
        return self.offsets[0]

    @property
    def chars(self) -> int:
        return self.offsets[-1] - self.offsets[0]

    def span(self, first: int, last: int) -> Span | None:
        """The place of tokens ``[first, last)`` in the text, None where there are none."""
        return (self.offsets[first], self.offsets[last]) if last > first else None

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
