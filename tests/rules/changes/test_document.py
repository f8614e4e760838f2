"""Blocks and sections of a text."""

import pytest

from portal.rules.changes import parse
from portal.rules.changes.document import number_of, plain, without_number

TEXT = """---
title: Policy
---

# Policy

Intro
on two lines.

## 1. Security

- one
- two

| a | b |
| --- | --- |
| c | d |

**Bold alone**

> quoted

## 1. Security

```
code

here
```

[ref]: https://example.com
"""


def test_each_leaf_is_a_block_of_its_kind() -> None:
    document = parse(TEXT)
    kinds = [block.kind for block in document.blocks]
    assert kinds == [
        *("meta", "heading", "paragraph", "heading", "item", "item", "row", "row", "row", "heading", "quote"),
        *("heading", "code", "definition"),
    ]
    assert document.contents[2] == "Intro\non two lines."
    assert document.contents[12] == "```\ncode\n\nhere\n```"


def test_sections_have_paths_spans_numbers_and_anchors_of_their_own() -> None:
    document = parse(TEXT)
    found = [(section.path, section.level, section.anchor, section.number) for section in document.sections]
    assert found == [
        (("Policy",), 1, "policy", None),
        (("Policy", "1. Security"), 2, "security", "1"),
        (("Policy", "1. Security", "Bold alone"), 7, "bold-alone", "1"),
        (("Policy", "1. Security"), 2, "security-2", "1"),
    ]
    start, end = document.sections[1].span
    assert document.text[start:end].startswith("## 1. Security")
    assert document.text[start:end].rstrip().endswith("> quoted")


def test_a_block_before_any_heading_is_in_no_section() -> None:
    document = parse("Words.\n\n# Heading\n")
    assert document.path(0) == ()
    assert document.path(1) == ("Heading",)


def test_renumbering_keeps_the_anchor() -> None:
    assert [parse(f"## {number} Objecting\n").sections[0].anchor for number in ("4.2", "5.1", "")] == ["objecting"] * 3


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("4.2 Objecting", "4.2", "Objecting"),
        ("## **4\\.2** Objecting", "4.2", "Objecting"),
        ("(a) the data", "a", "the data"),
        ("- iv) the data", "iv", "the data"),
        ("Section 4. Use", "4", "Use"),
        ("Article 12 Use", "12", "Use"),
        ("2024 was a year", None, "2024 was a year"),
        ("30 days", None, "30 days"),
        ("i.e. this", None, "i.e. this"),
        ("A right", None, "A right"),
    ],
)
def test_a_clause_number_is_told_from_other_numbers(text: str, number: str | None, rest: str) -> None:
    assert number_of(text) == number
    assert without_number(text) == rest


def test_plain_words_have_no_markup() -> None:
    assert plain("## **Your** [rights](/r 'x') \\& _our_ `code` &amp; duties ##") == "Your rights & our code & duties"


def test_an_empty_text_has_no_blocks() -> None:
    assert parse("").blocks == ()
