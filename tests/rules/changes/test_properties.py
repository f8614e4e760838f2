"""What holds for the comparison of any two texts."""

import json
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules.changes import Comparison, apply_delta, compare, invert, marked, parse
from portal.rules.changes.patterns import token_pattern
from portal.rules.changes.reading import Lexicon
from portal.rules.changes.text import normalised
from tests.rules.changes.texts import documents, noise, revisions

pairs = st.one_of(revisions(), revisions(), st.tuples(documents, documents), st.tuples(noise, noise))
any_text = st.one_of(documents, noise, st.text(max_size=80))
thorough = settings(max_examples=120)


@thorough
@given(any_text)
def test_blocks_tile_the_text(text: str) -> None:
    document = parse(text)
    assert "".join(document.text[block.start : block.stop] for block in document.blocks) == document.text
    assert all(block.start <= block.end <= block.stop for block in document.blocks)
    assert all(not document.text[block.end : block.stop].strip() for block in document.blocks)


@thorough
@given(any_text)
def test_tokens_tile_a_block(text: str) -> None:
    reading = Lexicon().read(text)
    assert "".join(reading.texts) == text
    assert len(reading.texts) == len(reading.tokens)
    assert len(reading.codes) == sum(token.visible for token in reading.tokens)


@thorough
@given(pairs)
def test_the_delta_rebuilds_the_new_text_and_its_inverse_the_old_one(pair: tuple[str, str]) -> None:
    old, new = map(normalised, pair)
    delta = compare(old, new).delta
    assert apply_delta(old, delta) == new
    assert apply_delta(new, invert(delta, old)) == old


@thorough
@given(pairs)
def test_there_are_changes_exactly_where_the_texts_differ(pair: tuple[str, str]) -> None:
    old, new = map(normalised, pair)
    assert bool(compare(old, new).changes) == (old != new)


@given(any_text)
def test_equal_texts_have_no_changes(text: str) -> None:
    assert compare(text, text).changes == ()


@given(pairs)
def test_the_same_texts_give_the_same_result_again(pair: tuple[str, str]) -> None:
    first, again = compare(*pair).to_json(), compare(*pair).to_json()
    assert first == again
    assert len({change["id"] for change in first["changes"]}) == len(first["changes"])


@given(pairs)
def test_a_result_survives_its_json(pair: tuple[str, str]) -> None:
    result = compare(*pair)
    assert Comparison.from_json(json.loads(json.dumps(result.to_json()))) == result


@thorough
@given(pairs)
def test_no_hunk_splits_a_word_or_a_link(pair: tuple[str, str]) -> None:
    old, new = map(normalised, pair)
    for change in compare(old, new).changes:
        for hunk in change.hunks:
            for text, span in ((old, hunk.old), (new, hunk.new)):
                if span is None or hunk.cls not in ("text", "punctuation"):
                    continue
                assert not any(splits_a_word(text, at) for at in span)
                assert not any(start < at < end for start, end in links_of(text) for at in span)


def splits_a_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and is_of_word(text[at - 1]) and is_of_word(text[at])


def is_of_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_" or unicodedata.category(sign)[0] == "M"


def links_of(text: str) -> list[tuple[int, int]]:
    """Link targets as the documents of these tests have them."""
    matches = token_pattern(text).finditer(text)
    return [match.span() for match in matches if match[0].startswith(("](http", "](/", "](mailto"))]


@thorough
@given(pairs)
def test_hunks_lie_in_their_change_in_order_and_all_else_is_equal(pair: tuple[str, str]) -> None:
    old, new = map(normalised, pair)
    for change in compare(old, new).changes:
        segments = marked(change, old, new)
        if change.new:
            assert "".join(s.text for s in segments if s.op != "delete") == new[slice(*change.new)]
        if change.old and not change.kind.startswith("move"):
            assert "".join(s.text for s in segments if s.op != "insert") == old[slice(*change.old)]


@thorough
@given(pairs)
def test_no_hunk_of_words_crosses_from_one_block_into_another(pair: tuple[str, str]) -> None:
    old, new = parse(pair[0]), parse(pair[1])
    for change in compare(old, new).changes:
        for hunk in change.hunks:
            for document, span in ((old, hunk.old), (new, hunk.new)):
                if span and hunk.cls in ("text", "punctuation"):
                    touched = [b for b in document.blocks if b.start < span[1] and span[0] < b.end]
                    assert len(touched) == 1
