"""What each usual edit is found to be."""

import pytest

from portal.rules.changes import Change, Comparison, compare

FIRST = "We keep your data for as long as you have an account with us."
SECOND = "You may object to marketing within 20 days of our notice."
THIRD = "Our partners process payments, and they must not use the data otherwise."
FOURTH = "This policy is governed by the laws of the place where we are."


def text(*blocks: str) -> str:
    return "\n\n".join(blocks) + "\n"


def only(result: Comparison) -> Change:
    (change,) = result.changes
    return change


def words(change: Change, old: str, new: str) -> list[tuple[str | None, str | None]]:
    return [(h.old and old[slice(*h.old)], h.new and new[slice(*h.new)]) for h in change.hunks]


BASE = text("# Policy", FIRST, SECOND, THIRD, FOURTH)


def test_a_reworded_clause_is_one_change_with_its_words() -> None:
    new = BASE.replace("20 days", "10 days").replace("may object", "must object")
    change = only(compare(BASE, new))
    assert (change.kind, change.cls, change.section) == ("modify", "text", ("Policy",))
    assert change.flags == ("number", "modal")
    assert words(change, BASE, new) == [("may", "must"), ("20", "10")]
    assert not change.minor


def test_a_new_clause_is_inserted_and_a_dropped_one_deleted() -> None:
    shorter = text("# Policy", FIRST, THIRD, FOURTH)
    added, dropped = only(compare(shorter, BASE)), only(compare(BASE, shorter))
    assert (added.kind, added.old, BASE[slice(*added.new or ())]) == ("insert", None, SECOND)
    assert (dropped.kind, dropped.new, BASE[slice(*dropped.old or ())]) == ("delete", None, SECOND)
    assert dropped.flags == ("number", "modal")


def test_a_moved_clause_is_told_as_moved_and_not_as_words() -> None:
    change = only(compare(BASE, text("# Policy", FOURTH, FIRST, SECOND, THIRD)))
    assert (change.kind, change.hunks, change.similarity, change.minor) == ("move", (), 1.0, False)


def test_a_moved_clause_may_be_reworded_too() -> None:
    new = text("# Policy", FOURTH.replace("laws", "courts"), FIRST, SECOND, THIRD)
    change = only(compare(BASE, new))
    assert change.kind == "move+modify"
    assert words(change, BASE, new) == [("laws", "courts")]


def test_a_paragraph_cut_in_two_is_split_and_back_merged() -> None:
    together = text("# Policy", f"{FIRST} {SECOND}", THIRD)
    apart = text("# Policy", FIRST, SECOND, THIRD)
    assert [(c.kind, c.cls) for c in compare(together, apart).changes] == [("split", "space")]
    assert [(c.kind, c.cls) for c in compare(apart, together).changes] == [("merge", "space")]


def test_a_paragraph_turned_into_a_list_is_split_without_a_word_changed() -> None:
    old = text("# T", "We collect: your name and address; the pages that you visit; and your payment details.", FIRST)
    items = ("We collect:", "- your name and address;\n- the pages that you visit; and\n- your payment details.")
    change = only(compare(old, text("# T", *items, FIRST)))
    assert (change.kind, change.cls) == ("split", "format")


def test_a_paragraph_turned_into_a_reworded_list_is_still_split_and_back_merged() -> None:
    run_on = (
        "We collect your name and address, the pages that you visit, your payment details and, where you allow it, "
        "your location."
    )
    items = ("Your name and address", "The pages that you visit", "Your payment details", "Your precise location")
    listed = "We collect:\n\n" + "\n".join(f"- {item}" for item in items) + ", where you allow it"
    old, new = text(FIRST, run_on, SECOND), text(FIRST, listed, SECOND)
    assert only(compare(old, new)).kind == "split"
    assert only(compare(new, old)).kind == "merge"
    kept = sum(len(part or "") for pair in words(only(compare(old, new)), old, new) for part in pair)
    assert kept < len(run_on)


def test_letters_of_a_paragraph_become_numbers_of_a_list() -> None:
    lettered = "You must not: (a) copy the service; (b) sell access to it; or (c) attack our networks."
    numbered = "You must not:\n\n1. copy the service;\n2. sell or rent access to it;\n3. attack our networks."
    old, new = text(FIRST, lettered, SECOND), text(FIRST, numbered, SECOND)
    change = only(compare(old, new))
    assert change.kind == "split"
    assert ("", "or rent ") in [(before or "", after or "") for before, after in words(change, old, new)]


def test_a_kept_sentence_in_a_rewritten_paragraph_stays() -> None:
    kept = "You may withdraw your consent at any time by writing to us."
    old = text(FIRST, f"Our company has always cared. {kept} Nothing else matters here for anybody at all.", FOURTH)
    new = text(FIRST, f"A brand new sentence about lawful processing. {kept} Quite another closing remark.", FOURTH)
    change = only(compare(old, new))
    assert change.kind == "modify"
    assert all(kept not in (part or "") for pair in words(change, old, new) for part in pair)


def test_a_short_kept_sentence_joins_two_paragraphs_that_share_nothing_else() -> None:
    kept = "You can withdraw consent at any time."
    old = text(FIRST, f"Old words begin the paragraph. {kept} And then they go on with nothing of weight.", FOURTH)
    new = text(FIRST, f"Fresh language opens this passage. {kept} Finally a closing remark, unlike all before.", FOURTH)
    change = only(compare(old, new))
    assert change.kind == "modify"
    assert all(kept not in (part or "") for pair in words(change, old, new) for part in pair)


@pytest.mark.parametrize(
    ("before", "after", "cls"),
    [
        ("4.2 The clause stands.", "4.3 The clause stands.", "numbering"),
        ("3. The item stands.", "4. The item stands.", "numbering"),
        ("See [our page](https://a.example/x).", "See [our page](https://b.example/y).", "link"),
        ("See https://a.example/x for more.", "See https://b.example/y for more.", "link"),
        ("This is important to us.", "This is **important** to us.", "format"),
        ("This is important to us.", "This is _important_ to us.", "format"),
        ("## A heading here", "### A heading here", "format"),
        ('We say "yes" to it.', "We say “yes” to it.", "typography"),
        ("We don't sell - ever.", "We don’t sell – ever.", "typography"),
        ("Some words\nin two lines.", "Some words in two lines.", "space"),
        ("One word, another word.", "One word another word.", "punctuation"),
        ("The fee is $20 a month.", "The fee is €20 a month.", "text"),
        ("Personal Data is ours.", "Personal data is ours.", "text"),
    ],
)
def test_a_change_has_the_class_of_what_a_reader_sees(before: str, after: str, cls: str) -> None:
    change = only(compare(text(before, FIRST), text(after, FIRST)))
    assert change.cls == cls
    assert change.minor == (cls not in ("text", "punctuation"))


def test_the_weightiest_hunk_gives_the_class() -> None:
    old, new = "See [our page](/a) within 20 days.\n", "See [our page](/b) within 10 **days**.\n"
    change = only(compare(old, new))
    assert change.cls == "text"
    assert [hunk.cls for hunk in change.hunks] == ["link", "text", "format"]


def test_a_front_matter_is_meta() -> None:
    old, new = "---\ntitle: A\n---\n\nWords.\n", "---\ntitle: B\n---\n\nWords.\n"
    assert only(compare(old, new)).cls == "meta"


def test_blank_lines_alone_are_a_change_of_space() -> None:
    change = only(compare("A.\n\nB.\n", "A.\n\n\nB.\n"))
    assert (change.kind, change.cls) == ("modify", "space")


@pytest.mark.parametrize(
    ("before", "after", "flag"),
    [
        ("within thirty days", "within twenty days", "number"),
        ("before 3 May 2024 at noon", "before 3 June 2024 at noon", "date"),
        ("we may share it", "we will share it", "modal"),
        ("we do share it", "we do not share it", "negation"),
        ("we can share it", "we can’t share it", "negation"),
    ],
)
def test_flags_name_what_legal_should_look_at_first(before: str, after: str, flag: str) -> None:
    assert flag in only(compare(f"It says: {before}.\n", f"It says: {after}.\n")).flags


@pytest.mark.parametrize(
    ("before", "after", "flag"),
    [
        ("Wir löschen nach drei Monaten", "Wir löschen nach vier Monaten", "number"),
        ("Wir dürfen sie weitergeben", "Wir müssen sie weitergeben", "modal"),
        ("Wir geben sie weiter", "Wir geben sie nicht weiter", "negation"),
        ("Gilt ab März", "Gilt ab Mai", "date"),
        ("Podemos conservarlos tres meses", "Podemos conservarlos seis meses", "number"),
        ("La empresa puede venderlos", "La empresa deberá venderlos", "modal"),
        ("Los vendemos", "Nunca los vendemos", "negation"),
        ("Vigente desde marzo", "Vigente desde abril", "date"),
    ],
)
def test_flags_know_german_and_spanish(before: str, after: str, flag: str) -> None:
    assert flag in only(compare(f"{before}.\n", f"{after}.\n")).flags


def test_an_unchanged_number_beside_a_changed_word_is_no_flag() -> None:
    assert only(compare("We wait 20 days and then act.\n", "We wait 20 weeks and then act.\n")).flags == ()


def test_a_number_is_replaced_whole() -> None:
    old, new = "The limit is 1,000 euros.\n", "The limit is 1,500 euros.\n"
    assert words(only(compare(old, new)), old, new) == [("1,000", "1,500")]


def test_edits_with_fewer_than_three_words_between_them_are_one() -> None:
    old, new = "Here one two three four five end.\n", "Here ONE two THREE four five end.\n"
    assert words(only(compare(old, new)), old, new) == [("one two three", "ONE two THREE")]


def test_an_inserted_sentence_is_marked_from_its_start_to_its_end() -> None:
    old = f"{FIRST} We may call. We may write.\n"
    new = f"{FIRST} We may call. We may visit. We may write.\n"
    assert words(only(compare(old, new)), old, new) == [(None, "We may visit. ")]
