"""A policy's Markdown as clean HTML: no HTML of its own, anchors that stay, nothing fetched from elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup
from mdit_py_plugins.footnote import footnote_plugin

from portal.rules.changes import Document, Section, parse
from portal.web.transparent import see_through_signs

DEEPEST = 6
# Ids that the pages' own frame uses.
TAKEN = frozenset({"main"})

_INLINE = {"a", "br", "code", "del", "em", "s", "strong", "sup"}
_BLOCKS = {"blockquote", "div", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "section", "ul"}
_TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
TAGS = _INLINE | _BLOCKS | _TABLES
ATTRIBUTES = {
    "*": {"id"},
    "a": {"href", "title", "class", "aria-labelledby"},
    "div": {"class", "tabindex", "role", "aria-labelledby"},
    "li": {"class", "value"},
    "ol": {"start", "class"},
    "section": {"class"},
    "sup": {"class"},
    "td": {"class"},
    "th": {"class", "scope"},
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """`html` is safe to show; `contents` lists (level 2 or 3, id, words) of its headings."""

    html: Markup
    contents: tuple[tuple[int, str, str], ...]


@lru_cache(maxsize=128)
def rendered(source: str) -> Rendered:
    """A whole text, its headings from <h2> on. Their ids are those of `rules.changes`, which outlive renumbering."""
    document = parse(source)
    return Rendered(text_html(without_data(document), _sections_by_line(document)), _contents(document))


def without_data(document: Document) -> str:
    """The text without the data about it, which are no part of what is read; every line stays where it was."""
    first = document.blocks[0] if document.blocks else None
    if first is None or first.kind != "meta":
        return document.text
    return "\n" * document.text.count("\n", 0, first.stop) + document.text[first.stop :]


def block_tokens(source: str) -> list[Token]:
    """What a text is made of, for those who write another format than HTML."""
    return _markdown().parse(source, {})


def text_html(source: str, headings: Mapping[int, Section]) -> Markup:
    """A whole text as HTML; `headings` names the section that begins on a line, counted from 0."""
    tokens = _markdown().parse(source, {})
    _name_headings(tokens, headings)
    return _html(tokens)


@lru_cache(maxsize=512)
def rendered_piece(source: str) -> Markup:
    """A piece of a text, without ids: several of them may stand on one page."""
    return piece_html(source)


def piece_html(source: str) -> Markup:
    return _html(_markdown_of_pieces().parse(source, {}))


def _html(tokens: list[Token]) -> Markup:
    for token in tokens:
        _restyle(token)
    return Markup(_cleaned(_markdown().renderer.render(tokens, _markdown().options, {})))  # it has been cleaned


def _cleaned(html: str) -> str:
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto", "tel"}, link_rel="noopener"
    )


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable(["table", "strikethrough"])
    made.use(footnote_plugin)
    made.add_render_rule("image", _image)
    made.add_render_rule("heading_close", _heading_close)
    made.add_render_rule("table_open", _table_open)
    made.add_render_rule("table_close", _table_close)
    return see_through_signs(made)


@lru_cache(maxsize=1)
def _markdown_of_pieces() -> MarkdownIt:
    """A footnote's mark without its note would be lost as one; here it stays as it is written."""
    return see_through_signs(MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]))


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """A link to the image: the pages load nothing from elsewhere."""
    token = tokens[index]
    words = renderer.renderInlineAsText(token.children or [], options, env)
    address = str(token.attrs.get("src", ""))
    return f'<a href="{escapeHtml(address)}">{escapeHtml(words or address)}</a>'


def _heading_close(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    """The end of a heading, with a link to itself before it."""
    token = tokens[index]
    named = token.meta.get("id")
    link = f'<a class="header-anchor" href="#{named}" aria-labelledby="{named}">#</a>' if named else ""
    return f"{link}</{token.tag}>\n"


def _table_open(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    """A table that is too wide scrolls by itself, in a region that the keyboard reaches, named by the heading above."""
    named = next((token.meta["id"] for token in reversed(tokens[:index]) if "id" in token.meta), "")
    region = f' role="region" aria-labelledby="{named}"' if named else ""
    return f'<div class="table-scroll" tabindex="0"{region}>\n<table>\n'


def _table_close(
    _renderer: RendererHTML, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: EnvType
) -> str:
    return "</table>\n</div>\n"


def _name_headings(tokens: list[Token], by_line: Mapping[int, Section]) -> None:
    """Gives headings, and paragraphs that serve as such, the ids of their sections."""
    for index, token in enumerate(tokens):
        if token.type in ("heading_open", "paragraph_open") and token.map and token.map[0] in by_line:
            named = _id(by_line[token.map[0]].anchor)
            token.attrs["id"] = named
            tokens[index + 2].meta["id"] = named  # opening, words, closing


def _contents(document: Document) -> tuple[tuple[int, str, str], ...]:
    return _two_levels([(section.level, _id(section.anchor), section.title) for section in document.sections])


def _sections_by_line(document: Document) -> dict[int, Section]:
    found: dict[int, Section] = {}
    line, at = 0, 0
    for section in document.sections:
        start = document.blocks[section.block].start
        line, at = line + document.text.count("\n", at, start), start
        blank = len(document.text) - len(document.text[start:].lstrip("\n")) - start
        found[line + max(blank, 0)] = section
    return found


def _id(anchor: str) -> str:
    return f"section-{anchor}" if anchor in TAKEN else anchor


def _two_levels(headings: list[tuple[int, str, str]]) -> tuple[tuple[int, str, str], ...]:
    """Of all headings those of the two highest levels, as 2 and 3; a title that opens the text alone is left out."""
    if headings and all(level > headings[0][0] for level, _, _ in headings[1:]):
        headings = headings[1:]
    levels = sorted({level for level, _, _ in headings})[:2]
    return tuple((2 + levels.index(level), name, words) for level, name, words in headings if level in levels)


def _restyle(token: Token) -> None:
    """Headings one level down, as the page has the <h1>; an item's number as it is written, since a removed item may
    stand between; a column's alignment as a class, as styles are barred."""
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1]) + 1, DEEPEST)}"
    if token.type == "th_open":
        token.attrs["scope"] = "col"
    if token.type == "list_item_open" and token.info:
        token.attrs["value"] = token.info
    if "style" in token.attrs:
        token.attrs["class"] = str(token.attrs.pop("style")).replace("text-align:", "align-")
