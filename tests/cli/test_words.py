"""`manage.py words`: the catalogues are whole, and what is missing, unused or broken in one is found."""

import ast
import json
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from portal.cli import Stop, catalogues
from portal.cli.catalogues import Words, faults, renewed, source_words, write
from portal.cli.words import words
from portal.rules.said import Plural, Said


@pytest.fixture(scope="module")
def source() -> Words:
    return source_words()


def small(*messages: str | tuple[str, ...] | list[str]) -> Words:
    """A source of these messages alone."""
    made = Words()
    for message in messages:
        made.add(message, locations=[("portal/web/page.py", 0)])
    return made


SOURCE = small("Good day", "Hello %(name)s,", "<b>Now</b>", ("%(num)s change", "%(num)s changes"), " and more")
GERMAN: dict[str, str | list[str]] = {
    "Good day": "Guten Tag",
    "Hello %(name)s,": "Guten Tag %(name)s,",
    "<b>Now</b>": "<b>Jetzt</b>",
    "%(num)s change": ["eine Änderung", "%(num)s Änderungen"],
    " and more": " und mehr",
}


def test_every_language_is_whole(source: Words) -> None:
    """What a missing, an unused or a broken message fails; `manage.py words` mends it, or says what to translate."""
    assert len(source) > 2_000
    assert catalogues.languages() == ["de", "es"]
    assert [f"{tag}: {fault}" for tag in catalogues.languages() for fault in faults(tag, source)] == []


def test_all_ways_to_mark_a_message_are_found(source: Words) -> None:
    for message in (
        "Fill this in.",  # gettext
        "There is no such page",  # later
        "This draft was dropped.",  # a refusal
        "A name has at most %(limit)s characters.",  # a refusal with a fact
        "holds a control character",  # what is said of a row
        "Every version of every policy stays at its own permanent address.",  # a template
        "Hello %(name)s,",  # a template of mails
        "The relay refuses one message after the other: %(trouble)s",  # what the portal notes
    ):
        assert source.get(message) is not None, message
    counted = ("%(num)s row is wrong, so nothing was brought in.", "%(num)s rows are wrong, so nothing was brought in.")
    found = source.get(counted)
    assert found is not None
    assert found.id == counted


def test_a_whole_catalogue_has_no_faults(tmp_path: Path) -> None:
    write("de", renewed("de", SOURCE, None, GERMAN), tmp_path)
    assert faults("de", SOURCE, tmp_path) == []


@pytest.mark.parametrize(
    ("english", "said", "fault"),
    [
        ("Good day", "", "is not translated"),
        ("%(num)s change", ["eine Änderung", ""], "is not translated"),
        ("%(num)s change", ["eine Änderung", "Änderungen"], "has other places"),
        ("Hello %(name)s,", "Guten Tag,", "has other places"),
        ("Hello %(name)s,", "Guten Tag %(Name)s,", "has other places"),
        ("Hello %(name)s,", "Guten Tag %(name)s zu 100 %,", "has a % that is no place"),
        ("<b>Now</b>", "<i>Jetzt</i>", "has other tags"),
        ("<b>Now</b>", "Jetzt", "has other tags"),
        ("Good day", 'Guten "Tag"', "has more straight quotation marks"),
        (" and more", "und mehr", "begins or ends otherwise"),
    ],
)
def test_a_broken_message_is_found(english: str, said: str | list[str], fault: str, tmp_path: Path) -> None:
    write("de", renewed("de", SOURCE, None, GERMAN | {english: said}), tmp_path)
    found = faults("de", SOURCE, tmp_path)
    assert found
    assert all(one.startswith(fault) and english[:4] in one for one in found)


def test_messages_that_are_missing_unused_or_guessed_are_found(tmp_path: Path) -> None:
    write("de", renewed("de", SOURCE, None, GERMAN), tmp_path)
    more = small(*(message.id for message in SOURCE if message.id), "Good night")
    assert faults("de", more, tmp_path)[0] == "is not in the catalogue: Good night"
    fewer = small("Good day")
    assert "is nowhere in the source: <b>Now</b>" in faults("de", fewer, tmp_path)
    guessed: Catalog = renewed("de", SOURCE, None, GERMAN)
    found = guessed.get("Good day")
    assert found is not None
    found.flags.add("fuzzy")
    assert isinstance(guessed, Words)
    write("de", guessed, tmp_path)
    assert faults("de", SOURCE, tmp_path)[0] == "is only guessed (fuzzy): Good day"


def test_a_compiled_catalogue_that_is_not_of_the_words_is_found(tmp_path: Path) -> None:
    write("de", renewed("de", SOURCE, None, GERMAN), tmp_path)
    path = tmp_path / "de" / "LC_MESSAGES" / "portal.po"
    path.write_text(path.read_text().replace("Guten Tag %", "Servus %"))
    assert faults("de", SOURCE, tmp_path) == ["portal.mo was not made from this portal.po: run manage.py words"]


def test_the_files_are_the_same_whenever_they_are_written(tmp_path: Path) -> None:
    written = []
    for name in ("one", "other"):
        write("de", renewed("de", SOURCE, None, GERMAN), tmp_path / name)
        folder = tmp_path / name / "de" / "LC_MESSAGES"
        written.append([(folder / f"portal.{end}").read_bytes() for end in ("po", "mo")])
    assert written[0] == written[1]
    for noise in (b"-Date", b"Generated-By", b"page.py:"):
        assert noise not in written[0][0]


def test_a_message_that_changed_is_a_new_one(tmp_path: Path) -> None:
    known = renewed("de", SOURCE, None, GERMAN)
    again = renewed("de", small("Good day!", ("Good day", "Good days")), known, {})
    assert [message.id for message in catalogues.missing(again)] == ["Good day!", ("Good day", "Good days")]


def test_check_changes_nothing_and_passes(capsys: pytest.CaptureFixture[str]) -> None:
    before = kept()
    assert words(check=True) == 0
    assert "whole in de, es" in capsys.readouterr().out
    assert kept() == before


def test_what_a_language_lacks_is_printed_to_be_filled_in(
    source: Words, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(catalogues, "languages", lambda: ["de"])
    monkeypatch.setattr(catalogues, "catalogue", lambda _: renewed("de", SOURCE, None, {}))
    assert words(missing="de") == 0
    lacking = json.loads(capsys.readouterr().out)
    assert lacking["Fill this in."] == ""
    assert lacking["%(num)s change"] == ["", ""]
    assert len(lacking) == len(source)


def test_what_was_translated_is_filled_in_and_what_has_no_place_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"Fill this in.": "Bitte ausfüllen!", "No such words": "x", "%(num)s change": "Änderung", "Sign in": ""}
    (tmp_path / "de.json").write_text(json.dumps(given))
    written = {}
    monkeypatch.setattr(catalogues, "write", lambda tag, made: written.update({tag: made}))
    assert words(fill=("de", tmp_path / "de.json")) == 0
    said = capsys.readouterr().out
    assert "nowhere in the source: No such words" in said
    assert "2 forms are wanted: %(num)s change" in said
    found = written["de"].get("Fill this in.")
    assert found.string == "Bitte ausfüllen!"
    assert written["de"].get("Sign in").string  # an empty one erases nothing
    assert set(written) == {"de", "es"}


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', '{"a": [1]}', "{"])
def test_a_file_that_is_none_of_translations_is_refused(content: str, tmp_path: Path) -> None:
    file = tmp_path / "de.json"
    file.write_text(content)
    with pytest.raises(Stop, match=r"de\.json"):
        words(fill=("de", file))


def test_a_language_without_a_catalogue_is_refused() -> None:
    with pytest.raises(Stop, match="no catalogue of 'tlh'"):
        words(missing="tlh")


def test_what_rules_say_is_english_and_knows_its_facts() -> None:
    rows = Plural("%(num)s row of %(all)s", "%(num)s rows of %(all)s")
    assert Said(rows, num=1, all=1000) == "1 row of 1,000"
    assert Said(rows, num=0, all=1000) == "0 rows of 1,000"
    assert Said("%(given)s is none of %(known)s, 100%", given="x", known=["a", "b"]) == "x is none of a, b, 100%"
    assert Said("%(nothing)s") == "%(nothing)s"


def kept() -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in catalogues.LOCALE.glob("*/LC_MESSAGES/*")}


def test_no_message_stands_in_an_f_string() -> None:
    """There the extractor sees it in some versions of Python, and not in others."""
    marks = {"_", "gettext", "ngettext", *catalogues.KEYWORDS}
    found = [
        f"{path}:{call.lineno}"
        for path in (catalogues.ROOT / "portal").rglob("*.py")
        for outer in ast.walk(ast.parse(path.read_text()))
        if isinstance(outer, ast.JoinedStr)
        for call in ast.walk(outer)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in marks
    ]
    assert found == []
