"""Changes in the rendered text: nothing lost, nothing broken, every change at one address."""

import io
import re
import zipfile
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings

from portal.rules.changes import compare, parse
from portal.web.markdown import rendered
from portal.web.redline import Redline, redline_of
from portal.web.redline.word import Tracked, word_document
from tests.rules.changes.texts import noise, revisions
from tests.support.redlined import Reader, word_texts, words_of

SAMPLES = Path(__file__).resolve().parents[2] / "policies_history"
TRACKED = Tracked("Lena Hofer", datetime(2026, 3, 1, 9, 0, tzinfo=UTC))


def redline(old: str, new: str) -> Redline:
    before, after = parse(old), parse(new)
    return redline_of(compare(before, after), before, after)


def sample_pairs() -> list[tuple[Path, Path]]:
    folders = [sorted(folder.glob("[0-9][0-9][0-9][0-9].md")) for folder in SAMPLES.iterdir() if folder.is_dir()]
    return [pair for versions in folders for pair in pairwise(versions)]


def assert_whole(found: Redline) -> None:
    """Balanced, without signs, each change at one address."""
    reader = Reader(found.whole)
    assert not reader.unbalanced
    assert not re.search("[\ue000-\ue01f]", found.whole)
    names = [name for name in reader.ids if name.startswith("change-") and not name.endswith("-from")]
    assert sorted(names) == sorted(f"change-{change.id}" for change in found.comparison.changes)


@pytest.mark.parametrize("pair", sample_pairs(), ids=lambda pair: f"{pair[0].parent.name}-{pair[1].stem}")
def test_a_sample_reads_as_the_new_text_without_what_was_removed_and_as_the_old_one_without_what_was_added(
    pair: tuple[Path, Path],
) -> None:
    old, new = (path.read_text(encoding="utf-8") for path in pair)
    found = redline(old, new)
    assert_whole(found)
    assert Reader(found.whole).accepted == Reader(rendered(new).html).accepted
    written = word_document(found, title="Sample", tracked=TRACKED)
    assert word_texts(written, "del") == words_of(new)
    assert sorted(word_texts(written, "ins")) == sorted(words_of(old))


def shows_all_it_says(text: str) -> bool:
    """Whether no fence of code begins within a paragraph and no row has cells beyond its table: what Markdown leaves
    out of the page on one side only cannot be compared on paper."""
    return " ```" not in text and not re.search(r"^\|.*([^|\n]|\| \|.*)$", text, re.MULTILINE)


whole_revisions = revisions().filter(lambda texts: all(map(shows_all_it_says, texts)))


@settings(max_examples=150, deadline=None)
@given(whole_revisions)
def test_any_revision_reads_as_the_new_text_without_what_was_removed(texts: tuple[str, str]) -> None:
    found = redline(*texts)
    assert_whole(found)
    assert Reader(found.whole).accepted == Reader(rendered(texts[1]).html).accepted
    for row in found.sides:
        assert not Reader(row.old).unbalanced
        assert not Reader(row.new).unbalanced


@settings(max_examples=100, deadline=None)
@given(whole_revisions)
def test_accepting_all_in_word_gives_the_new_text_and_refusing_all_the_old_one(texts: tuple[str, str]) -> None:
    written = word_document(redline(*texts), title="Any", tracked=TRACKED)
    assert word_texts(written, "del") == words_of(texts[1])
    # An item's number that became a part of other words is no word of its own any more.
    refused, old = (
        sorted(word for word in words if not word.isdigit())
        for words in (word_texts(written, "ins"), words_of(texts[0]))
    )
    assert refused == old


@settings(max_examples=200, deadline=None)
@given(noise, noise)
def test_whatever_stands_in_the_texts_the_page_stays_whole(old: str, new: str) -> None:
    found = redline(old, new)
    assert_whole(found)
    for change in found.comparison.changes:
        shown = found.shown(change)
        assert not any(Reader(piece).unbalanced for piece in (shown.inline, shown.before, shown.after))


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("We may share it.", "We must share it.", "We <del>may</del><ins>must</ins> share it."),
        (
            "We **may** share it.",
            "We **must** share it.",
            "We <strong><del>may</del><ins>must</ins></strong> share it.",
        ),
        ("See _our_ page.", "See _your_ page.", "See <em><del>our</del><ins>your</ins></em> page."),
        ("Keep it.", "Keep it [here](/x).", 'Keep it <ins></ins><a href="/x" rel="noopener"><ins>here</ins></a>.'),
        ("Use `a` here.", "Use `b` here.", "Use <del>a</del><code><ins>b</ins></code> here."),
    ],
)
def test_the_marks_stand_around_words_and_inside_of_markup(old: str, new: str, marked: str) -> None:
    html = redline(old, new).shown(redline(old, new).comparison.changes[0]).inline
    bare = re.sub(r'<span class="hidden">.*?</span>', "", html)
    assert f"<p>{marked.replace('<ins></ins>', '')}</p>" in bare.replace("  ", " ")


def test_a_removed_item_stays_in_its_list_and_the_numbers_are_those_of_their_texts() -> None:
    found = redline("1. One\n2. Two\n3. Three\n", "1. One\n2. Three\n")
    assert re.findall(r'<li value="(\d)">', found.whole) == ["1", "2", "2"]
    assert found.whole.count("<ol>") == 1
    assert "<del>" in found.whole


def test_a_removed_row_stays_in_its_table_and_alone_it_has_its_head() -> None:
    head = "| Data | Days |\n| --- | --- |\n"
    found = redline(f"{head}| Mail | 30 |\n| Calls | 60 |\n", f"{head}| Mail | 30 |\n")
    assert found.whole.count("<table>") == 1
    [change] = found.comparison.changes
    assert "<th" in found.shown(change).before
    assert "Calls" in found.shown(change).before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "```\nOurs\n```\n\nRead [this](https://example.com/a).\n",
            "```\nOurs\n``` Read [this](https://example.com/a).\n",
        ),
        ("Read [this](https://example.com/a).\n", "```\nRead [this](https://example.com/a).\n```\n"),
        ("```\nOne line\n", "```\nOne line of code\n"),
        ("```\nOne line\n```\n", "```\nOne line of code"),
    ],
)
def test_words_that_became_code_or_stand_behind_an_open_fence_lack_nothing_in_word(old: str, new: str) -> None:
    found = redline(old, new)
    assert Reader(found.whole).accepted == Reader(rendered(new).html).accepted
    written = word_document(found, title="Code", tracked=TRACKED)
    assert word_texts(written, "del") == words_of(new)
    assert sorted(word_texts(written, "ins")) == sorted(words_of(old))


def test_an_item_without_words_keeps_its_number_in_word() -> None:
    text = "We.\n\n30. 31. 32\n31.\n"
    written = word_document(redline(text, text), title="Item", tracked=TRACKED)
    assert word_texts(written, "del") == ["We", "30", "31", "32", "31"]


def test_a_number_from_another_paragraph_does_not_cling_to_the_word_before_it() -> None:
    written = word_document(redline("# our terms\n\n1. we\n", "# our terms 1. we\n"), title="Item", tracked=TRACKED)
    assert word_texts(written, "ins") == ["our", "terms", "1", "we"]


def test_removed_words_are_shown_where_a_rule_stands_in_their_place() -> None:
    same = "These words stand in both texts and fill a line."
    found = redline(f"---\n\n{same}\n\nWe.\n", f"{same}\n\n---\n")
    assert Reader(found.whole).refused == [*same.rstrip(".").split(), "We"]
    change = next(change for change in found.comparison.changes if change.cls == "text")
    inline = re.sub(r'<span class="hidden">.*?</span>', "", found.shown(change).inline)
    assert "<del>We.</del>" in inline
    assert inline.index("We.") < inline.index("---")


def test_a_moved_paragraph_has_links_both_ways() -> None:
    first, second, third = ("First words stand here.", "Second words stand there.", "Third words are last of all.")
    found = redline(f"{first}\n\n{second}\n\n{third}\n", f"{second}\n\n{third}\n\n{first}\n")
    [change] = found.comparison.changes
    assert change.kind == "move"
    assert f'href="#change-{change.id}-from"' in found.whole
    assert f'<span class="moved-from" id="change-{change.id}-from">' in found.whole
    assert "<del>" not in found.whole


def test_a_links_new_target_is_told_in_words() -> None:
    found = redline("Write [to us](/old).", "Write [to us](/new).")
    [note] = found.shown(found.comparison.changes[0]).notes
    assert note.text == "Link changed from /old to /new."
    assert note.text in found.whole


def test_markup_in_a_text_is_never_markup_of_the_page() -> None:
    found = redline(
        "A <script>alert(1)</script> \ue000x\ue003",
        "A <b onclick=x>word</b> [y](javascript:alert(1)) \ue008\ue010\ue00a",
    )
    for html in (found.whole, *(row.new for row in found.sides)):
        assert "<script" not in html
        assert "<b " not in html
        assert "javascript:alert" not in re.findall(r'href="([^"]*)"', html)
    assert_whole(found)


def test_the_word_file_names_who_and_when_and_carries_what_was_said() -> None:
    found = redline("We may share it.", "We must share it.")
    remarks = {found.comparison.changes[0].id: "Marketing: because."}
    file = zipfile.ZipFile(io.BytesIO(word_document(found, title="Privacy", tracked=TRACKED, remarks=remarks)))
    body = file.read("word/document.xml").decode()
    assert 'w:author="Lena Hofer" w:date="2026-03-01T09:00:00Z"' in body
    assert "<w:delText>may</w:delText>" in body
    assert "Marketing: because." in file.read("word/comments.xml").decode()
