"""The picture scrolls in a region of its own where it does not fit, and only there."""

from typing import Any

import pytest

from portal.web.render import environment
from portal.web.terms.drawing import _pitch
from portal.web.terms.shapes import DESK, PHONE, Bar, Drawing, Mark, Size, Word


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
