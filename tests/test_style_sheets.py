"""The style sheets know start and end, not left and right: so pages turn round in languages from right to left."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[1] / "static"
SHEETS = sorted(STATIC.glob("*.css"))
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DECLARATION = re.compile(r"(?<=[{;\s])([a-z-]+)\s*:\s*([^;{}]+)")
SIDED = re.compile(r"(^|-)(left|right)(-|$)")
SHORTHANDS = ("margin", "padding", "inset", "border-width", "border-style", "border-color", "scroll-margin")


def sided(sheet: str) -> list[str]:
    """Every declaration that means the same side in all directions of writing."""
    found = []
    for name, value in DECLARATION.findall(COMMENT.sub("", sheet)):
        words = re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", "()", value.replace("!important", "")).split()
        by_side = name in SHORTHANDS and len(words) == 4 and words[1] != words[3]
        by_value = name in ("text-align", "float", "clear") and words[0] in ("left", "right")
        if SIDED.search(name) or by_side or by_value:
            found.append(f"{name}: {value.strip()}")
    return found


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_nothing_has_a_left_or_a_right(sheet: Path) -> None:
    assert sided(sheet.read_text(encoding="utf-8")) == []


def test_what_has_one_would_be_found() -> None:
    sheet = """a { margin-left: 1rem; } b { text-align:right } c { padding: 1px 2px 3px 4px; } /* left: 0 */
      d { left: 0; float: left; border-right-width: 2px } e { padding: 0 1px 0 1px; float: inline-start }
      f { margin: calc(1px + 2px) 0 0; }"""
    assert [one.partition(":")[0] for one in sided(sheet)] == [
        "margin-left",
        "text-align",
        "padding",
        "left",
        "float",
        "border-right-width",
    ]
