"""What a comparison hands on to the next one: it saves time, and no result tells of it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from portal.rules.changes import Comparison, compare, reading
from portal.rules.changes.reading import Lexicon

OLD = "# Terms\n\nWe keep your data for 30 days.\n\nYou may object & leave.\n"
PAIRS = [
    (OLD, OLD.replace("30", str(days)) + f"\nClause {days} is new, and word{days} is too.\n") for days in range(60)
]


def _results(pairs: list[tuple[str, str]]) -> list[Comparison]:
    return [compare(old, new) for old, new in pairs]


def test_two_threads_find_what_one_finds() -> None:
    start = Barrier(2)

    def run(pairs: list[tuple[str, str]]) -> list[Comparison]:
        start.wait()
        return _results(pairs)

    with ThreadPoolExecutor(2) as threads:
        forward, backward = threads.map(run, [PAIRS, PAIRS[::-1]])
    assert forward == backward[::-1] == _results(PAIRS)


def _codes(text: str) -> str:
    with Lexicon() as lexicon:
        return lexicon.read(text).codes


def test_words_have_the_same_character_in_the_next_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_spare", [])
    assert _codes("We keep data") == "\1\2\3"
    assert _codes("data we keep") == "\3\4\2"


def test_two_comparisons_at_a_time_share_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_spare", [])
    with Lexicon() as one, Lexicon() as other:
        assert one.read("We keep data").codes == other.read("you may leave").codes == "\1\2\3"
    assert len(reading._spare) == 2


def test_what_has_grown_past_its_bound_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _results(PAIRS)
    monkeypatch.setattr(reading, "_spare", [])
    monkeypatch.setattr(reading, "MOST_KNOWN", 6)
    with Lexicon() as lexicon:
        assert lexicon.read("We keep your data here").codes + lexicon.read("data we keep").codes == "\1\2\3\4\5\4\6\2"
    assert _codes("data") == "\1"
    assert _results(PAIRS) == expected


@pytest.mark.parametrize(("earlier", "first", "words"), [("&amp;", "&", 1), ("&", "&amp;", 0)])
def test_what_is_a_word_and_a_sign_does_not_depend_on_other_comparisons(
    earlier: str, first: str, words: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_spare", [])
    _codes(earlier)
    with Lexicon() as lexicon:
        assert lexicon.read(first).codes == lexicon.read(earlier).codes == "\1"
        assert len(lexicon.words("&")) == len(lexicon.words("&amp;")) == words
