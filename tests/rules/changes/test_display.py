"""The words of a change as pages show them."""

from portal.rules.changes import Segment, blocks_at, compare, marked, parse


def test_a_rewording_shows_what_was_kept_deleted_and_inserted() -> None:
    old, new = "We keep it 20 days.\n", "We keep it 10 days only.\n"
    (change,) = compare(old, new).changes
    assert marked(change, old, new) == (
        Segment("equal", "We keep it ", ""),
        Segment("delete", "20 days", "text"),
        Segment("insert", "10 days only", "text"),
        Segment("equal", ".", ""),
    )


def test_an_insertion_a_deletion_and_a_move_show_whole() -> None:
    old, new = "First words here.\n\nGone.\n", "First words here.\n\nQuite new.\n"
    deletion, insertion = compare(old, new).changes
    assert marked(deletion, old, new) == (Segment("delete", "Gone.", "text"),)
    assert marked(insertion, old, new) == (Segment("insert", "Quite new.", "text"),)


def test_the_blocks_of_a_change_say_how_to_render_it() -> None:
    document = parse("# Head\n\n- item\n\nWords.\n")
    assert [block.kind for block in blocks_at(document, (0, 6))] == ["heading"]
    assert [block.kind for block in blocks_at(document, (8, 20))] == ["item", "paragraph"]
