"""Markdown's marks are taken away from words that members read."""

import pytest

from portal.web.plain_words import below_title, plain_parts, plain_words


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("## Contact", "Contact"),
        ("| Sign-ins | Security | 14 days |", "Sign-ins │ Security │ 14 days"),
        ("- **What it costs.** Nothing.", "• What it costs. Nothing."),
        ("under *Settings* or by mail", "under Settings or by mail"),
        ("see [our page](https://example.org/a)", "see our page (https://example.org/a)"),
        ("[x@example.org](mailto:x@example.org)", "x@example.org"),
        (r"5 \* 3 \_ 2", "5 * 3 _ 2"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("snake_case stays, __strong__ goes", "snake_case stays, strong goes"),
        ("", ""),
    ],
)
def test_marks_go_and_words_stay(markdown: str, words: str) -> None:
    assert plain_words(markdown) == words


def test_blanks_between_the_pieces_of_a_change_stay() -> None:
    parts = plain_parts([("same", "kept for "), ("removed", "30"), ("added", "60"), ("same", " days.")])
    assert "".join(text for operation, text in parts if operation != "removed") == "kept for 60 days."


def test_piece_of_a_mark_alone_disappears() -> None:
    assert plain_parts([("same", "## "), ("removed", "Contacting us"), ("added", "Contact")])[0][1].strip() == ""


@pytest.mark.parametrize(
    ("section", "text", "left"),
    [
        (("Policy", "News"), "# Policy\n\n## News\n", ("News",)),
        (("Policy",), "# Policy\n", ("Policy",)),
        (("Other", "News"), "# Policy\n", ("Other", "News")),
        ((), "# Policy\n", ()),
    ],
)
def test_own_title_of_the_text_is_left_out(section: tuple[str, ...], text: str, left: tuple[str, ...]) -> None:
    assert below_title(section, text) == left
