"""One side of a unit: where its tokens stand in the text."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from portal.rules.changes import parse
from portal.rules.changes.reading import Lexicon
from portal.rules.changes.side import Side
from tests.rules.changes.texts import documents, noise


@given(st.one_of(documents, noise), st.data())
def test_places_are_those_of_the_tokens_in_whatever_order_they_are_asked_for(text: str, data: st.DataObject) -> None:
    document = parse(text)
    if not document.blocks:
        return
    first = data.draw(st.integers(0, len(document.blocks) - 1))
    blocks = range(first, data.draw(st.integers(first + 1, len(document.blocks))))
    side = Side.of(document, blocks, Lexicon())
    begins = list(accumulate(map(len, side.texts), initial=side.start))
    assert begins[-1] == side.end
    for at in data.draw(st.lists(st.integers(0, len(side.texts)), max_size=8)):
        last = data.draw(st.integers(at, len(side.texts)))
        assert side.place(at, last) == (begins[at], begins[last])
        assert document.text[begins[at] : begins[last]] == "".join(side.texts[at:last])


def test_a_side_of_several_blocks_leaves_what_was_read_as_it_was() -> None:
    document, lexicon = parse("One word.\n\nTwo words.\n"), Lexicon()
    Side.of(document, range(2), lexicon)
    assert lexicon.read("One word.").texts == ["One", " ", "word", "."]
