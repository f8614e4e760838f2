"""Groups, labels, ids and what happened to sections."""

from portal.rules.changes import SectionEvent, compare

WORDS = "with enough words to be told from any other clause here"


def test_one_spelling_in_many_places_is_one_group() -> None:
    old = "".join(f"Clause {n} of the organisation and its organisations {WORDS}.\n\n" for n in range(273))
    new = old.replace("organis", "organiz").replace("Clause 5 of", "Clause 5 about")
    changes = compare(old, new).changes
    assert len(changes) == 273
    groups = [change.group for change in changes]
    assert len(set(groups)) == 2
    assert groups.count(groups[0]) == 272


def test_a_new_column_is_one_group() -> None:
    old = "| Name | For |\n| --- | --- |\n| A | hosting |\n| B | mail |\n"
    new = "| Name | For | Where |\n| --- | --- | --- |\n| A | hosting | US |\n| B | mail | IE |\n"
    changes = compare(old, new).changes
    assert [change.kind for change in changes] == ["modify"] * 4
    assert {change.group for change in changes} == {"g1"}


def test_a_column_in_the_middle_is_one_group_with_the_row_of_dashes() -> None:
    two = "| Name | For |\n| --- | --- |\n| A | hosting |\n| B | mail |\n"
    three = "| Name | Where | For |\n| --- | --- | --- |\n| A | US | hosting |\n| B | IE | mail |\n"
    for old, new in ((two, three), (three, two)):
        changes = compare(old, new).changes
        assert [change.kind for change in changes] == ["modify"] * 4
        assert {change.group for change in changes} == {"g1"}


def test_clauses_added_in_a_row_are_one_group_and_others_are_not() -> None:
    old = f"# A\n\nFirst {WORDS}.\n\nSecond {WORDS}.\n"
    new = f"# A\n\nFirst {WORDS}.\n\nQuite new.\n\nNew as well.\n\nSecond {WORDS}.\n\nVery last.\n"
    changes = compare(old, new).changes
    assert [change.kind for change in changes] == ["insert"] * 3
    assert changes[0].group == changes[1].group != changes[2].group


def test_a_dropped_second_copy_is_one_group_and_said_to_be_still_present() -> None:
    once = f"# Policy\n\nFirst {WORDS}.\n\n## Sub\n\nSecond {WORDS}.\n\n"
    changes = compare(once + once, once).changes
    assert [change.kind for change in changes] == ["delete"] * 4
    assert {change.group for change in changes} == {"g1"}
    assert all("elsewhere" in change.flags for change in changes)


def test_sections_are_renamed_renumbered_added_removed() -> None:
    old = f"# T\n\n## 1. Security\n\nA {WORDS}.\n\n## 2. Use\n\nB {WORDS}.\n\n## 3. Old things\n\nC {WORDS}.\n"
    new = f"# T\n\n## 1. How we protect\n\nA {WORDS}.\n\n## 3. Use\n\nB {WORDS}.\n\n## 4. Cookies\n\nNothing alike.\n"
    assert compare(old, new).sections == (
        SectionEvent("renamed", ("T", "1. Security"), ("T", "1. How we protect")),
        SectionEvent("renumbered", ("T", "2. Use"), ("T", "3. Use")),
        SectionEvent("added", None, ("T", "4. Cookies")),
        SectionEvent("removed", ("T", "3. Old things"), None),
    )


def test_a_section_under_quite_another_heading_is_known_by_what_stands_below_it() -> None:
    contact = f"Contact {WORDS}, as before."
    old = f"# T\n\n## 2. Offers\n\nWe send letters {WORDS}.\n\n## 3. Contact\n\n{contact}\n"
    new = f"# T\n\n## 2. Contact\n\n{contact}\n\n## 3. Being told of news\n\nWe send letters and cards {WORDS}.\n"
    result = compare(old, new)
    assert SectionEvent("renamed", ("T", "2. Offers"), ("T", "3. Being told of news")) in result.sections
    assert {event.event for event in result.sections} <= {"renamed", "renumbered", "moved"}
    assert not {"insert", "delete"} & {change.kind for change in result.changes}


def test_a_section_of_other_words_under_another_heading_is_another_section() -> None:
    old = f"# T\n\nFirst {WORDS}.\n\n## Offers\n\nWe send letters about this and that to you.\n\n## End\n"
    new = old.replace("Offers", "Children").replace(
        "We send letters about this and that to you.", "Nobody below sixteen years is asked for consent."
    )
    events = {event.event for event in compare(old, new).sections}
    assert events in ({"added", "removed"}, {"renamed"})


def test_a_section_under_another_heading_is_reparented() -> None:
    old = f"# A\n\nFirst {WORDS}.\n\n## Sub\n\nUnder {WORDS}.\n\n# B\n\nSecond {WORDS}.\n"
    new = old.replace("## Sub", "# New top\n\nNew words of it.\n\n## Sub")
    events = {(event.event, event.new) for event in compare(old, new).sections}
    assert events == {("added", ("New top",)), ("reparented", ("New top", "Sub"))}


def test_a_moved_section_is_moved() -> None:
    parts = [f"## {name}\n\n{name} says things {WORDS}.\n\n" for name in ("One", "Two", "Three")]
    result = compare("".join(parts), parts[2] + parts[0] + parts[1])
    assert result.sections == (SectionEvent("moved", ("Three",), ("Three",)),)
    assert {change.kind for change in result.changes} == {"move"}


def test_the_label_is_the_nearest_clause_number() -> None:
    old = f"## 4. Notice\n\n4.2 We tell {WORDS}.\n\nThen we wait {WORDS}.\n"
    new = old.replace("tell", "mail").replace("wait", "act")
    assert [change.label for change in compare(old, new).changes] == ["4.2", "4"]


def test_an_id_stays_when_other_clauses_come_before() -> None:
    old = f"# A\n\nFirst {WORDS}.\n\nSecond says yes {WORDS}.\n"
    new = old.replace("yes", "no")
    (change,) = compare(old, new).changes
    later = compare(old, new.replace("# A\n\n", "# A\n\nQuite new words.\n\n")).changes
    assert change.id in {other.id for other in later}


def test_equal_insertions_have_ids_of_their_own() -> None:
    first, second = compare("# A\n\nWords.\n", "# A\n\nSame.\n\nWords.\n\nSame.\n").changes
    assert first.id != second.id
