"""A policy's Markdown becomes clean HTML, with ids that stay."""

import pytest

from portal.rules.changes import parse
from portal.web.markdown import rendered, rendered_piece


def test_headings_start_at_two_and_carry_the_ids_of_their_sections() -> None:
    text = "# Policy\n\n## 1. Scope\n\nWords.\n\n## 2. Scope\n\n###### Deep\n"
    html = rendered(text).html
    for section in parse(text).sections:
        assert f'id="{section.anchor}"' in html
    assert "<h2" in html
    assert "<h3" in html
    assert "<h6" in html
    assert "<h1" not in html


def test_renumbering_keeps_an_id() -> None:
    assert 'id="scope"' in rendered("## 1. Scope\n").html
    assert 'id="scope"' in rendered("## 7. Scope\n").html


def test_the_contents_leave_out_the_title_and_what_lies_deeper_than_two_levels() -> None:
    text = "# Policy\n\n## A\n\n### B\n\n#### C\n\n## D\n"
    assert rendered(text).contents == ((2, "a", "A"), (3, "b", "B"), (2, "d", "D"))


def test_a_text_of_one_heading_needs_no_contents() -> None:
    assert rendered("# Policy\n\nWords.\n").contents == ()


def test_ids_of_the_page_itself_are_not_taken() -> None:
    assert 'id="main"' not in rendered("## Main\n").html
    assert rendered("## A\n\n## Main\n").contents[1][1] == "section-main"


def test_pieces_have_no_ids_since_several_stand_on_a_page() -> None:
    assert "id=" not in rendered_piece("## A\n\nText[^1]\n\n[^1]: Note\n")


def test_a_wide_table_scrolls_by_itself_and_is_named() -> None:
    html = rendered("## Data\n\n| a | b |\n|:-:|--:|\n| 1 | 2 |\n").html
    assert '<div class="table-scroll" tabindex="0" role="region" aria-labelledby="data">' in html
    assert '<th scope="col" class="align-center">a</th>' in html


def test_data_about_the_text_are_not_read() -> None:
    html = rendered("---\ntitle: Terms\n---\n\n# Terms\n").html
    assert "title:" not in html
    assert 'id="terms"' in html


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "![x](http://e.example/x.png)",
        "<img src=x onerror=alert(1)>",
        '[x](https://e.example "t" onmouseover=alert(1))',
        "<style>*{display:none}</style>",
        "<form action=https://e.example>",
        "[x]: javascript:alert(1)\n[x]",
        "| a |\n|:-:|\n| <svg onload=alert(1)> |",
    ],
)
def test_nothing_in_a_text_runs_or_is_fetched(hostile: str) -> None:
    html = str(rendered(f"# T\n\n{hostile}\n").html)
    for sign in ("<script", "<img", "<svg", "<style", "<form", 'href="javascript', 'href="data', "style="):
        assert sign not in html


def test_footnotes_lead_there_and_back() -> None:
    html = rendered("Text[^1]\n\n[^1]: Note\n").html
    assert 'href="#fn1"' in html
    assert 'id="fn1"' in html
    assert 'href="#fnref1"' in html
