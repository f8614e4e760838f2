"""The judge of comparisons and the planter of edits: what they say of texts whose answer is known."""

import random

from bench.judging import Marked, judged, least_script, summary, unavoidable_script
from bench.planting import found_of, plant
from portal.rules.changes import compare

PARAGRAPHS = [
    f"This is paragraph {name}, which tells of {thing} at enough length. It has another sentence about {thing} as well."
    for name, thing in [
        ("one", "cookies"), ("two", "invoices"), ("three", "backups"), ("four", "tickets"), ("five", "newsletters"),
        ("six", "surveys"), ("seven", "partners"), ("eight", "archives"), ("nine", "passwords"), ("ten", "phones"),
    ]
]  # fmt: skip
TEXT = "# Policy\n\n" + "\n\n".join(PARAGRAPHS) + "\n"


def test_a_hunk_inside_a_word_or_a_link_is_counted() -> None:
    old, new = "See [us](https://a.example/x) today.\n", "See [us](https://a.example/y) today.\n"
    at = old.index("/x") + 1
    figures = judged([Marked((at, at + 1), (at, at + 1)), Marked((0, 2), None)], old, new)
    assert (figures.hunks, figures.cut_links, figures.split_words) == (2, 1, 1)


def test_marking_what_nobody_sees_is_counted() -> None:
    figures = judged([Marked((0, 4), (0, 8))], "word here\n", "**word** here\n")
    assert figures.invisible == 1


def test_kept_words_between_two_marks_of_one_unit_are_a_gap() -> None:
    old, new = "One two three four five six seven.\n", "Uno two drei four five six sept.\n"
    marks = [Marked((0, 3), (0, 3)), Marked((8, 13), (8, 12)), Marked((28, 33), (27, 31))]
    assert (judged(marks, old, new).gaps, judged(marks, old, new).short_gaps) == (2, 1)
    apart = [Marked(mark.old, mark.new, unit) for unit, mark in enumerate(marks)]
    assert judged(apart, old, new).gaps == 0


def test_what_is_marked_is_told_as_a_share_of_a_minimal_script() -> None:
    old, new = "We keep it for 20 days.\n", "We keep it for 30 days.\n"
    assert least_script(old, new) == 4
    line = judged([Marked((0, 23), (0, 23))], old, new)
    assert summary([line])["marked_median"] == 46 / 4
    assert least_script(old, old) == 0


def test_a_passage_that_moved_need_not_be_marked_and_new_wording_must() -> None:
    first, second = (f"The {name} passage of ten words stands elsewhere too.\n" for name in ("first", "second"))
    assert least_script(f"{first}\n{second}", f"{second}\n{first}") > 0
    assert unavoidable_script(f"{first}\n{second}", f"{second}\n{first}") == 0
    assert unavoidable_script("We keep it.\n", "We keep it never.\n") == len(" never")
    assert unavoidable_script("See [us](/a).\n", "See **[us](/b)**.\n") == 0


def test_every_planted_edit_is_found() -> None:
    kinds = set()
    for seed in range(12):
        planted = plant(TEXT, random.Random(seed))
        kinds |= {(edit.kind, edit.cls) for edit in planted.edits}
        comparison = compare(TEXT, planted.text)
        assert found_of(planted, comparison, TEXT, planted.text) == (len(planted.edits), 0)
    assert kinds == {
        ("modify", "text"),
        ("modify", "link"),
        ("modify", "format"),
        ("insert", "text"),
        ("delete", "text"),
        ("split", "space"),
    }


def test_what_was_not_planted_is_told_as_false() -> None:
    planted = plant(TEXT, random.Random(1))
    other = planted.text.replace("# Policy", "# Quite another title")
    found, false = found_of(planted, compare(TEXT, other), TEXT, other)
    assert (found, false) == (len(planted.edits), 1)


def test_a_short_text_gets_no_edits() -> None:
    assert plant("# Short\n\nOne line.\n", random.Random(1)).edits == ()
