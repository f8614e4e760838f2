"""`manage.py bench changes`: all peers on the same pairs; what it says is judged here, its times never are."""

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from bench.pairs import sample_pairs
from portal.cli import main

OLD = (
    "# Policy\n\nYou may object within 20 days.\n\nSee [our page](https://a.example/long/path).\n\nWe ask you first.\n"
)
NEW = (
    "# Policy\n\nYou may object within 10 days.\n\nSee [our page](https://b.example/long/path).\n\nWe tell you first.\n"
)
SAME_WORDS = ("Words that stand.\n\nOthers follow here.\n", "Words that stand.\n\nOthers **follow** here.\n")
QUALITY = {
    "split_words_percent",
    "cut_links_percent",
    "across_blocks_percent",
    "invisible_percent",
    "short_gaps_percent",
    "marked_median",
    "marked_p95",
    "marked_unavoidable_median",
}


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    entries = []
    for number, texts in enumerate([(OLD, NEW), SAME_WORDS]):
        names = [f"{number}.old.md", f"{number}.new.md"]
        for name, text in zip(names, texts, strict=True):
            (tmp_path / name).write_text(text)
        entries.append({"id": str(number), "old": names[0], "new": names[1]})
    file = tmp_path / "pairs.json"
    file.write_text(json.dumps(entries))
    return file


def status(*arguments: object) -> int | str | None:
    with pytest.raises(SystemExit) as end:
        main(["bench", "changes", *map(str, arguments)])
    return end.value.code


def test_every_peer_is_judged_on_the_same_pairs(pairs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not status("--pairs", pairs, "--json")
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    rows = {row["peer"]: row for row in report["rows"]}
    assert (report["pairs"], report["characters"], report["reproducible"]) == (
        2,
        len(OLD + NEW) + len("".join(SAME_WORDS)),
        True,
    )
    assert set(rows) == {
        "ours",
        "git diff --word-diff",
        "diff-match-patch, characters",
        "diff-match-patch, tokens",
        "fast-diff-match-patch, tokens",
        "rapidfuzz, tokens",
        "jsdiff, words",
        "lxml.html.diff",
    }
    missing = {name for name, row in rows.items() if row["why_not"]}
    assert missing <= ({"jsdiff, words"} if not shutil.which("npm") else set())
    for name in set(rows) - missing - {"lxml.html.diff"}:
        assert set(rows[name]["quality"]) == QUALITY, name
        assert rows[name]["ms_median"] > 0, name
    ours = rows["ours"]["quality"]
    assert rows["ours"]["lossless_percent"] == 100
    assert (ours["split_words_percent"], ours["cut_links_percent"], ours["invisible_percent"]) == (0, 0, 0)
    assert rows["diff-match-patch, characters"]["quality"]["split_words_percent"] > 0
    assert rows["rapidfuzz, tokens"]["lossless_percent"] == 100


def test_the_table_and_the_plot_are_written(pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not status("--pairs", pairs, "--out", tmp_path / "out")
    page = (tmp_path / "out" / "changes.md").read_text()
    assert "manage.py bench changes --pairs pairs.json" in page
    assert "| **ours** |" in page
    assert "exactly the same" in page
    assert str(tmp_path) not in page
    plot = ET.parse(tmp_path / "out" / "changes.svg").getroot()
    names = [text.text for text in plot.iter("{http://www.w3.org/2000/svg}text")]
    assert "git diff --word-diff" in names
    assert str(tmp_path / "out" / "changes.svg") in capsys.readouterr().out


def test_without_pairs_the_samples_are_compared() -> None:
    found = {pair.id: pair for pair in sample_pairs()}
    assert "contact-forms:0001-0002" in found
    assert any("+" in name for name in found)
    assert all(pair.old != pair.new for pair in found.values())


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("no json at all", "pairs.json"),
        ('[{"id": "1", "old": "0.old.md"}]', "pairs.json"),
        ('[{"id": "1", "old": "0.old.md", "new": "absent.md"}]', "absent.md"),
        ("[]", "no pairs"),
    ],
)
def test_a_list_of_pairs_that_is_none_is_refused(
    pairs: Path, content: str, wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs.write_text(content)
    assert status("--pairs", pairs) == 2
    assert wanted in capsys.readouterr().err
