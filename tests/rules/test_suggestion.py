"""A suggestion rests on words, on the section, or on the form alone, and says so."""

import pytest

from portal.rules.changes import compare
from portal.rules.changes.result import Change
from portal.rules.suggestion import Ground, Suggestion, Vocabulary, alike, suggestion

VOCABULARY = Vocabulary.of(
    {
        "marketing": "Marketing: newsletter and offers, by your data",
        "service": "Running the service, backups, your data",
        "werbung": "Newsletter-Versand und Werbung",
    }
)


def change(old: str, new: str) -> Change:
    [found] = compare(f"# Policy\n\n## Clause\n\n{old}\n", f"# Policy\n\n## Clause\n\n{new}\n").changes
    return found


def test_the_words_that_changed_tell_the_purpose_and_are_named() -> None:
    reworded = change("We send you mail twice.", "We send you offers and backups twice.")
    found = suggestion(reworded, "offers and backups", VOCABULARY, {})
    assert found == Suggestion(("marketing", "service"), Ground.WORDS, ("offers", "backups"))


def test_a_word_of_two_purposes_tells_neither() -> None:
    assert suggestion(change("We keep it well.", "We keep your data well."), "your data", VOCABULARY, {}) is None


def test_the_section_is_told_by_what_its_changes_touched_before() -> None:
    reworded = change("We keep it well.", "We keep it badly.")
    earlier: dict[tuple[str, ...], frozenset[str]] = {("Policy", "Clause"): frozenset({"service"})}
    assert suggestion(reworded, "badly", VOCABULARY, earlier) == Suggestion(("service",), Ground.SECTION, ("Clause",))


def test_a_change_of_form_alone_is_suggested_to_be_editorial() -> None:
    bold = change("We keep it well.", "We keep it **well**.")
    assert suggestion(bold, "well", VOCABULARY, {}) == Suggestion((), Ground.FORM, ("format",))


@pytest.mark.parametrize("new", ["We must keep it for 30 days.", "We may keep it for 60 days.", "We never keep it."])
def test_what_legal_should_look_at_first_is_never_suggested_to_be_editorial(new: str) -> None:
    found = suggestion(change("We may keep it for 30 days.", new), "", VOCABULARY, {})
    assert found is None or found.purposes


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("newsletter", "newsletters"),
        ("werbung", "werbungen"),
        ("oferta", "ofertas"),
    ],
)
def test_words_are_alike_but_for_their_endings(one: str, other: str) -> None:
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(("one", "other"), [("mail", "mailing"), ("service", "serve"), ("market", "marketplaces")])
def test_words_with_another_stem_or_a_long_ending_are_not_alike(one: str, other: str) -> None:
    assert not alike(one, other)
    assert not alike(other, one)
