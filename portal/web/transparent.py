"""Inline Markdown in which the signs of a comparison are not seen: emphasis begins and ends as without them."""

import re

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline.state_inline import Scanned, StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType

_SIGNS_BEFORE = re.compile("[\ue000-\ue01f]*\\Z")
_SIGNS = re.compile("[\ue000-\ue01f]*")
_LONGEST = 200
"""Signs in a row are looked through so far."""


class _State(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803, FBT001 - the parser's own name
        """Whether a run of delimiters may open or close (CommonMark 0.31, 6.2), by the characters beyond the signs."""
        end = start
        while end < self.posMax and self.src[end] == self.src[start]:
            end += 1
        near = self.src[max(0, start - _LONGEST) : start]
        before = _SIGNS_BEFORE.sub("", near)[-1:]
        beyond = _SIGNS.match(self.src, end, min(end + _LONGEST, self.posMax))
        after = beyond.end() if beyond else end
        text = before + self.src[start:end] + self.src[after : min(after + 1, self.posMax)]
        return StateInline(text, self.md, {}, []).scanDelims(len(before), canSplitWord)


class _Parser(ParserInline):
    def __init__(self, usual: ParserInline) -> None:
        self.__dict__.update(usual.__dict__)

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def see_through_signs(parser: MarkdownIt) -> MarkdownIt:
    """The parser, changed: call it last."""
    parser.inline = _Parser(parser.inline)
    return parser
