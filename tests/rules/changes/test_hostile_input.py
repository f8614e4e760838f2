"""Texts made to hurt: every comparison ends within bounds that are counts, so the assertion on time can be generous."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.rules.changes import apply_delta, canonical, compare, parse
from portal.rules.errors import RuleBroken

ROOT = Path(__file__).parents[3]
SECONDS = 20
MEGABYTES = 500


def words(count: int, seed: int = 1) -> list[str]:
    chance = random.Random(seed)
    return [f"w{chance.randrange(5000)}" for _ in range(count)]


def paragraphs(count: int, length: int, seed: int = 1) -> list[str]:
    every = words(count * length, seed)
    return [" ".join(every[at : at + length]) for at in range(0, len(every), length)]


def table(column: str) -> str:
    head = f"| name | value |{column and ' more |'}\n| --- | --- |{column and ' --- |'}\n"
    return head + "".join(f"| row {n} name | value {n} |{column}\n" for n in range(2000))


def shuffled(parts: list[str]) -> list[str]:
    return random.Random(2).sample(parts, len(parts))


CASES = {
    "a megabyte in a line": (" ".join(words(170_000))[:990_000], " ".join(words(170_000, 2))[:990_000]),
    "a megabyte of one word": ("a" * 990_000, "a" * 490_000 + "b" * 490_000),
    "all paragraphs different": ("\n\n".join(paragraphs(5_000, 8)), "\n\n".join(paragraphs(5_000, 8, 2))),
    "20,000 repeats": ("Same text here. " * 20_000, "Same text here. " * 10_000),
    "repeated paragraphs": ("Same text here.\n\n" * 9_000, "Same text here.\n\n" * 5_000),
    "all paragraphs moved": ("\n\n".join(paragraphs(5_000, 9)), "\n\n".join(shuffled(paragraphs(5_000, 9)))),
    "combining marks": ("e\u0301 " * 100_000, "e\u0300 " * 100_000),
    "one endless mark": ("a" + "\u0301" * 300_000, "a" + "\u0301" * 299_999 + "b"),
    "right to left": ("שלום עולם " * 30_000, "שלום עולמ " * 30_000),
    "emoji": ("👩\u200d⚖️ " * 40_000, "👨\u200d⚖️ " * 40_000),
    "Chinese without a space": ("\u4e2d\u6587" * 100_000, "\u4e2d\u6587" * 90_000 + "\u6587" * 10_000),
    "deep quotes": (">" * 300_000 + " x", "> " * 300_000 + " y"),
    "deep lists": ("- " * 300_000 + " x", "- " * 299_999 + " y"),
    "indented lists": (
        "\n".join("  " * n + "- a" for n in range(900)),
        "\n".join("  " * n + "- b" for n in range(900)),
    ),
    "open brackets": ("[" * 900_000, "[" * 900_000 + "]"),
    "half links": ("](" * 200_000, "](" * 200_000 + ")"),
    "half tags": ("<" * 400_000, "<a" * 200_000),
    "half comments": ("<!--" * 200_000, "<!--" * 200_000 + "-->"),
    "stars": ("*" * 900_000, "_*" * 400_000),
    "half entities": ("&a" * 150_000, "&#" * 150_000),
    "half addresses": ("http" * 200_000, "https://" * 100_000),
    "blank lines": ("\n" * 490_000 + "x", "x" + "\n" * 490_000 + "y"),
    "a long table with a new column": (table(""), table(" new |")),
    "a table of 2,000 other rows": (table(""), table("").replace("value", "worth").replace("name", "title")),
    "a front matter without end": ("---\n" + "a: b\n" * 50_000 + "x", "---\n" + "a: b\n" * 50_000 + "---\n"),
    "a paragraph cut into sentences": (". ".join(paragraphs(3_000, 9)), ".\n\n".join(paragraphs(3_000, 9))),
}

LARGE = (
    "a megabyte in a line",
    "all paragraphs different",
    "half tags",
    "half links",
    "a long table with a new column",
)


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    begin = time.process_time()
    yield
    assert time.process_time() - begin < SECONDS


@pytest.mark.parametrize("name", CASES)
def test_hostile_texts_are_compared_within_bounds_and_lose_nothing(name: str) -> None:
    old, new = map(canonical, CASES[name])
    result = compare(old, new)
    assert apply_delta(old, result.delta) == new
    assert result.changes


def test_the_largest_hostile_texts_one_after_the_other_take_less_than_500_megabytes() -> None:
    script = (
        f"import runpy; from pathlib import Path; here = runpy.run_path({__file__!r})\n"
        f"for name in {LARGE}: here['compare'](*map(here['canonical'], here['CASES'][name]))\n"
        # Not `ru_maxrss`, which begins with what the process that started this one had.
        "peak = next(line for line in Path('/proc/self/status').read_text().splitlines() if 'VmHWM' in line)\n"
        "print(int(peak.split()[1]) // 1024)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < MEGABYTES


def test_a_hundred_thousand_paragraphs_are_refused() -> None:
    with pytest.raises(RuleBroken) as refusal:
        canonical("word.\n\n" * 100_000)
    assert refusal.value.code == "text_too_large"
    assert refusal.value.facts == {"what": "blocks", "limit": 10_000}


def test_twenty_thousand_items_are_refused_by_the_parser() -> None:
    with pytest.raises(RuleBroken) as refusal:
        parse("- word\n" * 20_000)
    assert refusal.value.code == "text_too_large"


def test_what_is_compared_as_a_whole_is_marked_as_degraded() -> None:
    old, new = CASES["a megabyte in a line"]
    assert compare(old, new).degraded
    assert not compare("A word here.\n", "A term here.\n").degraded
