"""The picture scrolls in a region of its own where it does not fit, and only there."""

from typing import Any

import pytest

from portal.rules.governing import Basis
from portal.web.render import environment
from portal.web.terms.drawing import ROOM_FOR_WORDS, SMALL, _pitch
from portal.web.terms.lettering import folded
from portal.web.terms.shapes import DESK, PHONE, Bar, Drawing, Mark, Size, Word
from portal.web.terms.words import basis_in_bar, basis_name
from portal.web.text import languages, speaking


def drawn(made: Drawing) -> str:
    macros: Any = environment().get_template("components/timeline.html").module
    return str(macros.picture("p", "What holds", "In words.", made, "desk"))


def made(*, wide: bool) -> Drawing:
    """A drawing with one bar, one mark and one word."""
    bar = Bar(10, 20, 80, 60, "objection", allowed=True, words=(Word(50, 50, "version", "<Version 1>"),))
    return Drawing(
        900, 200, wide, (8, 20, 90), 200, [Mark(8, 20, "answer")], [Word(24, 25, "day-past", "Today")], [bar]
    )


def test_one_that_fits_is_no_stop_for_the_keyboard() -> None:
    text = drawn(made(wide=False))
    assert "tabindex" not in text
    assert 'role="region"' not in text


def test_one_that_is_too_wide_is_a_named_region_that_takes_the_focus() -> None:
    text = drawn(made(wide=True))
    assert '<div class="tl tl-desk" role="region" aria-label="What holds" tabindex="0">' in text
    assert 'class="tl-wide" width="900"' in text


def test_words_in_it_are_words() -> None:
    text = drawn(made(wide=False))
    assert "&lt;Version 1&gt;" in text
    assert 'fill="url(#p-objection)"' in text


@pytest.mark.parametrize(("size", "most"), [(DESK, 5), (PHONE, 4)])
def test_so_many_bars_fit(size: Size, most: int) -> None:
    needed = [size.words + lanes * _pitch(lanes, size) for lanes in (most, most + 1)]
    assert needed[0] <= size.width < needed[1]


@pytest.mark.parametrize(
    ("letters", "lines"),
    [
        (8, ["Sie", "haben", "wider-", "sprochen"]),
        (7, ["Sie", "haben", "wider-", "spro-", "chen"]),
        (13, ["Sie haben", "widersprochen"]),
        (99, ["Sie haben widersprochen"]),
    ],
)
def test_a_long_word_breaks_where_its_translation_says_so(letters: int, lines: list[str]) -> None:
    assert folded("Sie haben wider\u00adspro\u00adchen", letters) == lines


@pytest.mark.parametrize("language", languages())
def test_in_the_narrowest_bar_no_word_of_why_a_version_governs_is_cut(language: str) -> None:
    with speaking(language):
        letters = int(ROOM_FOR_WORDS / SMALL)
        for basis in Basis:
            told, lines = basis_name(basis), folded(basis_in_bar(basis), letters)
            assert "\u00ad" not in told
            assert "".join(line.removesuffix("-") for line in lines).replace(" ", "") == told.replace(" ", "")
            for word in basis_in_bar(basis).split():
                assert all(len(part) < letters for part in word.split("\u00ad")) or len(word) <= letters, word
